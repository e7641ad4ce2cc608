"""What a job's folder says of every day of every series, held against the simulator's truth."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from harvester.simulator.faults import Fault
from harvester.simulator.truth import Truth
from tests.savings.support_random_worlds import World, world
from tests.savings.support_two_sides import Side, Spec

# Whatever a series is told apart by: its columns in timeline/ and countries/ and in requests/.
SERIES = ("entity", "counter", "granularity", "entity_id", "sub_item", "sub_item_id")
KNOWN, UNKNOWN = {"done", "empty", "not_needed"}, {"failed", "pending", "abandoned"}
DATASET = {"timeline": "timeline", "breakdown": "countries"}
Series = tuple[Any, ...]
Days = set[date]


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def monthly(number: int) -> tuple[World, list[Spec]]:
    """A world whose events are never late, and the spec of each of its runs.

    From run to run a period may move, and a dimension may come or go: what was evidence fills a
    dataset then, and the other way round.
    """
    dice = random.Random(number)  # noqa: S311  # no secret
    chosen = world(number, has_quirks=False)
    chosen = replace(chosen, config=replace(chosen.config, late_days=0))
    specs = [_moved(chosen.spec, dice)]
    for _ in chosen.days[1:]:
        specs.append(_moved(chosen.spec, dice) if dice.random() < 0.4 else specs[-1])
    return chosen, specs


def _moved(spec: Spec, dice: random.Random) -> Spec:
    """Some periods end with the last month, and a dimension may be left out for a while."""
    whole = spec["dimensions"]
    kept = [each for each in whole if dice.random() < 0.8] or whole[:1]
    return {**spec, "dimensions": [_ended(each, dice) for each in kept]}


def _ended(dimension: Spec, dice: random.Random) -> Spec:
    if "period" not in dimension or dice.random() < 0.4:
        return dimension
    return {**dimension, "period": {**dimension["period"], "end": "last-month"}}


def refusals(number: int) -> tuple[Fault, ...]:
    """Some requests that fail for good, in some worlds."""
    dice = random.Random(number)  # noqa: S311  # no secret
    share = dice.choice([0.0, 0.1, 0.4])
    return (Fault("status", status=400, rate=share, path="timeline|breakdown"),) if share else ()


def wanted(spec: Spec, today: date) -> dict[tuple[str, Series], Days]:
    """The days that a spec asks of each series."""
    found: dict[tuple[str, Series], Days] = {}
    for dimension in spec["dimensions"]:
        endpoint = dimension["endpoint"]
        if endpoint not in DATASET:
            continue
        for series in _series(spec, dimension):
            first, last = _period(dimension, today)
            found.setdefault((endpoint, series), set()).update(days(first, last))
    return found


def _series(spec: Spec, dimension: Spec) -> Iterator[Series]:
    narrowed = dimension.get("filter", {})
    named = [str(each) for each in narrowed.get("sub_item_ids", [])]
    values: list[str | None] = [*named] or [None]
    for kind in dimension.get("entities", list(spec["entities"])):
        for one in spec["entities"][kind]["ids"]:
            for counter in dimension["counters"]:
                for granularity in dimension["granularities"]:
                    for value in values:
                        yield kind, counter, granularity, one, narrowed.get("sub_item"), value


def _period(dimension: Spec, today: date) -> tuple[date, date]:
    start, end = dimension["period"]["start"], dimension["period"]["end"]
    first = date(2011, 1, 1) if start == "beginning" else date.fromisoformat(start)
    ends = {"yesterday": today - timedelta(days=1), "last-month": today.replace(day=1) - _DAY}
    return first, ends[end] if end in ends else date.fromisoformat(end)


_DAY = timedelta(days=1)


class Told:
    """What requests/ and the datasets say, by series."""

    def __init__(self, side: Side, run_id: str | None) -> None:
        """Read them; what is not known is what the latest run says."""
        self.known: dict[tuple[str, Series], Days] = {}
        self.unknown: dict[tuple[str, Series], Days] = {}
        names = ("endpoint", "shown_start", "shown_end", "state", "reason", *SERIES)
        lines = side.rows("requests", "run_id", *names)
        for run, endpoint, first, last, state, reason, *series in sorted(
            lines, key=lambda line: _place(line[0])
        ):
            which = endpoint, tuple(series)
            if endpoint not in DATASET or not first:
                continue
            if state in UNKNOWN and run == run_id:
                self.unknown.setdefault(which, set()).update(days(first, last))
            if state in KNOWN:
                # The youngest run that brings a period has all of it: its row is replaced.
                is_new = state != "not_needed" or reason == "derived"
                gone = _periods(which, first, last) if is_new else ()
                known = self.known.setdefault(which, set())
                known.difference_update(gone)
                known.update(days(first, last))
        self.rows: dict[tuple[str, Series], dict[tuple[date, date], int]] = {}
        for endpoint, dataset in DATASET.items():
            columns = (*SERIES, "period_start", "period_end", "value")
            for row in side.rows(dataset, *columns):
                cells = self.rows.setdefault((endpoint, row[:-3]), {})
                period = row[-3], row[-2]
                cells[period] = cells.get(period, 0) + row[-1]

    def wrong(self, truth: Truth, scope: str | None) -> list[str]:
        """Days of which the folder says what is not so."""
        found = []
        for which in {**self.known, **self.rows}:
            known, cells = self.known.get(which, set()), self.rows.get(which, {})
            happened = events(truth, scope, which) if known or cells else {}
            held: Days = set()
            for (first, last), value in cells.items():
                period = set(days(first, last))
                held |= period
                if not period <= known:
                    found.append(f"{which}: a row of {first}..{last}, and no request says so")
                if value != sum(happened.get(day, 0) for day in period):
                    found.append(f"{which}: {value} in {first}..{last}")
            if false_zeros := sorted(day for day in known - held if happened.get(day)):
                found.append(f"{which}: no row on {false_zeros[0]}..{false_zeros[-1]}, yet events")
        return found

    def unexplained(self, asked: dict[tuple[str, Series], Days]) -> list[str]:
        """Days that were asked for, and nothing says what became of them."""
        return [
            f"{which}: {min(left)}..{max(left)}"
            for which, period in asked.items()
            if (left := period - self.known.get(which, set()) - self.unknown.get(which, set()))
        ]


def _place(run_id: str) -> tuple[str, int]:
    day, _, number = run_id.partition(".")
    return day, int(number)


def _periods(which: tuple[str, Series], first: date, last: date) -> Iterator[date]:
    """The days of all periods that these days touch."""
    endpoint, (_, _, granularity, *_) = which
    if granularity == "total" and endpoint == "timeline":
        return days(date(2011, 1, 1), date(2027, 1, 1))
    if granularity == "day":
        return days(first, last)
    if granularity == "month":
        return days(first.replace(day=1), (last.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY)
    return days(date(first.year, 1, 1), date(last.year, 12, 31))


def events(truth: Truth, scope: str | None, which: tuple[str, Series]) -> dict[date, int]:
    """What happened in a series, by day."""
    endpoint, (kind, counter, _, one, *chosen) = which
    question = (scope, counter, kind, one, date(2011, 1, 1), truth.config.today)
    if endpoint == "timeline":
        return truth.daily(*question, *chosen)
    found = truth.breakdown(scope, "day", *question[1:], *chosen)
    return {
        date.fromisoformat(day): sum(cities["total"] for cities in lands.values())
        for day, lands in found.items()
    }
