"""The finest timeline of a family: asked where events may be that are not here yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from harvester.model.dates import ONE_DAY, Window, day_of, epoch_day
from harvester.model.outcomes import Told
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rules import Doubt, Proof, Rule
from harvester.model.run_plan import Basis
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.families import Family, is_long
from harvester.planner.history import record_of
from harvester.planner.inputs import Known, of_run
from harvester.planner.intervals import Stretch, stretch_of, window_of, without_all
from harvester.planner.planned import COVERED, NotNeeded, Planned, planned
from harvester.planner.rule_trials import Quota, quota
from harvester.planner.series import Missing, View, Views, earlier_answers, has_rows
from harvester.planner.series_evidence import Sight
from harvester.planner.step import Conclusion
from harvester.planner.windows import cut

# A timeline runs on to yesterday, for its total counts those days, too; an old period does not.
_LATE_ENOUGH = timedelta(days=366)


class FineTimeline:
    """Plans one family's finest timeline and judges its answers."""

    def __init__(self, basis: Basis, known: Known, family: Family, bound: Family | None) -> None:
        """Plan for one family.

        Args:
            bound: the unfiltered family of a filtered one, whose timeline is known already.
        """
        if family.fine is None:
            raise ValueError("a family without timelines has none to plan")
        self._basis = basis
        self._known = known
        self._family = family
        self._fine: Question = family.fine
        self._bound = bound
        self._views = Views(basis, known, family, bound if family.is_filtered else family)
        self._yesterday = basis.today.snapshot - ONE_DAY
        whole = known.trials(Rule.WHOLE_WINDOW, family.kind, family.counter)
        self._is_whole = whole.holds

    def items(self) -> Iterator[Planned]:
        """Every series, with what is asked of it and what is not."""
        family = self._family
        zero = quota(
            self._known, Rule.TOTAL_IS_ZERO, family.kind, family.counter, self._basis.number
        ).with_some_of(self._views.newest_without_events(self._fine))
        covered = quota(
            self._known, Rule.TOTAL_IS_COVERED, family.kind, family.counter, self._basis.number
        )
        for window in family.fine_windows:
            missing = Missing(self._basis, self._fine, window)
            days = range(*_days(window))
            for view in self._views(self._fine):
                earlier = earlier_answers(view.own, self._basis.number)
                left = missing.of(earlier)
                spared = covered_lines(self._known, self._fine, view, window, left, earlier)
                quiet = self._quiet(view, window, left, (zero, covered)) if left else []
                requests = [] if quiet else list(self._requests(view.entity, window, left))
                mine = [each for each in of_run(view.own, self._basis.number) if each.first in days]
                yield from planned(self._fine, view.entity, requests, [*spared, *quiet], mine)

    def _quiet(
        self, view: View, window: Window, left: Sequence[Stretch], quotas: tuple[Quota, Quota]
    ) -> list[NotNeeded]:
        """The missing stretches with why nothing new can lie in them; empty: it can."""
        is_unseen = not self._family.is_filtered and self._views.is_unseen(view)
        if not self._basis.skips or is_unseen:
            return []
        sight = self._views.sight(view, before=not self._family.is_filtered)
        zero, covered = quotas
        if has_rows(view.own, self._basis.number):
            is_quiet = self._is_all_here(sight, view, left) and not covered.takes(view.entity)
            return self._lines(view, left, sight) if is_quiet else []
        if sight.may_have_events(left):
            return []
        if sight.total == 0 and not self._family.is_filtered and zero.takes(view.entity):
            return []
        online = sight.first_online
        is_early = online is not None and online > epoch_day(window.last)
        if (
            sight.total != 0
            and not is_early
            and not self._family.is_filtered
            and covered.takes(view.entity)
        ):
            return []
        return self._lines(view, left, sight)

    def _is_all_here(self, sight: Sight, view: View, left: Sequence[Stretch]) -> bool:
        """Whether rows would come back as they stand."""
        record = sight.record
        if self._family.is_filtered:
            return not sight.may_have_events(left) and not self._has_rows_in(view, left)
        if not sight.is_complete or record is None or self._basis.refresh:
            return False
        if record.edge is not Granularity.DAY:
            return not any(record.busy(each) for each in left)
        # A day's row stays as it is; but days read for evidence alone have no row yet.
        shown = max((each.shown for each in view.own), default=0)
        return not any(first <= day <= last for first, last in left
                       for day in record.points if day > shown)  # fmt: skip

    def _has_rows_in(self, view: View, left: Sequence[Stretch]) -> bool:
        """Whether rows of these days stand in the dataset: if they are to go, it must be asked."""
        granularity, today = self._family.granularity, self._basis.today
        own = record_of(view.own, granularity, today, self._basis.number)
        return own is None or any(own.busy(each) for each in left)

    def _lines(self, view: View, left: Sequence[Stretch], sight: Sight) -> list[NotNeeded]:
        return quiet_lines(self._fine, view.entity, left, sight)

    def _requests(self, entity: int, window: Window, left: Sequence[Stretch]) -> Iterator[Request]:
        granularity = self._family.granularity
        for stretch in left:
            asked = window_of(stretch)
            if not self._is_whole and is_long(granularity, asked):
                for each in cut(asked, Endpoint.BREAKDOWN, granularity):
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
            self._basis.skips
            and family.total is not None
            and not family.is_filtered
            and window == family.fine_windows[-1]
            and self._yesterday - _LATE_ENOUGH <= window.last < self._yesterday
            and edge in {Granularity.DAY, Granularity.MONTH, Granularity.YEAR}
            and edge.period_end(window.last) == window.last
        )

    def conclude(self) -> Conclusion:
        """Hold this run's timelines against its totals."""
        if self._family.is_filtered or not self._basis.skips:
            return Conclusion()
        judge = _Judge(self._basis, self._family)
        for view in self._views(self._fine):
            if of_run(view.own, self._basis.number):
                judge.look(view, self._views.sight(view, before=True), self._views)
        return Conclusion(judge.proofs(), judge.doubts)


