"""Readings of one timeline laid over each other, and sums of them, against counts day by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model.points import packed
from harvester.model.terms import Granularity, State
from harvester.model.told import Told
from harvester.model.window import day_of, epoch_day
from harvester.planner.coverage import Today
from harvester.planner.record import newest_total, record_of
from harvester.planner.stretches import Stretch
from harvester.planner.sums import sums

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity
TODAY = Today(D("2026-07-04"), settle_days=3)
THIS_RUN = 9
# Of a day: what it counts.
Daily = Mapping[int, int]


def at(text: str) -> int:
    return epoch_day(D(text))


def reading(
    window: Stretch,
    daily: Daily,
    edge: Granularity,
    *,
    run: int,
    snapshot: int,
    failed: bool = False,
) -> Told:
    """What the ledger keeps of a timeline of these days: one count for each period it touches."""
    points: dict[int, int] = {}
    for day in range(window[0], window[1] + 1):
        if edge is TOTAL:
            key = window[0]
        else:
            key = max(epoch_day(edge.period_start(day_of(day))), window[0])
        points[key] = points.get(key, 0) + daily.get(day, 0)
    value = sum(points.values())
    state = State.FAILED if failed else State.DONE if value else State.EMPTY
    return Told(run, snapshot, *window, window[1], state, 0, value, run * 1_000,
                packed(points) if value else None)  # fmt: skip


def stretch(text: str) -> Stretch:
    first, _, last = text.partition("..")
    return at(first), at(last or first)


@pytest.mark.parametrize(
    ("edge", "readings", "points", "known"),
    [
        pytest.param(
            DAY,
            [("2026-05-01..2026-05-31", "2026-06-10", {"2026-05-03": 2})],
            {"2026-05-03": 2},
            ["2026-05-01..2026-05-31"],
            id="settled days are known",
        ),
        pytest.param(
            DAY,
            [("2026-05-01..2026-05-31", "2026-06-01", {"2026-05-30": 2})],
            {"2026-05-30": 2},
            ["2026-05-01..2026-05-28"],
            id="open days have a count and are not known",
        ),
        pytest.param(
            DAY,
            [("2026-05-01..2026-07-03", "2026-07-04", {})],
            {},
            ["2026-05-01..2026-07-03"],
            id="read on this date nothing is open",
        ),
        pytest.param(
            DAY,
            [
                ("2026-05-01..2026-05-20", "2026-05-21", {"2026-05-02": 1, "2026-05-19": 1}),
                ("2026-05-18..2026-05-31", "2026-07-01", {"2026-05-18": 4}),
            ],
            {"2026-05-02": 1, "2026-05-18": 4},
            ["2026-05-01..2026-05-31"],
            id="the younger takes the place of the days that it read",
        ),
        pytest.param(
            MONTH,
            [
                ("2026-04-01..2026-05-20", "2026-05-21", {"2026-04-02": 3, "2026-05-19": 1}),
                ("2026-05-15..2026-06-10", "2026-07-01", {"2026-06-09": 5}),
            ],
            {"2026-04-01": 3, "2026-06-01": 5},
            ["2026-04-01..2026-04-30", "2026-05-15..2026-06-10"],
            id="of a month it takes the whole place",
        ),
        pytest.param(
            TOTAL,
            [
                ("2026-01-01..2026-05-20", "2026-05-31", {"2026-04-02": 3}),
                ("2026-01-01..2026-06-10", "2026-07-01", {"2026-04-02": 3, "2026-06-09": 5}),
            ],
            {"2026-01-01": 8},
            ["2026-01-01..2026-06-10"],
            id="one row over all days replaces the one before",
        ),
    ],
)
def test_readings_over_each_other(
    edge: Granularity,
    readings: list[tuple[str, str, dict[str, int]]],
    points: dict[str, int],
    known: list[str],
) -> None:
    told = [
        reading(stretch(days), {at(d): n for d, n in daily.items()}, edge, run=run, snapshot=at(on))
        for run, (days, on, daily) in enumerate(readings, 1)
    ]
    record = record_of(told, edge, TODAY, THIS_RUN)

    assert record is not None
    assert record.points == {at(day): n for day, n in points.items()}
    assert record.known == [stretch(each) for each in known]


def _answered(**changes: Any) -> Told:
    window = stretch("2026-05-01..2026-05-31")
    told = reading(window, {at("2026-05-03"): 2, at("2026-05-20"): 1}, DAY, run=1,
                   snapshot=at("2026-06-20"))  # fmt: skip
    return told._replace(**changes)


@pytest.mark.parametrize(
    ("told", "events"),
    [
        pytest.param([], None, id="never asked"),
        pytest.param([_answered(state=State.FAILED)], None, id="failed"),
        pytest.param([_answered(points=None)], None, id="events whose days were not kept"),
        pytest.param(
            [_answered(points=None, value=None)], None, id="an older version kept no counts"
        ),
        pytest.param([_answered(points=None, value=0, state=State.EMPTY)], 0, id="no events"),
        pytest.param(
            [_answered(last=at("2026-05-10"), sent_last=at("2026-05-31"))],
            2,
            id="cut short, it knows of its beginning only",
        ),
        pytest.param(
            [_answered(), _answered(run=2, state=State.FAILED)], 3, id="a failure hides nothing"
        ),
    ],
)
def test_what_is_no_record(told: list[Told], events: int | None) -> None:
    record = record_of(told, DAY, TODAY, THIS_RUN)

    assert (record and record.events) == events


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([], None, id="never asked"),
        pytest.param([(THIS_RUN, "2026-07-04", 5)], 5, id="of this run"),
        pytest.param([(1, "2026-07-04", 5)], 5, id="of this date"),
        pytest.param([(1, "2026-07-03", 5)], None, id="of yesterday"),
        pytest.param([(1, "2026-07-04", 5), (THIS_RUN, "2026-07-04", 7)], 7, id="the newest"),
        pytest.param([(THIS_RUN, "2026-07-04", None)], None, id="null is no total"),
        pytest.param([(THIS_RUN, "2026-07-04", 0)], 0, id="0 is one"),
    ],
)
def test_which_total_counts(told: list[tuple[int, str, int | None]], expected: int | None) -> None:
    totals = [Told(run, at(on), 0, 0, 0, State.DONE, 1, value, 0, None) for run, on, value in told]

    assert newest_total(totals, TODAY, THIS_RUN) == expected
    failed = [each._replace(state=State.FAILED) for each in totals]
    assert newest_total(failed, TODAY, THIS_RUN) is None


LOW = at("2024-11-20")
spans = st.tuples(st.integers(0, 200), st.integers(0, 120)).map(
    lambda each: (LOW + each[0], LOW + sum(each))
)
dailies = st.dictionaries(st.integers(LOW, LOW + 330), st.integers(1, 9), max_size=40)


@settings(deadline=None)
@given(
    asked=st.lists(st.tuples(spans, dailies, st.integers(0, 9), st.booleans()), max_size=4),
    edge=st.sampled_from([DAY, MONTH, YEAR]),
    frame=spans,
    settle_days=st.integers(0, 10),
)
def test_of_each_period_the_youngest_reading_counts(
    asked: list[tuple[Stretch, Daily, int, bool]],
    edge: Granularity,
    frame: Stretch,
    settle_days: int,
) -> None:
    told = [
        reading(window, daily, edge, run=run, snapshot=window[1] + later, failed=failed)
        for run, (window, daily, later, failed) in enumerate(asked, 1)
    ]
    today = Today(D("2026-07-04"), settle_days)
    record = record_of(told, edge, today, THIS_RUN)
    youngest: dict[str, int] = {}
    for place, (window, _, _, failed) in enumerate(asked):
        if not failed:
            touched = range(window[0], window[1] + 1)
            youngest |= {edge.period_text(day_of(day)): place for day in touched}

    if not youngest:
        assert record is None
        return
    assert record is not None
    counts: dict[int, int] = {}
    known, read = set[int](), dict[int, int]()
    # From the first day of the first year to the last of the last, for years are touched whole.
    for day in range(at("2024-01-01"), at("2026-01-01")):
        place = youngest.get(edge.period_text(day_of(day)), -1)
        window, daily, later, _ = asked[place]
        if place < 0 or not window[0] <= day <= window[1]:
            continue
        key = max(epoch_day(edge.period_start(day_of(day))), window[0])
        counts[key] = counts.get(key, 0) + daily.get(day, 0)
        read[day] = (place + 1) * 1_000
        if day <= window[1] + later - settle_days - 1:
            known.add(day)

    points = {key: count for key, count in counts.items() if count}
    assert record.points == points
    assert record.events == sum(points.values())
    assert {d for first, last in record.known for d in range(first, last + 1)} == known
    assert record.between(frame) == sum(n for k, n in points.items() if frame[0] <= k <= frame[1])
    assert record.read_at(frame) == min((t for d, t in read.items() if frame[0] <= d <= frame[1]),
                                        default=0)  # fmt: skip
    names = {edge.period_text(day_of(key)) for key in points}
    busy = {d for first, last in record.busy(frame) for d in range(first, last + 1)}
    for day in range(frame[0], frame[1] + 1):
        assert (day in busy) == (edge.period_text(day_of(day)) in names)


def _month_start(day: int) -> int:
    return epoch_day(day_of(day).replace(day=1))


def _month_end(day: int) -> int:
    return epoch_day(MONTH.period_end(day_of(day)))


FINE_TO_COARSE: list[tuple[Granularity, Granularity]] = [
    (DAY, MONTH), (DAY, YEAR), (DAY, TOTAL), (MONTH, YEAR), (MONTH, TOTAL),
]  # fmt: skip


@settings(deadline=None)
@given(
    daily=dailies,
    window=spans,
    cut=st.integers(0, 320),
    inner=spans,
    grains=st.sampled_from(FINE_TO_COARSE),
)
def test_sums_are_what_counting_day_by_day_gives(
    daily: Daily,
    window: Stretch,
    cut: int,
    inner: Stretch,
    grains: tuple[Granularity, Granularity],
) -> None:
    """Also of the part of a first and a last period, and of two readings of different age."""
    fine, coarse = grains
    edges: tuple[Callable[[int], int], Callable[[int], int]] = (
        (_month_start, _month_end) if fine is MONTH else (int, int)
    )
    # The part that is wanted begins and ends with the readings, or on an edge within them.
    first = max(window[0], edges[0](min(max(inner[0], window[0]), window[1])))
    last = min(window[1], edges[1](min(max(inner[1], first), window[1])))
    seam = edges[0](LOW + cut)
    parts = [window]
    if window[0] < seam <= window[1]:
        parts = [(window[0], seam - 1), (seam, window[1])]
    snapshot = at("2026-06-01")
    told = [reading(each, daily, fine, run=run, snapshot=snapshot)
            for run, each in enumerate(parts, 1)]  # fmt: skip
    record = record_of(told, fine, TODAY, THIS_RUN)
    assert record is not None

    found = list(sums(record, coarse, (first, last)))

    expected: dict[str, int] = {}
    for day in range(first, last + 1):
        if daily.get(day):
            text = coarse.period_text(day_of(day))
            expected[text] = expected.get(text, 0) + daily[day]
    assert {text: n for _, _, counts in found for text, n in counts.items()} == expected
    _are_in_order(found, (first, last), coarse)
    for part, when, counts in found:
        named = {coarse.period_text(day_of(day)) for day in range(part[0], part[1] + 1)}
        assert counts.keys() <= named
        assert when == min(
            run * 1_000 for run, each in enumerate(parts, 1)
            if each[0] <= part[1] and part[0] <= each[1]
        )  # fmt: skip


def _are_in_order(
    found: Sequence[tuple[Stretch, int, dict[str, int]]], whole: Stretch, coarse: Granularity
) -> None:
    """One after the other they are the whole; each ends where a period does, and has its age."""
    assert (found[0][0][0], found[-1][0][1]) == whole
    for one, other in pairwise(found):
        assert one[0][1] + 1 == other[0][0]
        assert one[1] != other[1]
        assert coarse.period_start(day_of(other[0][0])) == day_of(other[0][0])


def test_a_sum_is_as_old_as_its_oldest_part() -> None:
    """Figures that say when they were read must not say later than the truth."""
    daily = {at("2025-12-30"): 1, at("2026-01-10"): 2, at("2026-02-10"): 4}
    windows = [stretch("2025-12-20..2026-01-15"), stretch("2026-01-16..2026-02-28")]
    told = [reading(each, daily, DAY, run=run, snapshot=at("2026-06-01"))
            for run, each in enumerate(windows, 1)]  # fmt: skip
    record = record_of(told, DAY, TODAY, THIS_RUN)
    assert record is not None

    assert list(sums(record, MONTH, stretch("2025-12-20..2026-02-28"))) == [
        (stretch("2025-12-20..2026-01-31"), 1_000, {"2025-12": 1, "2026-01": 2}),
        (stretch("2026-02-01..2026-02-28"), 2_000, {"2026-02": 4}),
    ]
