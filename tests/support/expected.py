"""What the datasets must hold, from the simulator's truth and the spec alone.

Nothing of the package's own planning, parsing or storing is used here.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from harvester.simulator.truth import Truth

Row = tuple[Any, ...]
Spec = dict[str, Any]

TOTALS = "entity, counter, institution, entity_id, snapshot, value"
TIMELINE = (
    "entity, counter, granularity, institution, entity_id, sub_item, sub_item_id, period,"
    " period_start, period_end, value"
)
COUNTRIES = (
    "entity, counter, granularity, institution, entity_id, sub_item, sub_item_id, period,"
    " period_start, period_end, country, value, unlisted"
)
CITIES = COUNTRIES.replace(", unlisted", "").replace("country,", "country, city,")
TOP = (
    "entity, counter, institution, entity_id, sub_item, window_start, window_end, snapshot,"
    " rank, key, value"
)
COUNTS = "institution, group_id, articles, snapshot"


def totals(spec: Spec, truth: Truth, snapshot: date) -> set[Row]:
    scope = spec["source"].get("institution")
    return {
        (kind, counter, scope, one, snapshot, truth.total(scope, counter, kind, one))
        for dimension in _of(spec, "total")
        for kind, one in _entities(spec, dimension)
        for counter in dimension["counters"]
    }


def timeline(spec: Spec, truth: Truth, snapshot: date) -> set[Row]:
    rows: set[Row] = set()
    for dimension, kind, one, counter, granularity, chosen in _series(spec, "timeline"):
        scope = spec["source"].get("institution")
        first, last = _period(dimension, snapshot)
        found = truth.timeline(scope, granularity, counter, kind, one, first, last, *chosen)
        for period, value in found.items():
            days = _days(period, first, last)
            rows.add((kind, counter, granularity, scope, one, *chosen, period, *days, value))
    return rows


def places(spec: Spec, truth: Truth, snapshot: date) -> tuple[set[Row], set[Row]]:
    """(countries, cities)."""
    countries: set[Row] = set()
    cities: set[Row] = set()
    for dimension, kind, one, counter, granularity, chosen in _series(spec, "breakdown"):
        scope = spec["source"].get("institution")
        for first, last in _years(dimension, granularity, snapshot):
            found = truth.breakdown(scope, granularity, counter, kind, one, first, last, *chosen)
            for period, lands in found.items():
                days = _days(period, first, last)
                key = (kind, counter, granularity, scope, one, *chosen, period, *days)
                for land, towns in lands.items():
                    listed = {town: n for town, n in towns.items() if town != "total"}
                    rest = towns["total"] - sum(listed.values())
                    countries.add((*key, land, towns["total"], rest))
                    cities |= {(*key, land, town, n) for town, n in listed.items()}
    return countries, cities


def tops(spec: Spec, truth: Truth, snapshot: date) -> set[Row]:
    rows: set[Row] = set()
    scope = spec["source"].get("institution")
    for dimension in _of(spec, "top"):
        sub_item, count = dimension.get("sub_item"), dimension.get("count", 10)
        for counter in dimension["counters"]:
            if sub_item is None:
                for kind in dimension["entities"]:
                    found = [(str(k), v) for k, v in truth.top(scope, counter, kind, count)]
                    head: Row = (kind, counter, scope, None, None, None, None, snapshot)
                    rows |= _ranked(head, found)
                continue
            first, last = _period(dimension, snapshot)
            for kind, one in _entities(spec, dimension):
                named = truth.top_sub_items(scope, counter, kind, one, sub_item, count, first, last)
                head = (kind, counter, scope, one, sub_item, first, last, snapshot)
                rows |= _ranked(head, named)
    return rows


def counts(spec: Spec, truth: Truth, snapshot: date) -> set[Row]:
    scope = spec["source"].get("institution")
    if not list(_of(spec, "count")):
        return set()
    found = truth.count_articles(spec["entities"]["group"]["ids"])
    return {(scope, group, articles, snapshot) for group, articles in found.items()}


def _ranked(head: Row, found: list[tuple[str, int]]) -> set[Row]:
    ordered = sorted(found, key=lambda each: (-each[1], each[0]))
    return {(*head, rank, key, value) for rank, (key, value) in enumerate(ordered, start=1)}


def _of(spec: Spec, endpoint: str) -> Iterator[Spec]:
    return (each for each in spec["dimensions"] if each["endpoint"] == endpoint)


def _entities(spec: Spec, dimension: Spec) -> Iterator[tuple[str, int]]:
    for kind in dimension.get("entities", list(spec["entities"])):
        for one in spec["entities"][kind]["ids"]:
            yield kind, one


def _series(spec: Spec, endpoint: str) -> Iterator[tuple[Spec, str, int, str, str, Row]]:
    for dimension in _of(spec, endpoint):
        narrowed = dimension.get("filter")
        filters: list[Row] = [(None, None)]
        if narrowed:
            filters = [(narrowed["sub_item"], str(each)) for each in narrowed["sub_item_ids"]]
        for kind, one in _entities(spec, dimension):
            for counter in dimension["counters"]:
                for granularity in dimension["granularities"]:
                    for chosen in filters:
                        yield dimension, kind, one, counter, granularity, chosen


def _period(dimension: Spec, snapshot: date) -> tuple[date, date]:
    start, end = dimension["period"]["start"], dimension["period"]["end"]
    first = date(2011, 1, 1) if start == "beginning" else date.fromisoformat(start)
    if end == "yesterday":
        return first, snapshot - timedelta(days=1)
    if end == "last-month":
        return first, snapshot.replace(day=1) - timedelta(days=1)
    return first, date.fromisoformat(end)


def _years(dimension: Spec, granularity: str, snapshot: date) -> list[tuple[date, date]]:
    """The windows that matter to the rows: calendar years for `total`, else the whole."""
    first, last = _period(dimension, snapshot)
    if granularity != "total":
        return [(first, last)]
    return [
        (max(first, date(year, 1, 1)), min(last, date(year, 12, 31)))
        for year in range(first.year, last.year + 1)
    ]


def _days(period: str, first: date, last: date) -> tuple[date, date]:
    """The days of a period as the service spells it, clipped to the window."""
    if period == "total":
        return first, last
    numbers = [int(part) for part in period.split("-")]
    begin = date(*[*numbers, 1, 1][:3])
    if len(numbers) == 3:
        end = begin
    elif len(numbers) == 2:
        end = begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
    else:
        end = date(begin.year, 12, 31)
    return max(begin, first), min(end, last)
