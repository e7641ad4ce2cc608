"""Timelines of this run held against totals and earlier readings."""

from __future__ import annotations

from harvester.model.dates import day_of, epoch_day
from harvester.model.question import Question
from harvester.model.rules import TOTAL_ABOVE, Contradiction, Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Granularity
from harvester.planner.families import Family, counts_beyond, is_long, last_in_reach
from harvester.planner.history import SeriesHistory
from harvester.planner.intervals import subtract_all
from harvester.planner.series import SeriesReader, SeriesState, has_rows
from harvester.planner.series_evidence import SeriesEvidence, reaches_back


class TotalsJudge:
    """Tries the rules about totals on series that were asked, and finds what breaks them."""

    def __init__(self, inputs: PlanInputs, family: Family) -> None:
        self._inputs = inputs
        self._family = family
        self._contradictions: list[Contradiction] = []
        # Of items that may have had events before the period, if their dates are wrong.
        self._dated: list[Contradiction] = []
        self._tried = {Rule.TOTAL_IS_ZERO: 0, Rule.TOTAL_IS_COVERED: 0}
        self._broken: dict[Rule, str] = {}
        self._cuts: list[str] = []
        self._is_seen_beyond = False
        self._first = epoch_day(family.fine_windows[0].first)
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
            self._contradictions.append(
                Contradiction(self._family.fine, view.entity, "timeline_above_total", said)
            )
        if cut := self._cut(before.history, history, total):
            self._cuts.append(f"{key}: {cut}")
        lacks = self._lacks(view, before, history, total)
        if lacks and self._family.total:
            self._note_what_lacks(self._family.total, view.entity, f"{key}: {lacks}")
        if before.history and before.is_complete:
            self._try(
                Rule.TOTAL_IS_COVERED,
                f"{key}: its total was covered, yet its timeline has changed",
                broken=self._settled_points(history.points)
                != self._settled_points(before.history.points),
            )

    def _cut(self, before: SeriesHistory | None, now: SeriesHistory, total: int) -> str | None:
        """Whether a whole window ends where the service is known to cut, unlike earlier ones.

        An item's only events may have been taken back, as those of a robot. Then its total has
        fallen with them; and a service that cuts long windows has no series reach beyond.
        """
        granularity = self._family.granularity
        window = self._family.fine_windows[-1]
        if not is_long(granularity, window):
            return None
        if counts_beyond(granularity, window, now.points):
            self._is_seen_beyond = True
            return None
        reach = last_in_reach(granularity, window)
        had = before.between((reach + 1, before.last_read)) if before else 0
        if not had or total < now.events + had:
            return None
        return f"{had} events after {day_of(reach)}, which earlier runs read, are not told"

    def _lacks(
        self, view: SeriesState, before: SeriesEvidence, history: SeriesHistory, total: int
    ) -> str | None:
        """Whether totals count events that the timeline, read up to their days, lacks.

        The day a total is read on is counted in part; read as a whole it can only count more: so
        a total is compared when its day has been read, and today's never. What the timeline had
        and has no more was taken back, and so was what today's total does not count besides. Days
        before the period would explain it, so the period must reach back to the first event.
        """
        if not reaches_back(self._first, before.first_online):
            return None
        read = [(low, high) for low, high, _ in history.readings]
        for each in reversed(view.totals):
            if each.value is None or each.read_on < self._first:
                continue
            frame = (self._first, each.read_on)
            if subtract_all([frame], read):
                continue
            events = history.between(frame)
            lacks = each.value - events - _taken_back(before.history, history, each.read_on)
            if lacks <= 0 or total - history.events < lacks:
                return None
            said = f"its total of {day_of(each.read_on)} counts {each.value}, the days"
            return f"{said} up to then {events}"
        return None

    def _note_what_lacks(self, asked: Question, entity: int, said: str) -> None:
        is_dated = not reaches_back(self._first, None)
        why = " (if its dates are right, of which none is older)" if is_dated else ""
        noted = Contradiction(asked, entity, TOTAL_ABOVE, said + why)
        (self._dated if is_dated else self._contradictions).append(noted)

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

    def contradictions(self, *, dates_hold: bool) -> list[Contradiction]:
        """Series that contradict their totals.

        Args:
            dates_hold: no date of the kind has been found wrong; else nothing rests on dates.
        """
        return [*self._contradictions, *(self._dated if dates_hold else ())]

    def trials_made(self) -> list[RuleTrial]:
        """What was tried."""
        kind, counter = self._family.kind, self._family.counter
        found = [
            RuleTrial(rule, kind, counter, tried, rule not in self._broken, self._said(rule, tried))
            for rule, tried in self._tried.items()
            if tried
        ]
        if self._cuts and not self._is_seen_beyond:
            is_cut = (Rule.WHOLE_WINDOW, kind, counter, len(self._cuts))
            found.append(RuleTrial(*is_cut, holds=False, sentence=self._cuts[0]))
        return found

    def _said(self, rule: Rule, tried: int) -> str:
        return self._broken.get(rule, f"held for {tried} series that were asked all the same")


def _taken_back(before: SeriesHistory | None, now: SeriesHistory, last: int) -> int:
    """How many events up to a day earlier runs read that this one does not."""
    had = before.points if before else {}
    return sum(max(0, n - now.points.get(day, 0)) for day, n in had.items() if day <= last)
