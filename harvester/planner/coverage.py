"""Which days of a series are here already, and which must be asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from harvester.model.dates import ONE_DAY, Window, epoch_day
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.outcomes import PastOutcome, ReadWindow
from harvester.model.question import Question
from harvester.model.run_plan import Settlement
from harvester.model.terms import Granularity
from harvester.planner.intervals import (
    DayRange,
    intersect,
    on_edges,
    range_of,
    range_window,
    subtract,
    subtract_all,
    union,
)


def cell_edge(question: Question) -> Granularity | None:
    """Where the rows of a question begin and end; None: one row as long as its window."""
    if question.granularity is None:
        return None
    if question.granularity is Granularity.TOTAL:
        return WINDOW_LIMITS[question.endpoint, question.granularity].edge
    return question.granularity


def gaps(
    asked: Window,
    readings: Sequence[ReadWindow],
    edge: Granularity | None,
    today: Settlement,
    refresh: Window | None = None,
) -> list[Window]:
    """The parts of `asked` that no earlier reading settles, oldest first, on period edges.

    Args:
        readings: of this series, oldest run first; where two touch the same period,
            the younger one holds the row.
        edge: the granularity of the series' rows; None: the row is the window.
        refresh: days to read again, however settled they are.
    """
    if not readings:
        return [asked]
    again = (
        refresh if refresh and refresh.first <= asked.last and asked.first <= refresh.last else None
    )
    if edge is None:
        newest = readings[-1]
        same = (newest.first, newest.last) == (asked.first, asked.last)
        return [] if same and not again and today.settled_to(newest) >= asked.last else [asked]
    covered: list[DayRange] = []
    for reading in readings:
        # Half a period read anew takes the whole row's place.
        touched = (
            epoch_day(edge.period_start(reading.first)),
            epoch_day(edge.period_end(reading.last)),
        )
        covered = subtract(covered, touched)
        if whole := _whole_periods(reading.first, today.settled_to(reading), asked, edge):
            covered.append(range_of(whole))
    if again:
        covered = subtract(covered, on_edges(edge, range_of(again)))
    return [range_window(each) for each in subtract_all([range_of(asked)], covered)]


def widened(
    left: Sequence[DayRange], changed: Sequence[DayRange], window: Window, edge: Granularity | None
) -> list[DayRange]:
    """Missing days, and with them those that another timeline has shown to have changed.

    Args:
        changed: days whose counts are not what they were; on whole periods they are missing.
        edge: the granularity of the series' rows; None: the row is the window.
    """
    if not changed:
        return list(left)
    frame = range_of(window)
    if edge is None:
        return [frame] if intersect(changed, frame) else list(left)
    grown = [on_edges(edge, each) for each in intersect(changed, frame)]
    return union([*left, *intersect(grown, frame)])


def whole_where_asked(
    left: Sequence[DayRange], window: Window, mine: Sequence[PastOutcome]
) -> list[DayRange]:
    """Missing days of a timeline; where there are any all of its days, whatever is settled.

    One request over all of them costs no more, and shows what was restated or filled up late.

    Args:
        mine: this run's outcomes; one that has begun otherwise (a version before this one did)
            goes on so.
    """
    begun_otherwise = any(each.first != epoch_day(window.first) for each in mine)
    return [range_of(window)] if left and not begun_otherwise else list(left)


def covered_stretches(asked: Window, open_windows: Sequence[Window]) -> list[Window]:
    """What is left of `asked` without its gaps, oldest first."""
    holes = [range_of(window) for window in open_windows]
    return [range_window(each) for each in subtract_all([range_of(asked)], holes)]


def _whole_periods(
    first: date, settled_to: date, asked: Window, edge: Granularity
) -> Window | None:
    """The stretch of `asked` whose rows a reading of first..settled_to holds in full."""
    low = first
    if first <= asked.first:
        low = asked.first
    elif edge.period_start(first) != first:
        low = edge.period_end(first) + ONE_DAY
    high = settled_to
    if settled_to >= asked.last:
        high = asked.last
    elif edge.period_end(settled_to) != settled_to:
        high = edge.period_start(settled_to) - ONE_DAY
    return Window(low, high) if low <= high else None
