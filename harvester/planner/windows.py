"""One long window in, windows the service will answer whole out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from harvester.model.dates import ONE_DAY, Window
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.terms import Endpoint, Granularity


def cut(window: Window, endpoint: Endpoint, granularity: Granularity) -> Iterator[Window]:
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
