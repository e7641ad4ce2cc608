"""The events of all items of a kind by day, so that a period of all of them is soon summed."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from harvester.simulator.series import Series

_BITS: Final = 32
_COUNT: Final = (1 << _BITS) - 1


class DayIndex:
    """Which items had how many events, day by day.

    Each day of an item with events is one number of 8 bytes, the id above the count: 60,000
    items fit into some 60 MB, where their series would be made anew for every ranking.
    """

    def __init__(self, items: Iterable[tuple[int, Series]]) -> None:
        self._days: defaultdict[int, array[int]] = defaultdict(lambda: array("Q"))
        for number, series in items:
            above = number << _BITS
            for day, count in zip(series.days, series.counts, strict=True):
                self._days[day].append(above | count)

    def between(self, first: int, last: int) -> dict[int, int]:
        """Events by item from one day to another, both included; items without any are absent."""
        tally: defaultdict[int, int] = defaultdict(int)
        for packs in (self._days[day] for day in self._days if first <= day <= last):
            for packed in packs:
                tally[packed >> _BITS] += packed & _COUNT
        return tally
