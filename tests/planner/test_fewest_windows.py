"""Windows of breakdowns: within the limits, over what is needed, and no more than it takes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model.dates import Window, day_of, epoch_day
from harvester.model.terms import Granularity
from harvester.planner.intervals import DayRange, range_of, subtract_all, union
from harvester.planner.windows import fewest_windows

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity
DECADE = Window(D("2016-03-10"), D("2026-02-20"))
# The documentation's words, written down once more: from the first day to the day before so
# many years later; one row of `total` is a calendar year, by the contract.
YEARS = {DAY: 1, MONTH: 2, YEAR: 5}


def stretch(text: str) -> DayRange:
    first, _, last = text.partition("..")
    return epoch_day(D(first)), epoch_day(D(last or first))


@pytest.mark.parametrize(
    ("granularity", "needed", "taken", "expected"),
    [
        pytest.param(MONTH, [], [], [], id="nothing needed, nothing asked"),
        pytest.param(
            MONTH, ["2020-05-17"], [], ["2020-05-01..2020-05-31"], id="a day asks its whole month"
        ),
        pytest.param(
            MONTH,
            ["2020-05-17", "2022-04-02"],
            [],
            ["2020-05-01..2022-04-30"],
            id="two years to the month in one window",
        ),
        pytest.param(
            MONTH,
            ["2020-05-17", "2022-05-01"],
            [],
            ["2020-05-01..2020-05-31", "2022-05-01..2022-05-31"],
            id="a month more is another window, and the idle time between is in none",
        ),
        pytest.param(
            MONTH,
            ["2016-03-12", "2026-02-15"],
            [],
            ["2016-03-10..2016-03-31", "2026-02-01..2026-02-20"],
            id="no day outside what is asked",
        ),
        pytest.param(
            MONTH,
            ["2020-05-17", "2021-04-02"],
            ["2020-08-01..2020-10-31"],
            ["2020-05-01..2020-05-31", "2021-04-01..2021-04-30"],
            id="none reaches over one that was asked already",
        ),
        pytest.param(
            DAY,
            ["2019-03-01", "2020-02-29", "2020-03-01"],
            [],
            ["2019-03-01..2020-02-29", "2020-03-01..2020-03-01"],
            id="days, over a leap day",
        ),
        pytest.param(
            DAY,
            ["2020-02-29", "2021-02-27", "2021-02-28"],
            [],
            ["2020-02-29..2021-02-27", "2021-02-28..2021-02-28"],
            id="days, from a leap day",
        ),
        pytest.param(
            YEAR,
            ["2016-12-31", "2020-06-01", "2021-01-01"],
            [],
            ["2016-03-10..2020-12-31", "2021-01-01..2021-12-31"],
            id="years, of which the first is not whole",
        ),
        pytest.param(
            TOTAL,
            ["2019-12-31", "2020-01-01"],
            [],
            ["2019-01-01..2019-12-31", "2020-01-01..2020-12-31"],
            id="a row of total is one calendar year",
        ),
    ],
)
def test_windows_lie_where_the_fewest_cover_what_is_needed(
    granularity: Granularity, needed: list[str], taken: list[str], expected: list[str]
) -> None:
    laid = fewest_windows(
        [stretch(each) for each in needed], DECADE, granularity, [*map(stretch, taken)]
    )

    assert [str(each) for each in laid] == expected


@cache
def reach(granularity: Granularity, first: int) -> int:
    """The last day that one request from a day on may ask for, on a period's edge."""
    day = day_of(first)
    if granularity is TOTAL:
        return epoch_day(date(day.year, 12, 31))
    years = YEARS[granularity]
    try:
        last = day.replace(year=day.year + years)
    except ValueError:
        last = date(day.year + years, 2, 28)
    last -= timedelta(days=1)
    if granularity is DAY:
        return epoch_day(last)
    while granularity.period_end(last) != last:
        last -= timedelta(days=1)
    return epoch_day(last)


def cells(granularity: Granularity, asked: Window) -> list[DayRange]:
    """The periods of the days that are asked for, clipped to them."""
    found, day = [], asked.first
    while day <= asked.last:
        end = min(granularity.period_end(day), asked.last)
        found.append((epoch_day(day), epoch_day(end)))
        day = end + timedelta(days=1)
    return found


def fewest(
    granularity: Granularity, needed: list[DayRange], free: list[DayRange], taken: set[int]
) -> int:
    """The least number of windows over the needed periods, by trying every place to begin.

    Args:
        needed: periods, clipped.
        free: all periods that a window may touch.
        taken: first days of the others.
    """
    ends = {}
    for start, _ in free:
        barrier = min((day - 1 for day in taken if day > start), default=free[-1][1])
        ends[start] = min(reach(granularity, start), barrier)

    @cache
    def least(place: int) -> int:
        if place == len(needed):
            return 0
        best = len(needed)
        # What a window from there on reaches, of those that hold the next period at all.
        reached = {end for start, end in ends.items() if start <= needed[place][0]}
        for end in reached:
            covered = place
            while covered < len(needed) and needed[covered][1] <= end:
                covered += 1
            if covered > place:
                best = min(best, 1 + least(covered))
        return best

    return least(0)


@st.composite
def jobs(draw: st.DrawFn) -> tuple[Granularity, Window, list[DayRange], list[DayRange]]:
    granularity = draw(st.sampled_from(Granularity))
    # Enough for a handful of windows, few enough periods to try all.
    most = {DAY: 600, MONTH: 3_000, YEAR: 7_000, TOTAL: 2_500}[granularity]
    first = draw(st.dates(D("2011-01-01"), D("2017-12-31")))
    asked = Window(first, first + timedelta(days=draw(st.integers(0, most))))
    low, high = range_of(asked)
    drawn = st.lists(
        st.tuples(st.integers(low, high), st.sampled_from([0, 0, 3, 40, 400])).map(
            lambda each: (each[0], min(sum(each), high))
        ),
        max_size=7,
    )
    periods = cells(granularity, asked)
    # What this run has asked already are whole periods; and those are not needed any more.
    asked_before = draw(st.lists(st.sampled_from(periods), max_size=2))
    taken = union(asked_before)
    return granularity, asked, subtract_all(union(draw(drawn)), taken), taken


@settings(deadline=None)
@given(job=jobs())
def test_windows_cover_what_is_needed_and_no_plan_needs_fewer(
    job: tuple[Granularity, Window, list[DayRange], list[DayRange]],
) -> None:
    granularity, asked, needed, taken = job
    laid = [range_of(each) for each in fewest_windows(needed, asked, granularity, taken)]
    periods = cells(granularity, asked)
    wanted = [cell for cell in periods if any(f <= cell[1] and cell[0] <= t for f, t in needed)]

    assert laid == sorted(laid)
    for first, last in laid:
        assert last <= reach(granularity, first), "longer than the service answers"
        assert first in {cell[0] for cell in periods}, "begins inside a period"
        assert last in {cell[1] for cell in periods}, "ends inside a period"
        assert not any(first <= to and since <= last for since, to in taken), "over a taken one"
    for cell in wanted:
        assert sum(first <= cell[0] and cell[1] <= last for first, last in laid) == 1
    # The idle ends of a window would be asked for nothing.
    assert all(any(cell[0] == first for cell in wanted) for first, _ in laid)
    assert all(any(cell[1] == last for cell in wanted) for _, last in laid)
    held = {cell[0] for cell in periods if any(f <= cell[0] <= t for f, t in taken)}
    free = [cell for cell in periods if cell[0] not in held]
    if wanted:
        assert len(laid) == fewest(granularity, wanted, free, held)