class _Judge:
    """Counts on how many series the rules about totals were tried, and finds what breaks them."""

    def __init__(self, basis: Basis, family: Family) -> None:
        self._basis = basis
        self._family = family
        self.doubts: list[Doubt] = []
        self._tried = {Rule.TOTAL_IS_ZERO: 0, Rule.TOTAL_IS_COVERED: 0}
        self._broken: dict[Rule, str] = {}
        self._settled = basis.today.last_day

    def look(self, view: View, before: Sight, views: Views) -> None:
        """Judge one series."""
        number = self._basis.number
        record = views.record(view)
        total = views.total(view)
        if record is None or total is None or self._family.fine is None:
            return
        events = sum(n for day, n in record.points.items() if self._is_settled(day))
        key = f"{self._family.kind} {view.entity}, {self._family.counter}"
        if total == 0 and not has_rows(view.own, number):
            self._try(Rule.TOTAL_IS_ZERO, f"{key}: total 0, timeline {events}", broken=events > 0)
        elif events > total:
            said = f"{key}: the timeline counts {events}, the total {total}"
            self.doubts.append(Doubt(self._family.fine, view.entity, "timeline_above_total", said))
        if before.record and before.is_complete:
            self._try(
                Rule.TOTAL_IS_COVERED,
                f"{key}: its total was covered, yet its timeline has changed",
                broken=self._settled_points(record.points)
                != self._settled_points(before.record.points),
            )

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

    def proofs(self) -> list[Proof]:
        """What was tried."""
        kind, counter = self._family.kind, self._family.counter
        return [
            Proof(rule, kind, counter, tried, rule not in self._broken, self._said(rule, tried))
            for rule, tried in self._tried.items()
            if tried
        ]

    def _said(self, rule: Rule, tried: int) -> str:
        return self._broken.get(rule, f"held for {tried} series that were asked all the same")


def covered_lines(
    known: Known,
    question: Question,
    view: View,
    window: Window,
    left: Sequence[Stretch],
    earlier: Sequence[Told],
) -> list[NotNeeded]:
    """The stretches that earlier runs settled, each with the run that read it last."""
    lines: list[NotNeeded] = []
    if not earlier:
        return lines
    for first, last in without_all([stretch_of(window)], left):
        reader = next((each for each in reversed(earlier) if each.first <= last), earlier[-1])
        said = f"run {known.run_id(reader.run)} has read these days, and they were settled"
        saved = Request(question, view.entity, window_of((first, last)))
        lines.append(NotNeeded(saved, COVERED, said))
    return lines


def quiet_lines(
    question: Question, entity: int, left: Sequence[Stretch], sight: Sight
) -> list[NotNeeded]:
    """Stretches in which nothing new can lie, with their reasons."""
    return [
        NotNeeded(Request(question, entity, window_of(part)), rule.value, said)
        for stretch in left
        for part, rule, said in sight.why_quiet(stretch)
    ]


def _days(window: Window) -> tuple[int, int]:
    return epoch_day(window.first), epoch_day(window.last) + 1
