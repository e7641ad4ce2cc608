"""Which dates of a listing may be believed: ids ascend with creation, so ids speak against dates.

An item was created before every item with a higher id. Where a good part of those that follow it
are dated before it, its date was edited (or it lay unpublished for long): nothing is concluded
from it. A quarter of a hundred is asked for, not one or all: dates moved into the past are common
(every eighth item of 2022), also in whole batches that were brought over from elsewhere, and
would else speak against everybody before them; items edited together stand side by side, and
would else bear each other out. Wrong, it asks more than it must, and never less than without it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from harvester.model.dates import day_of

_FOLLOWING = 100  # so many of the next ids are looked at,
_PART = 4  # and so many of them, one in this,
_AT_LEAST = 3  # though not fewer than these,
_DAYS = 31  # must be dated so much earlier: a draft may wait a month for its review.


class PlausibleDates(Mapping[int, date]):
    """The dates of a kind that may be believed, by id; twelve bytes each, however many."""

    def __init__(self, ids: array[int], days: array[int]) -> None:
        """Take ids, ascending, and the day of each, counted from 1970-01-01."""
        self._ids = ids
        self._days = days

    def __getitem__(self, number: int) -> date:
        at = bisect_left(self._ids, number)
        if at == len(self._ids) or self._ids[at] != number:
            raise KeyError(number)
        return day_of(self._days[at])

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def plausible_dates(dated: Iterable[tuple[int, int]]) -> PlausibleDates:
    """Leave out the dates that the ids after them speak against.

    Args:
        dated: ids of one kind, ascending, each with its day, counted from 1970-01-01.
    """
    ids, days = array("q"), array("i")
    for number, day in dated:
        ids.append(number)
        days.append(day)
    believed = bytearray(len(ids))
    following: list[int] = []
    for at in range(len(ids) - 1, -1, -1):
        against = max(_AT_LEAST, -(-len(following) // _PART))
        is_late = len(following) >= against and following[against - 1] < days[at] - _DAYS
        believed[at] = not is_late
        insort(following, days[at])
        if len(following) > _FOLLOWING:
            del following[bisect_left(following, days[at + _FOLLOWING])]
    kept = array("q", (at for at in range(len(ids)) if believed[at]))
    return PlausibleDates(
        array("q", (ids[at] for at in kept)), array("i", (days[at] for at in kept))
    )
