"""Every name that Figshare uses for a country finds its place, and a map has that place."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.report.choropleth import SHADES, shade_of, shades
from harvester.report.countries import is_unknown, placed
from harvester.report.map_shapes import World, world
from harvester.report.report import world_map
from harvester.simulator.places import all_places


@pytest.fixture(scope="module")
def earth() -> World:
    return world(world_map().read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States", "US"), ("United States of America", "US"), ("USA", "US"),
        ("United Kingdom", "GB"), ("Great Britain", "GB"), ("UK", "GB"),
        ("Korea, Republic of", "KR"), ("Republic of Korea", "KR"), ("South Korea", "KR"),
        ("North Korea", "KP"), ("Russian Federation", "RU"), ("Russia", "RU"),
        ("Iran, Islamic Republic of", "IR"), ("Iran", "IR"), ("Viet Nam", "VN"), ("Vietnam", "VN"),
        ("Türkiye", "TR"), ("Turkey", "TR"), ("Côte d'Ivoire", "CI"), ("Cote D\u2019Ivoire", "CI"),
        ("Congo, The Democratic Republic of the", "CD"), ("Republic of the Congo", "CG"),
        ("Congo", "CG"), ("Taiwan, Province of China", "TW"), ("The Bahamas", "BS"),
        ("Guinea", "GN"), ("Guinea-Bissau", "GW"), ("Equatorial Guinea", "GQ"),
        ("Papua New Guinea", "PG"), ("Niger", "NE"), ("Nigeria", "NG"), ("Dominica", "DM"),
        ("Dominican Republic", "DO"), ("Samoa", "WS"), ("American Samoa", "AS"),
        ("St. Kitts & Nevis", "KN"), ("Macedonia", "MK"), ("Namibia", "NA"), ("Kosovo", "XK"),
        ("Unknown", None), ("Unkown", None), ("", None), ("Atlantis", None), ("Europe", None),
        ("<script>", None),
    ],
)  # fmt: skip
def test_where_a_name_is(name: str, code: str | None) -> None:
    assert placed(name) == code


def test_every_country_of_the_simulator_is_on_the_map(earth: World) -> None:
    names = {country for country, _ in all_places().names}
    drawn = {shape.code for shape in earth.shapes}

    assert {name for name in names if placed(name) is None} == {"Unknown", "Unkown"}
    # ISO counts Svalbard with Jan Mayen; everything else has a shape of its own.
    assert {placed(name) for name in names} - drawn == {None}


def test_both_unknowns_are_unknown() -> None:
    assert [is_unknown(each) for each in ("Unknown", "Unkown", " unknown ", "", "Kenya")] == [
        True, True, True, True, False,
    ]  # fmt: skip


@given(name=st.text(max_size=300))
def test_any_name_is_placed_or_not(name: str) -> None:
    code = placed(name)
    assert code is None or (len(code) == 2 and code.isupper())


def test_the_world_is_drawn_in_a_page_sized_space(earth: World) -> None:
    assert len(earth.shapes) == 250
    assert all(shape.path or shape.circles for shape in earth.shapes)
    assert sum(len(shape.path) for shape in earth.shapes) < 150_000
    seen = {shape.code: shape for shape in earth.shapes}
    assert seen["SG"].circles
    assert seen["FR"].path.startswith("M")


def test_outlines_keep_their_corners() -> None:
    """A square with an island: relative moves, lines and curves; what is tiny goes."""
    drawn = world(
        '<svg viewBox="0 0 9 9"><g class="fr country map-element"><path d="m 10,10 h 20 v 20 '
        'c 1,1 -10,0 -20,0 z m 40,0 l 1,1 -1,1 z" /><circle r="6" cy="3" cx="2" /></g></svg>'
    )

    assert drawn.view_box == "0 0 9 9"
    assert drawn.shapes[0].code == "FR"
    assert drawn.shapes[0].path == "M10,10l20,0 0,20 -20,0z"
    assert drawn.shapes[0].circles == ((2, 3, 6),)


@given(values=st.lists(st.integers(0, 1_000_000), max_size=260))
def test_every_place_with_events_has_a_shade(values: list[int]) -> None:
    legend = shades(values)

    assert len(legend) <= SHADES
    assert all(first.most < second.least for first, second in pairwise(legend))
    for value in values:
        assert (shade_of(value, legend) is None) == (value == 0)
