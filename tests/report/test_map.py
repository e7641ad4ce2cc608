"""Every name that Figshare uses for a country finds its place, and a map has that place."""

from __future__ import annotations

import json
import re
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.generate.country_names import OURS
from harvester.report.choropleth import SHADES, shade_of, shades, shapes_markup
from harvester.report.countries import is_unknown, name_key, placed
from harvester.report.map_shapes import Shape, World, world
from harvester.simulator.places import all_places


@pytest.fixture(scope="module")
def earth() -> World:
    drawn = resources.files("harvester.report") / "assets" / "world" / "world.json"
    return world(drawn.read_text(encoding="utf-8"))


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
        # Other names in use than ISO's.
        ("Brunei", "BN"), ("Burma", "MM"), ("Cape Verde", "CV"), ("Caribbean Netherlands", "BQ"),
        ("Congo - Brazzaville", "CG"), ("Congo - Kinshasa", "CD"), ("DR Congo", "CD"),
        ("East Timor", "TL"), ("Hong Kong SAR China", "HK"), ("Ivory Coast", "CI"),
        ("Libyan Arab Jamahiriya", "LY"), ("Macao SAR China", "MO"), ("Macau", "MO"),
        ("Micronesia", "FM"), ("Palestine", "PS"), ("Palestinian Territories", "PS"),
        ("Palestinian Territory", "PS"), ("St. Helena", "SH"), ("Svalbard", "SJ"),
        ("Swaziland", "SZ"), ("Vatican City", "VA"),
        # ISO's in full, and official ones.
        ("Saint Helena, Ascension and Tristan da Cunha", "SH"), ("Holy See", "VA"),
        ("Korea, Democratic People's Republic of", "KP"), ("Bolivia, Plurinational State of", "BO"),
        ("Virgin Islands, British", "VG"), ("Virgin Islands, U.S.", "VI"),
        ("Kingdom of Spain", "ES"), ("Federal Republic of Germany", "DE"),
        ("People's Republic of China", "CN"), ("Hellenic Republic", "GR"),
        ("Socialist Republic of Viet Nam", "VN"), ("Republic of Türkiye", "TR"),
        ("Kingdom of Eswatini", "SZ"), ("United Mexican States", "MX"), ("French Republic", "FR"),
        ("Republic of Chad", "TD"), ("Swiss Confederation", "CH"),
        ("DEU", "DE"), ("ROU", "RO"), ("ZAF", "ZA"),
        ("Unknown", None), ("Unkown", None), ("", None), ("Atlantis", None), ("Europe", None),
        ("<script>", None),
    ],
)  # fmt: skip
def test_the_name_of_a_country_is_placed_by_its_code(name: str, code: str | None) -> None:
    assert placed(name) == code


def test_every_country_of_the_simulator_is_on_the_map(earth: World) -> None:
    names = {country for country, _ in all_places().names}
    drawn = {shape.code for shape in earth.shapes}

    assert {name for name in names if placed(name) is None} == {"Unknown", "Unkown"}
    # ISO counts Svalbard with Jan Mayen; everything else has a shape of its own.
    assert {placed(name) for name in names} - drawn == {None}


def test_every_place_on_the_map_has_names_and_no_name_belongs_to_two(earth: World) -> None:
    asset = resources.files("harvester.report") / "assets" / "countries" / "names.json"
    known = json.loads(asset.read_text(encoding="utf-8"))

    assert set(known) == {shape.code for shape in earth.shapes}
    keys = [name_key(name) for names in known.values() for name in names]
    assert len(keys) == len(set(keys)) > 700
    assert {code: placed(names[0]) for code, names in known.items()} == {
        code: code for code in known
    }
    assert all(placed(name) == code for code, names in OURS.items() for name in names)


def test_both_spellings_of_unknown_are_no_country() -> None:
    assert [is_unknown(each) for each in ("Unknown", "Unkown", " unknown ", "", "Kenya")] == [
        True, True, True, True, False,
    ]  # fmt: skip


