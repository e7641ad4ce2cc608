"""Windows that the service answers whole: long ones split, scattered days in as few as can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from harvester.model.dates import ONE_DAY, Window
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.intervals import DayRange, intersect, on_edges, range_of, range_window, union


def split_window(window: Window, endpoint: Endpoint, granularity: Granularity) -> Iterator[Window]:
    """Cut a window into consecutive ones that each fit in one request, oldest first.

    The service replaces an `end_date` beyond its limit by the limit and says nothing, so no
    request may ask for more. Cuts fall between periods: a month in two windows would come
    back as two half counts that look like two months. Together the windows cover every day
    exactly once.
    """
    limit = WINDOW_LIMITS[endpoint, granularity]
    if limit.edge is None or limit.years is None:
        yield window
        return
    first = window.first
    while first <= window.last:
        if granularity is Granularity.TOTAL:
            # One row per calendar year: the window is what is left of the year.
            last = limit.edge.period_end(first)
        else:
            # The last period edge on or before the day before the anniversary.
            last = limit.edge.period_start(years_after(first, limit.years)) - ONE_DAY
        last = min(last, window.last)
        yield Window(first, last)
        first = last + ONE_DAY


def years_after(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # only 29 February can be missing from a year
        return day.replace(year=day.year + years, day=28)


def fewest_windows(
    needed: Sequence[DayRange], asked: Window, granularity: Granularity, taken: Sequence[DayRange]
) -> Iterator[Window]:
    """Lay the windows of a breakdown over the days that must be asked, oldest first.

    Each begins with the first period that no window has yet, reaches as far as the documented
    limit allows, and ends with the last needed period before that: no plan needs fewer. With
    granularity `total` a row is a calendar year, so a window is one, too.

    Args:
        needed: sorted and disjoint; whole periods are asked wherever they touch one.
        asked: the days that are asked for at most.
        taken: windows that this run has asked; none may reach over one.
    """
    edge = WINDOW_LIMITS[Endpoint.BREAKDOWN, granularity].edge or granularity
    frame = range_of(asked)
    left = union(intersect([on_edges(edge, each) for each in needed], frame))
    while left:
        first = left[0][0]
        longest = range_of(
            next(split_window(range_window((first, frame[1])), Endpoint.BREAKDOWN, granularity))
        )
        barrier = min((start - 1 for start, _ in taken if start > first), default=frame[1])
        reach = min(longest[1], barrier)
        last = max(min(each[1], reach) for each in left if each[0] <= reach)
        yield range_window((first, last))
        left = intersect(left, (last + 1, frame[1])) if last < frame[1] else []
