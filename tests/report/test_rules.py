"""The rules a report says aloud: months that stand out, months that are closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.report.calendar import before, last_closed_month, month_of, quarter_to, year_to
from harvester.report.outliers import LEAST_EVENTS, TIMES, outliers

D = date.fromisoformat


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        pytest.param([100] * 24, set(), id="steady"),
        pytest.param([100] * 12 + [1000] + [100] * 11, {12}, id="one month of machines"),
        pytest.param([100] * 12 + [299] + [100] * 11, set(), id="just below three times"),
        pytest.param([100] * 12 + [300] + [100] * 11, {12}, id="three times"),
        pytest.param([1] * 12 + [90] + [1] * 11, set(), id="too few events to tell"),
        pytest.param([0] * 12 + [100] + [0] * 11, {12}, id="out of nothing"),
        pytest.param([100, 1000, 100, 100], set(), id="too few neighbours"),
        pytest.param([round(100 * 1.15**n) for n in range(36)], set(), id="steady growth"),
        pytest.param([5000] + [100] * 11, {0}, id="the first month"),
    ],
)
def test_a_month_three_times_its_neighbours_stands_out(values: list[int], marked: set[int]) -> None:
    assert outliers(values) == marked


@given(values=st.lists(st.integers(0, 10_000), max_size=60))
def test_a_marked_month_is_large_and_marking_is_no_filter(values: list[int]) -> None:
    before_that = list(values)

    for place in outliers(values):
        assert values[place] >= LEAST_EVENTS
        around = values[max(0, place - 6) : place] + values[place + 1 : place + 7]
        assert sum(TIMES * each <= values[place] for each in around) * 2 >= len(around)

    assert values == before_that


@pytest.mark.parametrize(
    ("read_to", "as_of", "month"),
    [
        pytest.param("2026-11-22", "2026-11-23", "2026-10-01", id="the month is under way"),
        pytest.param("2026-10-31", "2026-11-03", "2026-09-01", id="October is not settled yet"),
        pytest.param("2026-10-31", "2026-11-04", "2026-10-01", id="October has just settled"),
        pytest.param("2026-10-30", "2026-12-24", "2026-09-01", id="October was not read whole"),
        pytest.param("2026-01-10", "2026-01-11", "2025-12-01", id="over the new year"),
    ],
)
def test_the_last_closed_month_is_the_last_that_was_read_and_settled(
    read_to: str, as_of: str, month: str
) -> None:
    assert last_closed_month(D(read_to), D(as_of), settle_days=3).first == D(month)


@given(
    as_of=st.dates(D("2012-01-01"), D("2035-12-31")),
    late=st.integers(1, 90),
    settle=st.integers(0, 40),
)
def test_every_day_of_a_closed_month_is_read_and_settled(
    as_of: date, late: int, settle: int
) -> None:
    read_to = as_of - timedelta(days=late)

    month = last_closed_month(read_to, as_of, settle)

    assert month.first.day == 1
    assert month.last <= read_to
    assert (as_of - month.last).days > settle
    following = month_of(month.last + timedelta(days=1))
    assert following.last > read_to or (as_of - following.last).days <= settle


@given(day=st.dates(D("2012-01-01"), D("2035-12-31")))
def test_quarters_and_years_end_with_a_closed_month(day: date) -> None:
    month = month_of(day)

    quarter, year = quarter_to(month), year_to(month)

    assert quarter.first.month in {1, 4, 7, 10}
    assert 89 <= (quarter.last - quarter.first).days <= 91
    assert quarter.last <= month.last < quarter.last + timedelta(days=93)
    assert (year.last, year.first.month) == (month.last, month.first.month % 12 + 1)
    assert before(quarter, 3).last + timedelta(days=1) == quarter.first