@given(name=st.text(max_size=300))
def test_any_name_is_placed_by_a_code_or_nowhere(name: str) -> None:
    code = placed(name)
    assert code is None or (len(code) == 2 and code.isupper())


def test_every_code_of_iso_3166_is_on_the_map_and_can_be_seen(earth: World) -> None:
    """249 codes and Kosovo; what is smaller than a circle has one."""
    seen = {shape.code: shape for shape in earth.shapes}

    assert len(earth.shapes) == len(seen) == 250
    for shape in earth.shapes:
        assert shape.circle or extent(shape.path) > 8, shape.code
    # City states, islands, and what Natural Earth draws as a part of another country or not at all.
    for code in (
        "SG", "MT", "HK", "MO", "VA", "MC", "LI", "BH", "MV", "TV", "NR", "KI", "GI", "GP", "MQ",
        "RE", "YT", "BQ", "CC", "CX", "TK", "BV", "UM",
    ):  # fmt: skip
        assert seen[code].circle, code
    for code in ("FR", "GF", "SJ", "SO", "US", "RU", "AQ"):
        assert seen[code].path.startswith("M"), code
        assert not seen[code].circle, code


def test_small_places_are_drawn_over_large_ones_and_hide_none_of_each_other(earth: World) -> None:
    small = [shape.circle is not None for shape in earth.shapes]
    assert small == sorted(small)
    circles = [shape.circle for shape in earth.shapes if shape.circle]
    for place, (x, y, radius) in enumerate(circles):
        for a, b, _ in circles[place + 1 :]:
            assert ((x - a) ** 2 + (y - b) ** 2) ** 0.5 > radius


def test_no_outline_runs_across_the_map(earth: World) -> None:
    """Where the world is cut, an outline ends; else a line would go from edge to edge."""
    west, _, width, height = (int(each) for each in earth.view_box.split())
    assert width > 2 * height - 100
    for shape in earth.shapes:
        for corners in outlines(shape.path):
            xs = [x for x, _ in corners]
            assert west <= min(xs), shape.code
            assert max(xs) <= west + width, shape.code
            # The widest step but Antarctica's, which follows the lower edge of the map.
            steps = [abs(after - before) for before, after in pairwise([*xs, xs[0]])]
            assert shape.code == "AQ" or max(steps) < 150, shape.code


def test_the_map_is_a_small_part_of_a_page(earth: World) -> None:
    assert len(shapes_markup(earth)) < 100_000


def test_a_map_is_read_as_it_was_drawn() -> None:
    drawn = {"FR": {"path": "M1 2l3 4z"}, "GI": {"path": "", "circle": [7, 8, 4.5]}}

    assert world(json.dumps({"view_box": "0 0 9 9", "countries": drawn})) == World(
        "0 0 9 9", (Shape("FR", "M1 2l3 4z", None), Shape("GI", "", (7, 8, 4.5)))
    )


def outlines(path: str) -> list[list[tuple[int, int]]]:
    """The corners of each outline of a path of ours."""
    found = []
    for start, steps in re.findall(r"M([-0-9 ]+)l([-0-9 ]+)z", path):
        x, y = (int(each) for each in re.findall(r"-?\d+", start))
        corners = [(x, y)]
        numbers = [int(each) for each in re.findall(r"-?\d+", steps)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            corners.append((corners[-1][0] + dx, corners[-1][1] + dy))
        found.append(corners)
    return found


def extent(path: str) -> int:
    """How wide or high the largest outline is."""
    return max(
        (max(max(at) - min(at) for at in zip(*each, strict=True)) for each in outlines(path)),
        default=0,
    )


@given(values=st.lists(st.integers(0, 1_000_000), max_size=260))
def test_every_place_with_events_has_a_shade(values: list[int]) -> None:
    legend = shades(values)

    assert len(legend) <= SHADES
    assert all(first.most < second.least for first, second in pairwise(legend))
    for value in values:
        assert (shade_of(value, legend) is None) == (value == 0)
