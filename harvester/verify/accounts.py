"""Whether everything that a run wanted is accounted for: asked, or not needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

# (entity, first day, last day); days since 1970-01-01.
Told = tuple[int, int, int]
Days = tuple[int, int]


class Gap(NamedTuple):
    """Days of one series that nobody accounts for; both 0 where the question takes no days."""

    entity: int
    first: int
    last: int


def unaccounted(
    told: Iterable[Told], entities: Sequence[int], wanted: Days | None
) -> Iterator[Gap]:
    """The first gap of every series that has one.

    Args:
        told: windows asked and stretches not needed, by entity.
        entities: whom the question was put to, ascending.
        wanted: the days; None: one row for each entity will do.
    """
    rows = groupby(told, key=lambda each: each[0])
    at = next(rows, None)
    for entity in entities:
        while at is not None and at[0] < entity:
            at = next(rows, None)
        windows: list[Days] = []
        if at is not None and at[0] == entity:
            windows = [(first, last) for _, first, last in at[1]]
        if wanted is None:
            if not windows:
                yield Gap(entity, 0, 0)
        elif gap := first_gap(windows, wanted):
            yield Gap(entity, *gap)


def first_gap(windows: Iterable[Days], wanted: Days) -> Days | None:
    """The first days of `wanted` that no window has."""
    first, last = wanted
    for low, high in sorted(windows):
        if low > first:
            return first, min(low - 1, last)
        first = max(first, high + 1)
        if first > last:
            return None
    return first, last


def merged(windows: Iterable[Days]) -> list[Days]:
    """Windows that touch or follow on each other made one, oldest first."""
    whole: list[Days] = []
    for first, last in sorted(windows):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(whole[-1][1], last))
        else:
            whole.append((first, last))
    return whole


def ungrouped(told: Iterable[Told], groups: Sequence[int]) -> Iterator[Gap]:
    """Groups that lie between the first and the last of no count.

    Args:
        told: (first group, unused, last group) of every count.
    """
    ranges = merged((low, high) for low, _, high in told)
    for group in groups:
        if not any(low <= group <= high for low, high in ranges):
            yield Gap(group, 0, 0)
