"""What nobody accounts for is found, day by day."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harvester.verify.accounts import Gap, first_gap, merged, unaccounted, ungrouped

spans = st.tuples(st.integers(1, 40), st.integers(0, 15)).map(lambda x: (x[0], x[0] + x[1]))


@given(st.lists(spans, max_size=6), spans)
def test_the_first_gap_is_the_first_day_without_a_window(
    windows: list[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    days = {day for low, high in windows for day in range(low, high + 1)}
    missing = [day for day in range(wanted[0], wanted[1] + 1) if day not in days]

    gap = first_gap(windows, wanted)

    assert (gap is None) == (not missing)
    if gap:
        assert gap[0] == missing[0]
        assert all(day in missing for day in range(gap[0], gap[1] + 1))
        assert gap[1] == wanted[1] or gap[1] + 1 in days


@given(st.lists(spans, max_size=8))
def test_merged_windows_are_the_same_days_and_do_not_touch(windows: list[tuple[int, int]]) -> None:
    days = {day for low, high in windows for day in range(low, high + 1)}
    whole = merged(windows)

    assert {day for low, high in whole for day in range(low, high + 1)} == days
    assert all(before[1] + 1 < after[0] for before, after in pairwise(whole))


def test_series_without_a_row_are_named() -> None:
    told = [(1, 10, 19), (1, 20, 29), (3, 10, 20), (3, 22, 29), (9, 10, 29)]

    assert list(unaccounted(told, [1, 2, 3, 9], (10, 29))) == [Gap(2, 10, 29), Gap(3, 21, 21)]
    assert list(unaccounted(told, [1, 4], None)) == [Gap(4, 0, 0)]
    assert list(ungrouped([(5, 0, 7), (9, 0, 12)], [5, 6, 8, 12])) == [Gap(8, 0, 0)]
