"""A body's columns, in the few numbers that the plan draws conclusions from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harvester.model.dates import epoch_day
from harvester.model.reply import ReplySummary
from harvester.model.request import Request
from harvester.model.rows import Columns
from harvester.model.terms import Counter, Endpoint


def summarize(request: Request, columns: Sequence[Columns], *, keeps_points: bool) -> ReplySummary:
    """Read off what a reply says.

    Args:
        columns: of its body, as `parse` gave them.
        keeps_points: whether a later stage asks for its counts one by one.
    """
    question, rows = request.question, sum(each.length for each in columns)
    first = columns[0]
    values: Sequence[Any] = first.values.get("value", ())
    match question.endpoint:
        case Endpoint.COUNT:
            points = _by_group(first) if keeps_points else None
            return ReplySummary(rows, points=points)
        case Endpoint.TOP:
            points = _ranked(first) if keeps_points else None
            return ReplySummary(rows, first.length, points)
        case Endpoint.TOTAL if question.counter is None:
            # Where a counter is null nobody knows it: as good as no answer.
            is_whole = first.length == len(Counter)
            places: Sequence[Any] = first.values["place"]
            by_place = dict(zip(places, values, strict=True)) if is_whole else None
            return ReplySummary(0, sum(values) if is_whole else None, by_place)
        case Endpoint.TOTAL:
            return ReplySummary(rows, values[0] if first.length else None)
        case _:
            shown = _shown(request, first, values) if request.shown_to else rows
            points = _by_start(first, values) if keeps_points else None
            return ReplySummary(shown, sum(values), points)


def _shown(request: Request, columns: Columns, values: Sequence[Any]) -> int:
    """How many rows lie in the days whose rows are wanted."""
    last = epoch_day(request.shown_to) if request.shown_to else 0
    starts: Sequence[Any] = columns.values["period_start"]
    return sum(start <= last for start, _ in zip(starts, values, strict=True))


def _by_start(columns: Columns, values: Sequence[Any]) -> Mapping[int, int]:
    starts: Sequence[Any] = columns.values["period_start"]
    return {start: value for start, value in zip(starts, values, strict=True) if value}


def _by_group(columns: Columns) -> Mapping[int, int]:
    groups: Sequence[Any] = columns.values["group_id"]
    articles: Sequence[Any] = columns.values["articles"]
    return dict(zip(groups, articles, strict=True))


def _ranked(columns: Columns) -> Mapping[int, int]:
    keys: Sequence[Any] = columns.values["key"]
    values: Sequence[Any] = columns.values["value"]
    return {int(key): value for key, value in zip(keys, values, strict=True) if value}
