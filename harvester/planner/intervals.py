"""Stretches of days as pairs of numbers: sorted, disjoint, both ends included."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from harvester.model.dates import Window, day_of, epoch_day
from harvester.model.terms import Granularity

# (first, last), days since 1970-01-01.
DayRange = tuple[int, int]


def subtract(stretches: Iterable[DayRange], hole: DayRange) -> list[DayRange]:
    """Take the days of `hole` out."""
    left: list[DayRange] = []
    for first, last in stretches:
        if hole[1] < first or hole[0] > last:
            left.append((first, last))
            continue
        if first < hole[0]:
            left.append((first, hole[0] - 1))
        if last > hole[1]:
            left.append((hole[1] + 1, last))
    return left


def subtract_all(stretches: Iterable[DayRange], holes: Iterable[DayRange]) -> list[DayRange]:
    """Take the days of every hole out."""
    left = list(stretches)
    for hole in holes:
        left = subtract(left, hole)
    return left


def intersect(stretches: Iterable[DayRange], frame: DayRange) -> list[DayRange]:
    """What lies inside `frame`."""
    return [
        (max(first, frame[0]), min(last, frame[1]))
        for first, last in stretches
        if first <= frame[1] and last >= frame[0]
    ]


def union(stretches: Iterable[DayRange]) -> list[DayRange]:
    """Stretches that overlap or follow on each other made one, oldest first."""
    merged: list[DayRange] = []
    for first, last in sorted(stretches):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def range_of(window: Window) -> DayRange:
    """A window as numbers."""
    return epoch_day(window.first), epoch_day(window.last)


@lru_cache(maxsize=10_000)
def range_window(stretch: DayRange) -> Window:
    """Numbers as a window."""
    return Window(day_of(stretch[0]), day_of(stretch[1]))


# A plan asks for the same few thousand days again and again.
@lru_cache(maxsize=100_000)
def period_around(edge: Granularity, day: int) -> DayRange:
    """The whole period that a day lies in."""
    if edge is Granularity.DAY:
        return day, day
    moment = day_of(day)
    return epoch_day(edge.period_start(moment)), epoch_day(edge.period_end(moment))


def on_edges(edge: Granularity, stretch: DayRange) -> DayRange:
    """The stretch grown to whole periods."""
    return period_around(edge, stretch[0])[0], period_around(edge, stretch[1])[1]
