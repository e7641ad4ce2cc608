"""Readings of one timeline laid over each other, against counts day by day."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model.dates import day_of, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.run_plan import Settlement
from harvester.model.terms import Granularity, State
from harvester.planner.history import newest_total, series_history
from harvester.planner.intervals import DayRange
from tests.planner.support_timelines import (
    THIS_RUN,
    TODAY,
    D,
    Daily,
    at,
    dailies,
    reading,
    spans,
    stretch,
)

DAY, MONTH, YEAR, TOTAL = Granularity


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
        pytest.param(
            TOTAL,
            [
                ("2026-01-01..2026-05-20", "2026-05-31", {"2026-04-02": 3}),
                ("2026-02-01..2026-06-10", "2026-07-01", {"2026-04-02": 3}),
            ],
            {"2026-02-01": 3},
            ["2026-02-01..2026-06-10"],
            id="also a row over other days",
        ),
    ],
)
def test_readings_over_each_other_leave_the_youngest_of_each_day(
    edge: Granularity,
    readings: list[tuple[str, str, dict[str, int]]],
    points: dict[str, int],
    known: list[str],
) -> None:
    told = [
        reading(stretch(days), {at(d): n for d, n in daily.items()}, edge, run=run, snapshot=at(on))
        for run, (days, on, daily) in enumerate(readings, 1)
    ]
    history = series_history(told, edge, TODAY, THIS_RUN)

    assert history is not None
    assert history.points == {at(day): n for day, n in points.items()}
    assert history.known == [stretch(each) for each in known]


def _answered(**changes: Any) -> PastOutcome:
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
            [_answered(points=None), _answered(run=2)], None, id="not even where one reading were"
        ),
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
def test_a_history_is_known_only_where_the_days_of_its_events_were_kept(
    told: list[PastOutcome], events: int | None
) -> None:
    history = series_history(told, DAY, TODAY, THIS_RUN)

    assert (history and history.events) == events


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
def test_the_newest_total_that_was_answered_counts(
    told: list[tuple[int, str, int | None]], expected: int | None
) -> None:
    totals = [
        PastOutcome(run, at(on), 0, 0, 0, State.DONE, 1, value, 0, None) for run, on, value in told
    ]

    assert newest_total(totals, TODAY, THIS_RUN) == expected
    failed = [each._replace(state=State.FAILED) for each in totals]
    assert newest_total(failed, TODAY, THIS_RUN) is None


@settings(deadline=None)
@given(
    asked=st.lists(st.tuples(spans, dailies, st.integers(0, 9), st.booleans()), max_size=4),
    edge=st.sampled_from([DAY, MONTH, YEAR]),
    frame=spans,
    settle_days=st.integers(0, 10),
)
def test_of_each_period_the_youngest_reading_counts(
    asked: list[tuple[DayRange, Daily, int, bool]],
    edge: Granularity,
    frame: DayRange,
    settle_days: int,
) -> None:
    told = [
        reading(window, daily, edge, run=run, snapshot=window[1] + later, failed=failed)
        for run, (window, daily, later, failed) in enumerate(asked, 1)
    ]
    today = Settlement(D("2026-07-04"), settle_days)
    history = series_history(told, edge, today, THIS_RUN)
    youngest: dict[str, int] = {}
    for place, (window, _, _, failed) in enumerate(asked):
        if not failed:
            touched = range(window[0], window[1] + 1)
            youngest |= {edge.period_text(day_of(day)): place for day in touched}

    if not youngest:
        assert history is None
        return
    assert history is not None
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
    assert history.points == points
    assert history.days == sorted(points)
    assert history.events == sum(points.values())
    assert {d for first, last in history.known for d in range(first, last + 1)} == known
    assert history.between(frame) == sum(n for k, n in points.items() if frame[0] <= k <= frame[1])
    assert history.read_at(frame) == min((t for d, t in read.items() if frame[0] <= d <= frame[1]),
                                        default=0)  # fmt: skip
    # Of a period that the reading itself began inside of, events before that are not known.
    names = {edge.period_text(day_of(key)) for key in points if key <= frame[1]}
    busy = {d for first, last in history.busy(frame) for d in range(first, last + 1)}
    for day in range(frame[0], frame[1] + 1):
        assert (day in busy) == (edge.period_text(day_of(day)) in names)
