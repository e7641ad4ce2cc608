"""What evidence proves: whenever it says that nothing is missing, nothing is missing.

The service of these tests is a list of events, each with its day and the moment at which it is
counted first: on its day or a few days late. A job reads totals and, a moment later, timelines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hypothesis import event, given, settings
from hypothesis import strategies as st

from harvester.model.dates import Window, day_of, epoch_day
from harvester.model.limits import BEGINNING
from harvester.model.outcomes import PastOutcome, ReadWindow
from harvester.model.packed_counts import pack_counts
from harvester.model.run_plan import Settlement
from harvester.model.terms import Granularity, State
from harvester.planner.coverage import gaps
from harvester.planner.history import SeriesHistory, newest_total, series_history
from harvester.planner.intervals import subtract_all
from harvester.planner.series_evidence import SeriesEvidence, is_complete, rest_before
from tests.support.thorough import examples

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity
SETTLE_DAYS = 3
FIRST = epoch_day(D("2026-03-10"))
_BEGINNING = epoch_day(BEGINNING)
# (day, moment at which the service counts it first); a moment is a day and a part of it.
Event = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Visit:
    """One run of the job.

    Attributes:
        total_at, timeline_at: moments; of the same day, the total first.
        total: "answered", "null" or "failed"; timeline: also "left out".
        last: the last day that the timeline asks for.
    """

    total_at: float
    timeline_at: float
    total: str = "answered"
    timeline: str = "answered"
    last: int | None = None

    @property
    def snapshot(self) -> int:
        return int(self.total_at)


class Past:
    """What the ledger holds of one series, as a job fills it visit by visit."""

    def __init__(self, events: Sequence[Event], first: int, edge: Granularity) -> None:
        self._events = events
        self._first = first
        self._edge = edge
        self.totals: list[PastOutcome] = []
        self.timelines: list[PastOutcome] = []

    def visit(self, number: int, visit: Visit) -> None:
        """Ask the total, then the days that no earlier timeline has settled."""
        self.ask_total(number, visit)
        self.ask_timeline(number, visit)

    def ask_total(self, number: int, visit: Visit) -> None:
        if any(each.snapshot == visit.snapshot and each.is_answer for each in self.totals):
            return  # read on the same date
        counted = sum(at <= visit.total_at for _, at in self._events)
        value = counted if visit.total == "answered" else None
        state = State.FAILED if visit.total == "failed" else State.DONE
        told = PastOutcome(number, visit.snapshot, 0, 0, 0, state, 1, value, 0, None)
        self.totals.append(told)

    def ask_timeline(self, number: int, visit: Visit) -> None:
        last = min(visit.snapshot - 1, visit.last or visit.snapshot - 1)
        if visit.timeline == "left out" or last < self._first:
            return
        today = Settlement(day_of(visit.snapshot), SETTLE_DAYS)
        readings = [
            ReadWindow(day_of(each.first), day_of(each.last), day_of(each.snapshot), "", None)
            for each in self.timelines
            if each.is_answer
        ]
        asked = Window(day_of(self._first), day_of(last))
        for window in gaps(asked, readings, self._edge, today):
            low, high = epoch_day(window.first), epoch_day(window.last)
            points: dict[int, int] = {}
            for day, at in self._events:
                if low <= day <= high and at <= visit.timeline_at:
                    key = max(epoch_day(self._edge.period_start(day_of(day))), low)
                    points[key] = points.get(key, 0) + 1
            value = sum(points.values())
            state = State.DONE if value else State.EMPTY
            state = State.FAILED if visit.timeline == "failed" else state
            self.timelines.append(
                PastOutcome(number, visit.snapshot, low, high, high, state, 0, value, number,
                     pack_counts(points))
            )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], int, Granularity, int | None, list[Visit]]:
    """Events, the period's first day, the granularity, the first day online, and the visits."""
    first = draw(st.sampled_from([FIRST, FIRST, _BEGINNING]))
    edge = draw(st.sampled_from([DAY, DAY, DAY, MONTH]))
    oldest = first if first == _BEGINNING else first - 4
    late = st.one_of(st.just(0.0), st.floats(0, SETTLE_DAYS))
    moments = st.tuples(st.integers(oldest, first + 30), st.floats(0, 0.99), late)
    events = [
        (day, day + part + lateness) for day, part, lateness in draw(st.lists(moments, max_size=6))
    ]
    online = None
    if draw(st.booleans()):
        begun = min((day for day, _ in events), default=first)
        online = draw(st.integers(oldest - 2, begun))
    visits, day = list[Visit](), first
    for step in draw(st.lists(st.integers(0, 12), min_size=1, max_size=4)):
        day += step
        # On the same day, too, a run comes after the one before.
        total_at = max(day + draw(st.floats(0, 0.6)), visits[-1].timeline_at if visits else 0.0)
        # All on the same day.
        timeline_at = min(total_at + draw(st.floats(0, 0.35)), day + 0.99)
        last = draw(st.sampled_from([None, None, None, day - 5]))
        visits.append(
            Visit(
                total_at,
                max(total_at, timeline_at),
                draw(st.sampled_from(["answered", "answered", "answered", "failed", "null"])),
                draw(st.sampled_from(["answered", "answered", "answered", "failed", "left out"])),
                last,
            )
        )
    return events, first, edge, online, visits


