"""Arithmetic of stretches of days, against sets of days."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.dates import Window, day_of
from harvester.model.terms import Granularity
from harvester.planner.intervals import (
    DayRange,
    intersect,
    on_edges,
    period_around,
    range_of,
    range_window,
    subtract,
    subtract_all,
    union,
)


def days(stretches: Iterable[DayRange]) -> set[int]:
    return {day for first, last in stretches for day in range(first, last + 1)}


def are_apart(stretches: list[DayRange]) -> bool:
    """Sorted, none empty, none over another."""
    return all(first <= last for first, last in stretches) and all(
        one[1] < other[0] for one, other in pairwise(stretches)
    )


one = st.tuples(st.integers(0, 60), st.integers(0, 15)).map(lambda each: (each[0], sum(each)))
some = st.lists(one, max_size=6)
tidy = some.map(union)


@pytest.mark.parametrize(
    ("hole", "expected"),
    [
        pytest.param((3, 4), [(1, 2), (5, 9)], id="in the middle"),
        pytest.param((1, 1), [(2, 9)], id="the first day"),
        pytest.param((9, 9), [(1, 8)], id="the last day"),
        pytest.param((0, 12), [], id="all"),
        pytest.param((10, 12), [(1, 9)], id="just behind"),
        pytest.param((0, 0), [(1, 9)], id="just before"),
    ],
)
def test_a_hole_leaves_the_days_before_and_behind_it(
    hole: DayRange, expected: list[DayRange]
) -> None:
    assert subtract([(1, 9)], hole) == expected


@given(stretches=tidy, holes=some)
def test_days_taken_out_of_stretches_are_gone_and_no_others(
    stretches: list[DayRange], holes: list[DayRange]
) -> None:
    left = subtract_all(stretches, holes)

    assert days(left) == days(stretches) - days(holes)
    assert are_apart(left)


@given(stretches=tidy, frame=one)
def test_a_frame_keeps_the_days_inside_it_and_no_others(
    stretches: list[DayRange], frame: DayRange
) -> None:
    inside = intersect(stretches, frame)

    assert days(inside) == days(stretches) & days([frame])
    assert are_apart(inside)


@given(stretches=some)
def test_united_are_the_same_days_in_the_fewest_stretches(stretches: list[DayRange]) -> None:
    merged = union(stretches)

    assert days(merged) == days(stretches)
    assert are_apart(merged)
    assert all(other[0] - one_[1] > 1 for one_, other in pairwise(merged)), "a seam was left"


@given(
    stretch=st.tuples(st.integers(14_000, 22_000), st.integers(0, 900)).map(
        lambda each: (each[0], sum(each))
    ),
    edge=st.sampled_from([Granularity.DAY, Granularity.MONTH, Granularity.YEAR]),
)
def test_a_stretch_grown_to_edges_is_the_periods_it_touches(
    stretch: DayRange, edge: Granularity
) -> None:
    grown = on_edges(edge, stretch)
    names = {edge.period_text(day_of(day)) for day in days([stretch])}

    assert {edge.period_text(day_of(day)) for day in days([grown])} == names
    for outside in (grown[0] - 1, grown[1] + 1):
        assert edge.period_text(day_of(outside)) not in names
    assert period_around(edge, stretch[0])[0] == grown[0]
    assert range_of(range_window(stretch)) == stretch
    assert range_window(stretch) == Window(day_of(stretch[0]), day_of(stretch[1]))
