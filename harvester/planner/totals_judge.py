"""Timelines of this run held against totals and earlier readings."""

from __future__ import annotations

from harvester.model.dates import day_of, epoch_day
from harvester.model.rules import TOTAL_ABOVE, Contradiction, Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Granularity
from harvester.planner.families import Family, is_long, whole_reach
from harvester.planner.history import SeriesHistory
from harvester.planner.intervals import subtract_all
from harvester.planner.series import SeriesReader, SeriesState, has_rows
from harvester.planner.series_evidence import SeriesEvidence, reaches_back


class TotalsJudge:
    """Tries the rules about totals on series that were asked, and finds what breaks them."""

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
            if each.value is None or each.run >= self._inputs.number or each.read_on < first:
                continue
            frame = (first, each.read_on)
            if subtract_all([frame], read):
                continue
            events = history.between(frame)
            if each.value > events:
                said = f"its total of {day_of(each.read_on)} counts {each.value}, the days"
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
