"""Breakdowns: asked for the periods in which events may lie, in the fewest windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harvester.model.dates import Window, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Wanted
from harvester.model.request import Request
from harvester.model.rules import Contradiction, Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.coverage import cell_edge, widened
from harvester.planner.date_trials import DateTrials
from harvester.planner.families import Family
from harvester.planner.inputs import EvidenceSource, of_run
from harvester.planner.intervals import (
    DayRange,
    intersect,
    range_of,
    range_window,
    subtract_all,
    union,
)
from harvester.planner.planned import NotNeeded, Planned, planned
from harvester.planner.rule_trials import TrialQuota, quota
from harvester.planner.series import (
    MissingDays,
    SeriesReader,
    SeriesState,
    earlier_answers,
    has_rows,
)
from harvester.planner.series_evidence import SeriesEvidence
from harvester.planner.spared import covered_lines, quiet_lines
from harvester.planner.step import Conclusion
from harvester.planner.windows import fewest_windows, split_window


class Breakdown:
    """Plans one breakdown of a family and compares its answers with the timeline."""

    def __init__(
        self,
        inputs: PlanInputs,
        known: EvidenceSource,
        family: Family,
        evidence: Family | None,
        wanted: Wanted,
    ) -> None:
        """Plan for one breakdown.

        Args:
            evidence: the family whose timeline tells where events are; None: none does.
        """
        if wanted.window is None or wanted.question.granularity is None:
            raise ValueError(f"{wanted.question.key} needs a window and a granularity")
        self._inputs = inputs
        self._known = known
        self._family = family
        self._has_timeline = evidence is not None and evidence.fine is not None
        self._question = wanted.question
        self._window: Window = wanted.window
        self._granularity: Granularity = wanted.question.granularity
        self._reader = SeriesReader(inputs, known, family, evidence)
        tried = evidence.fine_windows if evidence else ()
        self._dates = DateTrials(inputs, known, family, self._reader, tried)
        self._doubted = known.contradicted(wanted.question)

    def items(self) -> Iterator[Planned]:
        """Every series, with the windows that are asked and the stretches that are not."""
        missing = MissingDays(self._inputs, self._question, self._window)
        zero = quota(
            self._known,
            Rule.TOTAL_IS_ZERO,
            self._family.kind,
            self._family.counter,
            self._inputs.number,
        ).with_some_of(self._reader.newest_without_events(self._question))
        self._dates.prefer_newest(epoch_day(self._window.first))
        for view in self._reader(self._question):
            earlier = earlier_answers(view.own, self._inputs.number)
            # A window whose events have changed in the timeline is out of date, however settled.
            changed = self._reader.changed(view) if self._inputs.skips and earlier else ()
            edge = cell_edge(self._question)
            left = widened(missing.of(earlier), changed, self._window, edge)
            mine = [
                each
                for each in of_run(view.own, self._inputs.number)
                if epoch_day(self._window.first) <= each.first <= epoch_day(self._window.last)
            ]
            spared = covered_lines(self._known, self._question, view, self._window, left, earlier)
            windows: list[Window] = []
            if left:
                windows, quiet = self._windows(view, left, mine, zero)
                spared += quiet
            requests = [Request(self._question, view.entity, window) for window in windows]
            yield from planned(self._question, view.entity, requests, spared, mine)

    def _windows(
        self,
        view: SeriesState,
        left: Sequence[DayRange],
        mine: Sequence[PastOutcome],
        zero: TrialQuota,
    ) -> tuple[list[Window], list[NotNeeded]]:
        """The windows of one series, those that were asked already among them."""
        taken = union((each.first, each.last) for each in mine)
        asked = [range_window((each.first, each.last)) for each in mine]
        if not self._inputs.skips or view.entity in self._doubted:
            rest = subtract_all(left, taken)
            return sorted([*asked, *self._whole(rest)]), []
        series_evidence = self._reader.series_evidence(view)
        needed = self._needed(view, series_evidence, left, zero)
        rest = subtract_all(needed, taken)
        windows = [*asked, *fewest_windows(rest, self._window, self._granularity, taken)]
        quiet = subtract_all(left, [range_of(each) for each in windows])
        return sorted(windows), quiet_lines(self._question, view.entity, quiet, series_evidence)

    def _whole(self, left: Sequence[DayRange]) -> Iterator[Window]:
        for stretch in left:
            yield from split_window(range_window(stretch), Endpoint.BREAKDOWN, self._granularity)

    def _needed(
        self,
        view: SeriesState,
        series_evidence: SeriesEvidence,
        left: Sequence[DayRange],
        zero: TrialQuota,
    ) -> list[DayRange]:
        if series_evidence.total == 0:
            # Without a timeline to try the rule on, it is tried here.
            is_trial = not self._has_timeline and zero.takes(view.entity)
            return list(left) if is_trial else []
        needed = series_evidence.may_have_events(left)
        needed += self._dates.take(view.entity, series_evidence, left)
        # What an earlier run wrote for these days must be read anew, even if it is to go.
        for each in view.own:
            if each.rows and each.run < self._inputs.number:
                needed += intersect([(each.first, each.last)], (left[0][0], left[-1][1]))
        return union(part for each in left for part in intersect(needed, each))

    def conclude(self) -> Conclusion:
        """A breakdown may count no more than the timeline, and nothing where the total is 0."""
        if not self._inputs.skips:
            return Conclusion()
        contradictions, tried, broken = list[Contradiction](), 0, ""
        for view in self._reader(self._question):
            mine = [each for each in of_run(view.own, self._inputs.number) if each.is_answer]
            if not mine:
                continue
            self._dates.look(view)
            if (
                self._reader.total(view) == 0
                and not self._has_timeline
                and not has_rows(view.own, self._inputs.number)
            ):
                tried += 1
                if any(each.value for each in mine):
                    broken = f"{self._question.key}/{view.entity}: total 0, yet events by country"
            if said := self._excess(view, mine):
                contradictions.append(
                    Contradiction(self._question, view.entity, "breakdown_above_timeline", said)
                )
        kind, counter = self._family.kind, self._family.counter
        sentence = broken or f"held for {tried} series that were asked all the same"
        proof = RuleTrial(Rule.TOTAL_IS_ZERO, kind, counter, tried, not broken, sentence)
        return Conclusion([*([proof] if tried else []), *self._dates.made()], contradictions)

    def _excess(self, view: SeriesState, mine: Sequence[PastOutcome]) -> str | None:
        """The first settled window in which places have more events than the timeline."""
        history = self._reader.history(view)
        settled = self._inputs.today.last_day
        if history is None or history.edge.coarseness > self._granularity.coarseness:
            return None
        for each in mine:
            window = (each.first, each.last)
            if each.last > settled or subtract_all([window], history.known):
                continue
            events = history.around(window)
            if (each.value or 0) > events:
                return (
                    f"{self._question.key}/{view.entity}: {range_window(window)} has {each.value}"
                    f" events by country, {events} in the timeline"
                )
        return None
