"""Periods as the service spells them, and windows as it cuts them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from harvester.simulator.limits import LONGEST_YEARS

# Keys of the days, and months and years with their first days, over all years that a truth can
# have. Making them anew for every answer would be most of an answer's cost.
_FIRST: Final = date(2000, 1, 1).toordinal()
_AFTER: Final = date(2061, 1, 1).toordinal()
_DAYS: Final = tuple(date.fromordinal(day).isoformat() for day in range(_FIRST, _AFTER))
_STARTS: Final = {
    "month": tuple(date(n // 12, n % 12 + 1, 1).toordinal() for n in range(2000 * 12, 2061 * 12)),
    "year": tuple(date(year, 1, 1).toordinal() for year in range(2000, 2061)),
}
_LENGTHS: Final = {"month": 7, "year": 4}


def day_key(day: int) -> str:
    """The key of a day that can have events (2000 to 2060)."""
    return _DAYS[day - _FIRST]


def periods(granularity: str, first: int, last: int) -> Iterator[tuple[str, int, int]]:
    """Each period that touches a window: its key and its days, clipped to the window."""
    if first > last:
        return
    if granularity == "total":
        yield "total", first, last
    elif granularity == "day":
        for day in range(first, last + 1):
            yield day_key(day), day, day
    else:
        starts, length = _STARTS[granularity], _LENGTHS[granularity]
        lower, upper = bisect_right(starts, first) - 1, bisect_right(starts, last) - 1
        for place in range(lower, upper + 1):
            start = starts[place]
            end = last if place == upper else starts[place + 1] - 1
            yield day_key(start)[:length], max(first, start), end


def longest_end(granularity: str, start: date) -> date:
    """The last day a limited window may have: the day before the anniversary of its start.

    The anniversary of 29 February is 28 February, which is the stricter of two readings.
    """
    year = start.year + LONGEST_YEARS[granularity]
    try:
        anniversary = start.replace(year=year)
    except ValueError:  # only 29 February can be missing from a year
        anniversary = start.replace(year=year, day=28)
    return anniversary - timedelta(days=1)
