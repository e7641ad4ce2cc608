"""Where windows are cut."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.dates import Window, periods
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.terms import Endpoint, Granularity
from harvester.planner.windows import split_window, years_after

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity


@pytest.mark.parametrize(
    ("granularity", "first", "last", "starts"),
    [
        pytest.param(DAY, "2024-01-01", "2024-01-01", ["2024-01-01"], id="one day"),
        pytest.param(DAY, "2023-01-01", "2023-12-31", ["2023-01-01"], id="exactly the limit"),
        pytest.param(
            DAY, "2023-01-01", "2024-01-01", ["2023-01-01", "2024-01-01"], id="a day over"
        ),
        pytest.param(DAY, "2024-02-29", "2025-02-28", ["2024-02-29", "2025-02-28"], id="leap day"),
        pytest.param(
            MONTH, "2020-06-15", "2022-06-20", ["2020-06-15", "2022-06-01"], id="months stay whole"
        ),
        pytest.param(
            YEAR, "2010-06-15", "2016-01-01", ["2010-06-15", "2015-01-01"], id="years stay whole"
        ),
        pytest.param(
            TOTAL, "2015-04-19", "2016-04-21", ["2015-04-19", "2016-01-01"], id="calendar years"
        ),
    ],
)
def test_a_breakdown_is_cut_at_periods_below_its_window_limit(
    granularity: Granularity, first: str, last: str, starts: list[str]
) -> None:
    parts = split_window(Window(D(first), D(last)), Endpoint.BREAKDOWN, granularity)

    assert [part.first.isoformat() for part in parts] == starts


@pytest.mark.parametrize("granularity", Granularity)
def test_a_timeline_is_one_window(granularity: Granularity) -> None:
    window = Window(D("2011-01-01"), D("2026-10-31"))

    assert list(split_window(window, Endpoint.TIMELINE, granularity)) == [window]


windows = st.builds(
    lambda first, days: Window(first, first + timedelta(days=days)),
    st.dates(D("2010-01-01"), D("2035-12-31")),
    st.integers(0, 6000),
)


@given(window=windows, granularity=st.sampled_from(Granularity))
def test_cutting_a_window_loses_no_day_and_doubles_none(
    window: Window, granularity: Granularity
) -> None:
    """The parts cover the window once, in order, none over the limit, no period twice."""
    parts = list(split_window(window, Endpoint.BREAKDOWN, granularity))
    years = WINDOW_LIMITS[Endpoint.BREAKDOWN, granularity].years or 0

    assert (parts[0].first, parts[-1].last) == (window.first, window.last)
    for part, following in pairwise(parts):
        assert following.first - part.last == timedelta(days=1)
        assert granularity.period_start(following.first) == following.first
    for part in parts:
        assert part.last < years_after(part.first, years)


@given(window=windows, granularity=st.sampled_from([DAY, MONTH, YEAR]))
def test_the_periods_of_a_window_are_its_days(window: Window, granularity: Granularity) -> None:
    """Every day lies in exactly one period, and each is spelled as the service spells it."""
    named = periods(granularity, window)

    assert sum(last - first + 1 for first, last in named.values()) == window.days
    day = window.first
    while day <= window.last:
        assert granularity.period_text(day) in named
        day += timedelta(days=max(1, window.days // 7))
