"""The finest timeline of a family: asked where events may be that are not here yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from harvester.model.dates import ONE_DAY, Window, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rules import Rule
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.coverage import cell_edge, whole_where_asked, widened
from harvester.planner.date_trials import DateTrials
from harvester.planner.families import Family, is_long
from harvester.planner.history import series_history
from harvester.planner.inputs import EvidenceSource, of_run
from harvester.planner.intervals import DayRange, range_window, subtract_all, union
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
from harvester.planner.totals_judge import TotalsJudge
from harvester.planner.windows import split_window

# A timeline runs on to yesterday, for its total counts those days, too; an old period does not.
_LATE_ENOUGH = timedelta(days=366)


class FineTimeline:
    """Plans one family's finest timeline and judges its answers."""

    def __init__(
        self, inputs: PlanInputs, known: EvidenceSource, family: Family, bound: Family | None
    ) -> None:
        """Plan for one family.

        Args:
            bound: the unfiltered family of a filtered one, whose timeline is known already.
        """
        if family.fine is None:
            raise ValueError("a family without timelines has none to plan")
        self._inputs = inputs
        self._known = known
        self._family = family
        self._fine: Question = family.fine
        self._bound = bound
        self._reader = SeriesReader(inputs, known, family, bound if family.is_filtered else family)
        tried = bound.fine_windows if bound and family.is_filtered else ()
        self._dates = DateTrials(inputs, known, family, self._reader, tried)
        self._yesterday = inputs.today.snapshot - ONE_DAY
        whole = known.trials(Rule.WHOLE_WINDOW, family.kind, family.counter)
        self._is_whole = whole.holds

    def items(self) -> Iterator[Planned]:
        """Every series, with what is asked of it and what is not."""
        family = self._family
        zero = quota(
            self._known, Rule.TOTAL_IS_ZERO, family.kind, family.counter, self._inputs.number
        ).with_some_of(self._reader.newest_without_events(self._fine))
        covered = quota(
            self._known, Rule.TOTAL_IS_COVERED, family.kind, family.counter, self._inputs.number
        )
        self._dates.prefer_newest(epoch_day(family.fine_windows[0].last))
        for window in family.fine_windows:
            missing = MissingDays(self._inputs, self._fine, window)
            days = range(*_days(window))
            for view in self._reader(self._fine):
                earlier = earlier_answers(view.own, self._inputs.number)
                left = missing.of(earlier)
                if family.is_filtered and earlier and self._inputs.skips:
                    # What passes a filter may have changed with the whole.
                    changed = self._reader.changed(view)
                    left = widened(left, changed, window, cell_edge(self._fine))
                spared = covered_lines(self._known, self._fine, view, window, left, earlier)
                quiet = self._quiet(view, window, left, (zero, covered)) if left else []
                if quiet and self._tries_its_date(view, left):
                    quiet = []
                mine = [
                    each for each in of_run(view.own, self._inputs.number) if each.first in days
                ]
                requests = [] if quiet else list(self._requests(view.entity, window, left, mine))
                yield from planned(self._fine, view.entity, requests, [*spared, *quiet], mine)

    def _tries_its_date(self, view: SeriesState, left: Sequence[DayRange]) -> bool:
        """Whether a series is asked to see whether dates of listings hold."""
        if self._reader.dated(view.entity) is None:
            return False
        return bool(self._dates.take(view.entity, self._before(view), left))

    def _before(self, view: SeriesState) -> SeriesEvidence:
        """What is known of a series before it is asked."""
        return self._reader.series_evidence(view, before=not self._family.is_filtered)

    def _quiet(
        self,
        view: SeriesState,
        window: Window,
        left: Sequence[DayRange],
        quotas: tuple[TrialQuota, TrialQuota],
    ) -> list[NotNeeded]:
        """The missing stretches with why nothing new can lie in them; empty: it can."""
        is_unseen = not self._family.is_filtered and self._reader.is_unseen(view)
        if not self._inputs.skips or is_unseen:
            return []
        series_evidence = self._before(view)
        zero, covered = quotas
        if has_rows(view.own, self._inputs.number):
            is_quiet = self._is_all_here(series_evidence, view, left) and not covered.takes(
                view.entity
            )
            return self._lines(view, left, series_evidence) if is_quiet else []
        if series_evidence.may_have_events(left):
            return []
        if series_evidence.total == 0 and not self._family.is_filtered and zero.takes(view.entity):
            return []
        online = series_evidence.first_online
        is_early = online is not None and online > epoch_day(window.last)
        if (
            series_evidence.total != 0
            and not is_early
            and not self._family.is_filtered
            and covered.takes(view.entity)
        ):
            return []
        return self._lines(view, left, series_evidence)

    def _is_all_here(
        self, series_evidence: SeriesEvidence, view: SeriesState, left: Sequence[DayRange]
    ) -> bool:
        """Whether rows would come back as they stand."""
        history = series_evidence.history
        if self._family.is_filtered:
            return not series_evidence.may_have_events(left) and not self._has_rows_in(view, left)
        if not series_evidence.is_complete or history is None or self._inputs.refresh:
            return False
        if history.edge is not Granularity.DAY:
            return not any(history.busy(each) for each in left)
        # A day's row stays as it is; but days read for evidence alone have no row yet.
        shown = [(each.first, each.shown) for each in view.own if each.fills]
        unseen = subtract_all(left, union(shown))
        return not any(history.between(each) for each in unseen)

    def _has_rows_in(self, view: SeriesState, left: Sequence[DayRange]) -> bool:
        """Whether rows of these days stand in the dataset: if they are to go, it must be asked."""
        granularity, today = self._family.granularity, self._inputs.today
        own = series_history(view.own, granularity, today, self._inputs.number)
        return own is None or any(own.busy(each) for each in left)

    def _lines(
        self, view: SeriesState, left: Sequence[DayRange], series_evidence: SeriesEvidence
    ) -> list[NotNeeded]:
        return quiet_lines(self._fine, view.entity, left, series_evidence)

    def _requests(
        self,
        entity: int,
        window: Window,
        left: Sequence[DayRange],
        mine: Sequence[PastOutcome],
    ) -> Iterator[Request]:
        """One request over the whole window; where the service cuts those, what is missing."""
        granularity = self._family.granularity
        if self._is_whole or not is_long(granularity, window):
            left = whole_where_asked(left, window, mine)
        for stretch in left:
            asked = range_window(stretch)
            if not self._is_whole and is_long(granularity, asked):
                for each in split_window(asked, Endpoint.BREAKDOWN, granularity):
                    yield Request(self._fine, entity, each)
            elif stretch[1] == epoch_day(window.last) and self._runs_on(window):
                longer = Window(asked.first, self._yesterday)
                yield Request(self._fine, entity, longer, shown_to=window.last)
            else:
                yield Request(self._fine, entity, asked)

    def _runs_on(self, window: Window) -> bool:
        """Whether a timeline is asked up to yesterday, to know what its total counts there."""
        family, edge = self._family, self._family.granularity
        return (
            self._inputs.skips
            and family.total is not None
            and not family.is_filtered
            and window == family.fine_windows[-1]
            and self._yesterday - _LATE_ENOUGH <= window.last < self._yesterday
            and edge in {Granularity.DAY, Granularity.MONTH, Granularity.YEAR}
            and edge.period_end(window.last) == window.last
        )

    def conclude(self) -> Conclusion:
        """Hold this run's timelines against its totals, and against the dates of listings."""
        if not self._inputs.skips:
            return Conclusion()
        judge = TotalsJudge(self._inputs, self._family)
        for view in self._reader(self._fine):
            if not of_run(view.own, self._inputs.number):
                continue
            self._dates.look(view)
            if not self._family.is_filtered:
                judge.look(view, self._reader.series_evidence(view, before=True), self._reader)
        contradictions = judge.contradictions(dates_hold=self._dates.hold)
        return Conclusion([*judge.trials_made(), *self._dates.made()], contradictions)


def _days(window: Window) -> tuple[int, int]:
    return epoch_day(window.first), epoch_day(window.last) + 1
