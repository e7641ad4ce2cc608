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
    Stretch,
    on_edges,
    period_around,
    stretch_of,
    united,
    window_of,
    within,
    without,
    without_all,
)


def days(stretches: Iterable[Stretch]) -> set[int]:
    return {day for first, last in stretches for day in range(first, last + 1)}


def are_apart(stretches: list[Stretch]) -> bool:
    """Sorted, none empty, none over another."""
    return all(first <= last for first, last in stretches) and all(
        one[1] < other[0] for one, other in pairwise(stretches)
    )


one = st.tuples(st.integers(0, 60), st.integers(0, 15)).map(lambda each: (each[0], sum(each)))
some = st.lists(one, max_size=6)
tidy = some.map(united)


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
def test_a_hole_in_a_stretch(hole: Stretch, expected: list[Stretch]) -> None:
    assert without([(1, 9)], hole) == expected


@given(stretches=tidy, holes=some)
def test_what_is_taken_out_is_gone_and_nothing_else(
    stretches: list[Stretch], holes: list[Stretch]
) -> None:
    left = without_all(stretches, holes)

    assert days(left) == days(stretches) - days(holes)
    assert are_apart(left)


@given(stretches=tidy, frame=one)
def test_what_lies_inside_a_frame(stretches: list[Stretch], frame: Stretch) -> None:
    inside = within(stretches, frame)

    assert days(inside) == days(stretches) & days([frame])
    assert are_apart(inside)


@given(stretches=some)
def test_united_are_the_same_days_in_the_fewest_stretches(stretches: list[Stretch]) -> None:
    merged = united(stretches)

    assert days(merged) == days(stretches)
    assert are_apart(merged)
    assert all(other[0] - one_[1] > 1 for one_, other in pairwise(merged)), "a seam was left"


@given(
    stretch=st.tuples(st.integers(14_000, 22_000), st.integers(0, 900)).map(
        lambda each: (each[0], sum(each))
    ),
    edge=st.sampled_from([Granularity.DAY, Granularity.MONTH, Granularity.YEAR]),
)
def test_grown_to_edges_it_is_the_periods_it_touches(stretch: Stretch, edge: Granularity) -> None:
    grown = on_edges(edge, stretch)
    names = {edge.period_text(day_of(day)) for day in days([stretch])}

    assert {edge.period_text(day_of(day)) for day in days([grown])} == names
    for outside in (grown[0] - 1, grown[1] + 1):
        assert edge.period_text(day_of(outside)) not in names
    assert period_around(edge, stretch[0])[0] == grown[0]
    assert stretch_of(window_of(stretch)) == stretch
    assert window_of(stretch) == Window(day_of(stretch[0]), day_of(stretch[1]))
