"""Series that are asked though their dates would spare them: do dates of listings hold here?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harvester.model.dates import Window, day_of
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.planner.families import Family
from harvester.planner.inputs import EvidenceSource, of_run
from harvester.planner.intervals import DayRange, range_of, subtract_all
from harvester.planner.rule_trials import quota
from harvester.planner.series import SeriesReader, SeriesState
from harvester.planner.series_evidence import SeriesEvidence, counted_before


class DateTrials:
    """Chooses the series of one question that try the rule about dates, and judges all it can.

    People edit dates, so what one item shows is evidence about its whole kind: one event before
    a date, and none of the kind's dates spares anything any more.
    """

    def __init__(
        self,
        inputs: PlanInputs,
        known: EvidenceSource,
        family: Family,
        reader: SeriesReader,
        tried_elsewhere: Iterable[Window] = (),
    ) -> None:
        """Try the rule on one question of a family.

        Args:
            tried_elsewhere: days of another timeline that is evidence about the same events: the
                rule is tried there.
        """
        self._number = inputs.number
        self._family = family
        self._reader = reader
        self._elsewhere = [range_of(each) for each in tried_elsewhere]
        self._rule = (Rule.BEFORE_FIRST_ONLINE, family.kind, family.counter)
        self._quota = quota(known, *self._rule, inputs.number)
        self._tried = 0
        self._broken = ""

    def prefer_newest(self, dated_after: int) -> None:
        """Make half of the trials on the youngest that are dated after a day.

        The others are the first by id: the lower the id beside such a date, the less likely it is.
        """
        newest = self._reader.newest_dated_after(dated_after)
        self._quota = self._quota.with_some_of(newest)

    def take(
        self, entity: int, series_evidence: SeriesEvidence, left: Sequence[DayRange]
    ) -> list[DayRange]:
        """The days that are asked as a trial; empty: the date spares them, or nothing does.

        What another rule spares as well tries nothing.
        """
        if series_evidence.first_online is None:
            return []
        undated = replace(series_evidence, first_online=None)
        alone = subtract_all(
            undated.may_have_events(left),
            [*series_evidence.may_have_events(left), *self._elsewhere],
        )
        return alone if alone and self._quota.takes(entity) else []

    def look(self, view: SeriesState) -> None:
        """Judge what this run has read of a series before its date, as a trial or anyhow."""
        date = self._reader.dated(view.entity)
        if date is None:
            return
        mine = [
            each
            for each in of_run(view.own, self._number)
            if each.is_answer and not each.state.is_derived and each.first < date
        ]
        early = [each for each in mine if each.last < date]
        history = self._reader.history(view)
        is_read = history is not None and any(first < date for first, _, _ in history.readings)
        if not mine or not (early or is_read):
            return
        self._tried += 1
        is_counted = history is not None and counted_before(history, date)
        if is_counted or any(each.value for each in early):
            family = self._family
            self._broken = self._broken or (
                f"{family.kind} {view.entity}, {family.counter}: events before {day_of(date)},"
                " the earliest of its dates"
            )

    @property
    def hold(self) -> bool:
        """Whether no date has been found wrong."""
        return not self._broken

    def made(self) -> list[RuleTrial]:
        """What the series that were looked at show; nothing where there was none."""
        said = self._broken or f"held for {self._tried} series that were asked all the same"
        holds = not self._broken
        return [RuleTrial(*self._rule, self._tried, holds, said)] if self._tried else []
