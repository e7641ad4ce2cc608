"""What a later run must ask: the gaps, on period edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.dates import Window
from harvester.model.outcomes import ReadWindow
from harvester.model.run_plan import Settlement
from harvester.model.terms import Granularity
from harvester.planner.coverage import covered_stretches, gaps

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity


def window(text: str) -> Window:
    first, last = text.split("..")
    return Window(D(first), D(last))


def reading(text: str, snapshot: str) -> ReadWindow:
    read = window(text)
    return ReadWindow(read.first, read.last, D(snapshot), f"{snapshot}.1", 1)


@pytest.mark.parametrize(
    ("edge", "readings", "today", "expected"),
    [
        pytest.param(MONTH, [], "2026-03-10", ["2026-01-01..2026-03-09"], id="nothing known"),
        pytest.param(
            MONTH,
            [("2026-01-01..2026-02-09", "2026-02-10")],
            "2026-03-10",
            ["2026-02-01..2026-03-09"],
            id="an open month is asked again whole",
        ),
        pytest.param(
            DAY,
            [("2026-01-01..2026-02-09", "2026-02-10")],
            "2026-03-10",
            ["2026-02-07..2026-03-09"],
            id="days that were not settled are asked again",
        ),
        pytest.param(
            MONTH,
            [("2026-01-01..2026-03-09", "2026-03-10")],
            "2026-03-10",
            [],
            id="the same date knows as much",
        ),
        pytest.param(
            YEAR,
            [("2026-01-01..2026-01-31", "2026-03-01")],
            "2026-03-10",
            ["2026-01-01..2026-03-09"],
            id="a clipped year is asked again when it grows",
        ),
        pytest.param(
            MONTH,
            [("2026-02-01..2026-02-28", "2026-03-10")],
            "2026-03-10",
            ["2026-01-01..2026-01-31", "2026-03-01..2026-03-09"],
            id="gaps on both sides",
        ),
        pytest.param(
            MONTH,
            [("2025-01-01..2026-12-31", "2027-02-01"), ("2026-02-10..2026-02-20", "2027-02-01")],
            "2027-03-10",
            ["2026-02-01..2026-02-28"],
            id="half a month read later has taken the place of the whole",
        ),
        pytest.param(
            None,
            [("2026-01-01..2026-03-09", "2026-04-01")],
            "2026-05-10",
            [],
            id="an undivided row of the same days is settled",
        ),
        pytest.param(
            None,
            [("2025-01-01..2026-03-09", "2026-04-01")],
            "2026-05-10",
            ["2026-01-01..2026-03-09"],
            id="an undivided row of other days is no answer",
        ),
    ],
)
def test_days_and_periods_without_a_settled_reading_are_asked_again(
    edge: Granularity | None, readings: list[tuple[str, str]], today: str, expected: list[str]
) -> None:
    found = gaps(
        window("2026-01-01..2026-03-09"),
        [reading(*each) for each in readings],
        edge,
        Settlement(D(today), settle_days=3),
    )

    assert [str(each) for each in found] == expected


days = st.dates(D("2024-01-01"), D("2026-12-31"))
stretches = st.tuples(days, days).map(lambda ends: Window(min(ends), max(ends)))
pasts = st.lists(
    st.tuples(stretches, st.integers(1, 40)).map(
        lambda read: ReadWindow(
            read[0].first, read[0].last, read[0].last + timedelta(days=read[1]), "run", 1
        )
    ),
    max_size=3,
)


@given(
    asked=stretches,
    readings=pasts,
    edge=st.sampled_from([DAY, MONTH, YEAR]),
    settle_days=st.integers(0, 10),
)
def test_days_that_are_not_asked_are_held_by_one_settled_reading(
    asked: Window, readings: list[ReadWindow], edge: Granularity, settle_days: int
) -> None:
    """Day by day: gaps and covered stretches are the window, and each covered period is
    held whole, settled, by the last reading that touched it."""
    today = Settlement(D("2027-06-01"), settle_days)
    missing = gaps(asked, readings, edge, today)
    held = covered_stretches(asked, missing)

    pieces = sorted([*missing, *held])
    assert sum(each.days for each in pieces) == asked.days
    day = asked.first
    while day <= asked.last:
        first = max(edge.period_start(day), asked.first)
        last = min(edge.period_end(day), asked.last)
        touching = [
            each
            for each in readings
            if each.first <= edge.period_end(day) and each.last >= edge.period_start(day)
        ]
        whole = bool(touching) and (
            touching[-1].first <= first and today.settled_to(touching[-1]) >= last
        )
        assert any(day in each for each in held) == whole
        day = last + timedelta(days=1)
