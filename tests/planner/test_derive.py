"""Coarser periods as sums of finer ones, against counts day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model.dates import day_of, epoch_day
from harvester.model.terms import Granularity
from harvester.planner.derive import sums
from harvester.planner.history import series_history
from harvester.planner.intervals import DayRange
from tests.planner.support_timelines import (
    LOW,
    THIS_RUN,
    TODAY,
    Daily,
    at,
    dailies,
    reading,
    spans,
    stretch,
)

DAY, MONTH, YEAR, TOTAL = Granularity


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
    window: DayRange,
    cut: int,
    inner: DayRange,
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
    history = series_history(told, fine, TODAY, THIS_RUN)
    assert history is not None

    found = list(sums(history, coarse, (first, last)))

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
    found: Sequence[tuple[DayRange, int, dict[str, int]]], whole: DayRange, coarse: Granularity
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
    history = series_history(told, DAY, TODAY, THIS_RUN)
    assert history is not None

    assert list(sums(history, MONTH, stretch("2025-12-20..2026-02-28"))) == [
        (stretch("2025-12-20..2026-01-31"), 1_000, {"2025-12": 1, "2026-01": 2}),
        (stretch("2026-02-01..2026-02-28"), 2_000, {"2026-02": 4}),
    ]
