"""Two dimensions that ask one series over periods which cannot stand beside each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.terms import Endpoint, Granularity, Kind
from harvester.spec.dimension import Dimension
from harvester.spec.resolve import expand, merge_windows

Numbered = tuple[int, Dimension]
Dated = tuple[int, Window]


def overlaps(
    dimensions: Sequence[Numbered], kinds: Collection[Kind], today: date
) -> Iterator[tuple[int, str]]:
    """The later dimension of each such pair, with a sentence that names the earlier."""
    series: dict[Question, list[Dated]] = {}
    for index, dimension in dimensions:
        for question, window in expand(dimension, kinds, today):
            if window:
                series.setdefault(replace(question, ranks=None), []).append((index, window))
    told: set[tuple[int, int]] = set()
    for question, dated in series.items():
        for earlier, later, why in _clashes(question, dated):
            if (earlier, later) not in told:
                told.add((earlier, later))
                what = question.key
                yield later, f"asks {what} as dimensions[{earlier}] does, {why}"


def _clashes(question: Question, dated: list[Dated]) -> Iterator[tuple[int, int, str]]:
    if question.endpoint is Endpoint.TOP:
        yield from _rankings(dated)
    elif (question.endpoint, question.granularity) == (Endpoint.TIMELINE, Granularity.TOTAL):
        yield from _totals(dated)
    elif question.granularity:
        yield from _shared_periods(question.granularity, dated)


def _rankings(dated: list[Dated]) -> Iterator[tuple[int, int, str]]:
    first_of: dict[date, Dated] = {}
    for index, window in dated:
        earlier, known = first_of.setdefault(window.first, (index, window))
        if known != window:
            yield (
                earlier,
                index,
                (
                    f"over another period from the same day on ({known} and {window}): "
                    "one job takes one of them"
                ),
            )


def _totals(dated: list[Dated]) -> Iterator[tuple[int, int, str]]:
    earlier, known = dated[0]
    for index, window in dated[1:]:
        if window != known:
            yield (
                earlier,
                index,
                (
                    f"over another period ({known} and {window}), and its one row can have only "
                    "one: use another job, or granularity 'year'"
                ),
            )


def _shared_periods(granularity: Granularity, dated: list[Dated]) -> Iterator[tuple[int, int, str]]:
    for before, after in pairwise(merge_windows(window for _, window in dated)):
        if granularity.period_start(before.last) != granularity.period_start(after.first):
            continue
        low, high = sorted({_owner(before, dated), _owner(after, dated)})
        length = "year" if granularity is Granularity.TOTAL else granularity.value
        yield (
            low,
            high,
            (
                f"and both have a part of one {length} ({before} and {after}): let them meet, or "
                f"end on whole {length}s"
            ),
        )


def _owner(merged: Window, dated: list[Dated]) -> int:
    return next(index for index, window in dated if window.first in merged)
