"""How outlines of a globe become outlines of a flat map, when the world is drawn anew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.generate.outlines import (
    MIDDLE,
    WIDTH,
    arcs_of,
    area,
    centre,
    cut,
    merged,
    project,
    simplified,
)

EAST = MIDDLE - 180  # the meridian at which the map ends, on both sides

places = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def test_the_map_is_as_wide_as_the_equator_and_equal_areas_have_equal_ink() -> None:
    assert project(-180, 0)[0] == pytest.approx(0)
    assert project(180, 0)[0] == pytest.approx(WIDTH)

    def ink(south: float, north: float) -> float:
        return abs(
            area([project(0, south), project(0.1, south), project(0.1, north), project(0, north)])
        )

    # sin(30) = 1/2: the zone up to 30 degrees has as much area as the one from there to the pole.
    steps = [ink(at / 10, (at + 1) / 10) for at in range(900)]
    assert sum(steps[:300]) == pytest.approx(sum(steps[300:]), rel=1e-3)


def test_arcs_are_steps_on_a_grid() -> None:
    topology = {
        "transform": {"scale": [0.5, 0.25], "translate": [-180, -90]},
        "arcs": [[[4, 8], [2, 0], [-2, 4]]],
    }

    assert arcs_of(topology) == [[(-178, -88), (-177, -88), (-178, -87)]]


def test_a_ring_across_the_edge_of_the_map_is_cut_in_two() -> None:
    ring = [(EAST - 5, 0), (EAST + 5, 0), (EAST + 5, 5), (EAST - 5, 5), (EAST - 5, 0)]

    left, right = sorted(cut([(float(x), float(y)) for x, y in ring]))

    assert {east for east, _ in left} == {-180, -175}
    assert {east for east, _ in right} == {175, 180}
    assert abs(area(left)) == abs(area(right)) == pytest.approx(25)


def test_a_ring_round_a_pole_reaches_the_pole() -> None:
    ring = [(float(each), -70.0) for each in range(-180, 181, 30)]

    pieces = cut(ring)

    assert sum(abs(area(piece)) for piece in pieces) == pytest.approx(360 * 20)
    assert min(north for piece in pieces for _, north in piece) == -90


def test_a_ring_within_the_map_stays_one() -> None:
    assert cut([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]) == [
        [(-MIDDLE, 0), (4 - MIDDLE, 0), (4 - MIDDLE, 4), (-MIDDLE, 0)]
    ]


def test_corners_that_change_little_are_left_out() -> None:
    line = [(0.0, 0.0), (5.0, 0.01), (10.0, 0.0), (10.0, 10.0)]

    assert simplified(line, 5) == [(0, 0), (10, 0), (10, 10)]


@given(line=st.lists(places, min_size=2, max_size=30), least=st.floats(0, 1_000_000))
def test_a_simplified_line_has_its_ends_and_no_new_corner(
    line: list[tuple[float, float]], least: float
) -> None:
    found = simplified(line, least)

    assert (found[0], found[-1]) == (line[0], line[-1])
    assert set(found) <= set(line)
    closed = simplified([*line, line[0]], least)
    assert len(closed) >= min(4, len(line) + 1)


def test_two_neighbours_become_one_outline_without_the_border_between_them() -> None:
    assert merged([[0, 1, 2], [~1, 3]]) == [[2, 0, 3]]
    assert merged([[0, 1], [5]]) == [[0, 1], [5]]
    assert merged([[0, 1], [~1, 3], [7]]) == [[7], [0, 3]]


def test_the_centre_is_where_the_weight_lies() -> None:
    assert centre([(0, 0), (4, 0), (4, 2), (0, 2)]) == (2, 1)
    assert centre([(0, 0), (4, 2)]) == (2, 1)
