"""A counted series: days with events and running sums, so that any window is two look-ups."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Series:
    """Days (ordinals, ascending) with events, their counts, and the sums before each day."""

    days: array[int]
    counts: array[int]
    sums: array[int]

    @property
    def total(self) -> int:
        """All events there are."""
        return self.sums[-1]

    def between(self, first: int, last: int) -> int:
        """Events from one day to another, both included."""
        lower = bisect_left(self.days, first)
        upper = bisect_right(self.days, last, lower)
        return self.sums[upper] - self.sums[lower] if upper > lower else 0

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The places of the days in a window, for slicing `days` and `counts`."""
        return bisect_left(self.days, first), bisect_right(self.days, last)


def series_from(days: Iterable[int], counts: list[int]) -> Series:
    """A series of days in ascending order; days that count 0 are left out."""
    kept = [(day, count) for day, count in zip(days, counts, strict=True) if count]
    return Series(
        array("l", [day for day, _ in kept]),
        array("q", [count for _, count in kept]),
        array("q", accumulate((count for _, count in kept), initial=0)),
    )


def merged(parts: list[Series]) -> Series:
    """The sum of several series."""
    if len(parts) == 1:
        return parts[0]
    tally: Counter[int] = Counter()
    for part in parts:
        for day, count in zip(part.days, part.counts, strict=True):
            tally[day] += count
    days = sorted(tally)
    return series_from(days, [tally[day] for day in days])
