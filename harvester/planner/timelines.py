"""The finest timeline of a family: asked where events may be that are not here yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from harvester.model.dates import ONE_DAY, Window, day_of, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rules import TOTAL_ABOVE, Contradiction, Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.coverage import cell_edge, widened
from harvester.planner.date_trials import DateTrials
from harvester.planner.families import Family, is_long, whole_reach
from harvester.planner.history import SeriesHistory, series_history
from harvester.planner.inputs import EvidenceSource, of_run
from harvester.planner.intervals import DayRange, range_of, range_window, subtract_all
from harvester.planner.planned import COVERED, NotNeeded, Planned, planned
from harvester.planner.rule_trials import TrialQuota, quota
from harvester.planner.series import (
    MissingDays,
    SeriesReader,
    SeriesState,
    earlier_answers,
    has_rows,
)
from harvester.planner.series_evidence import SeriesEvidence, reaches_back
from harvester.planner.step import Conclusion
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
        shown = max((each.shown for each in view.own), default=0)
        return not any(first <= day <= last for first, last in left
                       for day in history.points if day > shown)  # fmt: skip

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
        """One request over the whole window: it costs as much, and shows what was restated.

        Where the service cuts long windows, only what is missing is asked; likewise where this
        run has begun to ask so (a version before this one did).
        """
        granularity = self._family.granularity
        is_long_one = is_long(granularity, window)
        begun_otherwise = any(each.first != epoch_day(window.first) for each in mine)
        if left and not begun_otherwise and (self._is_whole or not is_long_one):
            left = [range_of(window)]
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
        judge = _Judge(self._inputs, self._family)
        for view in self._reader(self._fine):
            if not of_run(view.own, self._inputs.number):
                continue
            self._dates.look(view)
            if not self._family.is_filtered:
                judge.look(view, self._reader.series_evidence(view, before=True), self._reader)
        return Conclusion([*judge.trials_made(), *self._dates.made()], judge.contradictions)


class _Judge:
    """Counts on how many series the rules about totals were tried, and finds what breaks them."""

    def __init__(self, inputs: PlanInputs, family: Family) -> None:
        self._inputs = inputs
        self._family = family
        self.contradictions: list[Contradiction] = []
        self._tried = {
            Rule.TOTAL_IS_ZERO: 0, Rule.TOTAL_IS_COVERED: 0, Rule.WHOLE_WINDOW: 0
        }  # fmt: skip
        self._broken: dict[Rule, str] = {}
        self._settled = inputs.today.last_day

    def look(self, view: SeriesState, before: SeriesEvidence, reader: SeriesReader) -> None:
        """Judge one series."""
        number = self._inputs.number
        history = reader.history(view)
        total = reader.total(view)
        if history is None or total is None or self._family.fine is None:
            return
        events = sum(n for day, n in history.points.items() if self._is_settled(day))
        key = f"{self._family.kind} {view.entity}, {self._family.counter}"
        if total == 0 and not has_rows(view.own, number):
            self._try(Rule.TOTAL_IS_ZERO, f"{key}: total 0, timeline {events}", broken=events > 0)
        elif events > total:
            said = f"{key}: the timeline counts {events}, the total {total}"
            self.contradictions.append(
                Contradiction(self._family.fine, view.entity, "timeline_above_total", said)
            )
        if cut := self._cut(before.history, history):
            self._try(Rule.WHOLE_WINDOW, f"{key}: {cut}", broken=True)
        lacks = self._lacks(view, history, before.first_online)
        if lacks and self._family.total:
            self.contradictions.append(
                Contradiction(self._family.total, view.entity, TOTAL_ABOVE, f"{key}: {lacks}")
            )
        if before.history and before.is_complete:
            self._try(
                Rule.TOTAL_IS_COVERED,
                f"{key}: its total was covered, yet its timeline has changed",
                broken=self._settled_points(history.points)
                != self._settled_points(before.history.points),
            )

    def _cut(self, before: SeriesHistory | None, now: SeriesHistory) -> str | None:
        """Whether a whole window ends where the service is known to cut, unlike earlier ones."""
        granularity = self._family.granularity
        window = self._family.fine_windows[-1]
        if before is None or not is_long(granularity, window):
            return None
        reach = epoch_day(whole_reach(granularity, window))
        had = before.between((reach + 1, before.last_read))
        if had and not now.between((reach + 1, now.last_read)):
            return f"{had} events after {day_of(reach)}, which earlier runs read, are not told"
        return None

    def _lacks(self, view: SeriesState, history: SeriesHistory, online: int | None) -> str | None:
        """Whether an earlier total counts events that the timeline, read up to its day, lacks.

        The day a total is read on is counted in part; read as a whole it can only count more. Days
        before the period would explain it, so the period must reach back to the first event.
        """
        first = epoch_day(self._family.fine_windows[0].first)
        if self._family.total is None or not reaches_back(first, online):
            return None
        read = [(low, high) for low, high, _ in history.readings]
        for each in reversed(view.totals):
            if each.value is None or each.run >= self._inputs.number or each.snapshot < first:
                continue
            frame = (first, each.snapshot)
            if subtract_all([frame], read):
                continue
            events = history.between(frame)
            if each.value > events:
                said = f"its total of {day_of(each.snapshot)} counts {each.value}, the days"
                is_dated = not reaches_back(first, None)
                why = " (if its dates are right, of which none is older)" if is_dated else ""
                return f"{said} up to then {events}{why}"
            return None
        return None

    def _try(self, rule: Rule, sentence: str, *, broken: bool) -> None:
        self._tried[rule] += 1
        if broken:
            self._broken.setdefault(rule, sentence)

    def _is_settled(self, day: int) -> bool:
        granularity = self._family.granularity
        if granularity is Granularity.TOTAL:
            return False
        return epoch_day(granularity.period_end(day_of(day))) <= self._settled

    def _settled_points(self, points: dict[int, int]) -> dict[int, int]:
        return {day: n for day, n in points.items() if self._is_settled(day)}

    def trials_made(self) -> list[RuleTrial]:
        """What was tried."""
        kind, counter = self._family.kind, self._family.counter
        return [
            RuleTrial(rule, kind, counter, tried, rule not in self._broken, self._said(rule, tried))
            for rule, tried in self._tried.items()
            if tried
        ]

    def _said(self, rule: Rule, tried: int) -> str:
        return self._broken.get(rule, f"held for {tried} series that were asked all the same")


def covered_lines(
    known: EvidenceSource,
    question: Question,
    view: SeriesState,
    window: Window,
    left: Sequence[DayRange],
    earlier: Sequence[PastOutcome],
) -> list[NotNeeded]:
    """The stretches that earlier runs settled, each with the run that read it last."""
    lines: list[NotNeeded] = []
    if not earlier:
        return lines
    for first, last in subtract_all([range_of(window)], left):
        reader = next((each for each in reversed(earlier) if each.first <= last), earlier[-1])
        said = f"run {known.run_id(reader.run)} has read these days, and they were settled"
        saved = Request(question, view.entity, range_window((first, last)))
        lines.append(NotNeeded(saved, COVERED, said))
    return lines


def quiet_lines(
    question: Question, entity: int, left: Sequence[DayRange], series_evidence: SeriesEvidence
) -> list[NotNeeded]:
    """Stretches in which nothing new can lie, with their reasons."""
    return [
        NotNeeded(Request(question, entity, range_window(part)), rule.value, said)
        for stretch in left
        for part, rule, said in series_evidence.why_empty(stretch)
    ]


def _days(window: Window) -> tuple[int, int]:
    return epoch_day(window.first), epoch_day(window.last) + 1