@settings(deadline=None, max_examples=examples(600))
@given(histories())
def test_no_event_is_missed_where_the_proof_says_that_all_are_here(
    history: tuple[list[Event], int, Granularity, int | None, list[Visit]],
) -> None:
    """Before the last run's timelines are asked, and after; whichever answers came or failed."""
    events, first, edge, _, visits = history
    past = Past(events, first, edge)
    for number, visit in enumerate(visits[:-1], 1):
        past.visit(number, visit)
    last, this_run = visits[-1], len(visits)
    past.ask_total(this_run, last)
    _check(history, past, "before")
    past.ask_timeline(this_run, last)
    _check(history, past, "after")


@settings(deadline=None, max_examples=300)
@given(histories(), st.integers(-10, 40))
def test_a_date_that_is_wrong_never_makes_a_record_complete_that_is_not(
    history: tuple[list[Event], int, Granularity, int | None, list[Visit]], later: int
) -> None:
    """What it hides stands in the total alone: the rest looks too small, never too large."""
    events, first, edge, _, visits = history
    past = Past(events, first, edge)
    for number, visit in enumerate(visits[:-1], 1):
        past.visit(number, visit)
    past.ask_total(len(visits), visits[-1])
    _check_complete((events, first, edge, first + later, visits), past, "before")
    past.ask_timeline(len(visits), visits[-1])
    _check_complete((events, first, edge, first + later, visits), past, "after")


def _check(
    world: tuple[list[Event], int, Granularity, int | None, list[Visit]], past: Past, when: str
) -> None:
    _, first, _, online, visits = world
    total, history, complete, here = _check_complete(world, past, when)
    yesterday = visits[-1].snapshot - 1
    if yesterday < first:
        return
    series_evidence = SeriesEvidence(0 if total == 0 else None, history, online, complete)
    missing = [(first, yesterday)]
    asked = series_evidence.may_have_events(missing)
    for day in here:
        assert day < first or any(low <= day <= high for low, high in asked), day_of(day)
    for quiet in subtract_all(missing, asked):
        reasons = series_evidence.why_empty(quiet)
        event(f"{when}, quiet: {sorted(rule for _, rule, _ in reasons)}")
        told = [part for part, _, _ in reasons]
        assert subtract_all([quiet], told) == []
        assert sum(high - low + 1 for low, high in told) == quiet[1] - quiet[0] + 1


def _check_complete(
    world: tuple[list[Event], int, Granularity, int | None, list[Visit]], past: Past, when: str
) -> tuple[int | None, SeriesHistory | None, bool, list[int]]:
    """What is told to be all, is all; the total, the record, whether it is, and the events."""
    events, first, edge, online, visits = world
    today = Settlement(day_of(visits[-1].snapshot), SETTLE_DAYS)
    yesterday = visits[-1].snapshot - 1
    total = newest_total(past.totals, today, len(visits))
    history = series_history(past.timelines, edge, today, len(visits))
    # What the total of this date has counted is all that the plan may know of.
    here = [day for day, at in events if at <= _moment(past, visits) and day <= yesterday]
    complete = False
    if history is not None:
        rest = rest_before(past.totals, history, first, online)
        complete = is_complete(total, past.totals, history, first, online)
        event(f"{when}, complete: {complete}, rest known: {rest is not None}")
        if rest is not None:
            assert rest <= sum(day < first for day, _ in events), "a rest that is not there"
    if complete and history is not None:
        for day in here:
            assert day < first or _has(history, day), f"an event of {day_of(day)} is missed"
            if when == "before":
                counted = [d for d in here if _name(edge, d) == _name(edge, day) and d >= first]
                assert day < first or history.points[_key(history, edge, day)] == len(counted)
    return total, history, complete, here


def _moment(past: Past, visits: list[Visit]) -> float:
    """When the total was read that this run goes by; without one, when this run began."""
    snapshot = visits[-1].snapshot
    read = {number: visit.total_at for number, visit in enumerate(visits, 1)}
    answers = [each.run for each in past.totals if each.snapshot == snapshot and each.is_answer]
    numbers = answers or [number for number, visit in read.items() if int(visit) == snapshot]
    return read[numbers[0]]


def _name(edge: Granularity, day: int) -> str:
    return edge.period_text(day_of(day))


def _key(history: SeriesHistory, edge: Granularity, day: int) -> int:
    return next(key for key in history.points if _name(edge, key) == _name(edge, day))


def _has(history: SeriesHistory, day: int) -> bool:
    return any(low <= day <= high for low, high in history.busy((day, day)))
