"""Draws the report's map of the world once, from Natural Earth at 1:50 million.

When to run: to take newer borders in, or to change how the map looks. Change `PACKAGES` or the
tables below, then, with npm at hand, `python -m docs.generate.world`; look at a report before you
commit. Natural Earth (naturalearthdata.com) is in the public domain; world-atlas hands it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from math import hypot, pi
from pathlib import Path
from typing import Any

from docs.generate.npm import installed
from docs.generate.outlines import (
    WIDTH,
    Place,
    arcs_of,
    area,
    centre,
    cut,
    merged,
    project,
    simplified,
    unrolled,
)

# The second knows which number of ISO 3166 is which code (MIT).
PACKAGES = {"world-atlas": "2.0.2", "i18n-iso-countries": "7.14.0"}
ASSETS = Path(__file__).parents[2] / "harvester" / "report" / "assets" / "world"
_SOURCES = """\
world.json is drawn from Natural Earth, 1:50 million, admin 0 countries (naturalearthdata.com),
which is in the public domain, as TopoJSON of the package world-atlas, whose licence follows. Five
points come from The World Factbook, which is in the public domain, too: docs/generate/world.py.

"""

# A page shows the map at most 1,100 pixels wide: a unit is half a pixel.
_CORNER = 0.9  # square units; a corner that changes less is left out
_ISLET = 2.5  # units; an islet that is smaller in both directions is left out
_RADIUS = 4.5  # units; whose largest piece has less area than such a circle gets one
_NORTH, _SOUTH = 83.7, -79.0  # all land in the north; below this in the south is ice alone

# What Natural Earth knows by name only. Siachen Glacier, which it gives to nobody, is left out.
_NAMED = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY", "Indian Ocean Ter.": "AU"}
# Places with a code of their own that Natural Earth draws as parts of a country:
# (west, east, south, north) of the box in which the part lies.
_PARTS: dict[tuple[str, str], list[tuple[float, float, float, float]]] = {
    ("AU", "CC"): [(96, 98, -13, -11)],
    ("AU", "CX"): [(105, 106, -11, -10)],
    ("FR", "GF"): [(-55, -51, 2, 6)],
    ("FR", "GP"): [(-62, -61, 15.7, 16.6)],
    ("FR", "MQ"): [(-62, -60, 14.3, 15)],
    ("FR", "RE"): [(55, 56, -22, -20)],
    ("FR", "YT"): [(44.9, 45.4, -13.1, -12.5)],
    ("NL", "BQ"): [(-69, -62, 12, 18)],
    ("NO", "SJ"): [(-10, -7, 70, 72), (10, 34, 74, 81)],
    ("NZ", "TK"): [(-173, -171, -10, -8)],
}
# Where a circle lies (longitude, latitude) for what 1:50 million leaves out, and for Kiribati,
# whose largest island is 3,000 km from its capital: The World Factbook (public domain),
# "geographic coordinates", of Wake Island for UM and of Tarawa for KI.
_POINTS = {
    "BV": (3.4, -54.43),
    "GI": (-5.35, 36.13),
    "KI": (173.0, 1.35),
    "TV": (178.0, -8.0),
    "UM": (166.65, 19.28),
}


def main() -> None:
    """Write the map."""
    with installed(PACKAGES) as modules:
        topology = json.loads((modules / "world-atlas" / "countries-50m.json").read_bytes())
        codes = json.loads((modules / "i18n-iso-countries" / "codes.json").read_bytes())
        licence = (modules / "world-atlas" / "LICENSE").read_text(encoding="utf-8")
    by_number = {number: alpha2 for alpha2, _, number, *_ in codes}
    outlines = _outlines(topology, by_number)
    circles = _circles(outlines)
    lines = []
    # What is small is drawn over what is large.
    for code in sorted(
        outlines.keys() | circles,
        key=lambda code: (code in circles, -_ink(outlines.get(code, [])), code),
    ):
        country: dict[str, Any] = {"path": _path(outlines.get(code, []))}
        if code in circles:
            x, y = circles[code]
            country["circle"] = [round(x), round(y), _RADIUS]
        lines.append(f"  {json.dumps(code)}: {json.dumps(country, separators=(',', ':'))}")
    top, bottom = round(project(0, _NORTH)[1]) - 4, round(project(0, _SOUTH)[1])
    box = f"0 {top} {WIDTH} {bottom - top}"
    text = f'{{\n "view_box": "{box}",\n "countries": {{\n' + ",\n".join(lines) + "\n }\n}\n"
    ASSETS.mkdir(exist_ok=True)
    (ASSETS / "world.json").write_text(text, encoding="utf-8")
    (ASSETS / "LICENSES.txt").write_text(_SOURCES + licence, encoding="utf-8")


def _outlines(topology: dict[str, Any], by_number: dict[str, str]) -> dict[str, list[list[Place]]]:
    """The projected rings of each code."""
    arcs = arcs_of(topology)
    polygons: dict[str, list[list[Sequence[int]]]] = {}
    for country in topology["objects"]["countries"]["geometries"]:
        code = by_number.get(country.get("id", "")) or _NAMED.get(country["properties"]["name"])
        if code:
            several = country["type"] == "MultiPolygon"
            for polygon in country["arcs"] if several else [country["arcs"]]:
                part = _part(code, arcs[_forward(polygon[0][0])][0])
                polygons.setdefault(part, []).append(polygon)
    smooth = [simplified(arc, _CORNER) for arc in arcs]
    found: dict[str, list[list[Place]]] = {}
    for code, mine in polygons.items():
        for ring in merged(ring for polygon in mine for ring in polygon):
            places = [each for arc in ring for each in _walked(smooth, arc)[:-1]]
            if max(north for _, north in places) < -89:
                continue  # the pole, as a ring of its own
            pieces = cut([*places, places[0]])
            found.setdefault(code, []).extend([project(*at) for at in piece] for piece in pieces)
    return found


def _forward(arc: int) -> int:
    return arc if arc >= 0 else ~arc


def _walked(arcs: Sequence[Sequence[Place]], arc: int) -> Sequence[Place]:
    return arcs[arc] if arc >= 0 else arcs[~arc][::-1]


def _part(code: str, place: Place) -> str:
    for (country, part), boxes in _PARTS.items():
        for west, east, south, north in boxes:
            if country == code and west <= place[0] <= east and south <= place[1] <= north:
                return part
    return code


def _ink(rings: Iterable[Sequence[Place]]) -> float:
    return abs(sum(area(ring) for ring in rings))


def _circles(outlines: dict[str, list[list[Place]]]) -> dict[str, Place]:
    """The middle of each circle, moved a little where circles would hide each other."""
    found = {code: project(*unrolled([place])[0]) for code, place in _POINTS.items()}
    for code, rings in outlines.items():
        largest = max(rings, key=lambda ring: abs(area(ring)))
        if abs(area(largest)) < pi * _RADIUS**2:
            found.setdefault(code, centre(largest))
    for _ in range(200):
        for one, other in combinations(found, 2):
            (a, b), (c, d) = found[one], found[other]
            apart = hypot(c - a, d - b)
            if apart < 2 * _RADIUS:
                push = (2 * _RADIUS - apart) / 2 / apart
                x, y = (c - a) * push, (d - b) * push
                found[one], found[other] = (a - x, b - y), (c + x, d + y)
    return found


def _path(rings: Sequence[Sequence[Place]]) -> str:
    """`d` of an SVG path in whole units; islets are left out, unless they are all there is."""
    whole = [_rounded(ring) for ring in rings]
    seen = [ring for ring in whole if len(ring) > 2]
    large = [ring for ring in seen if _extent(ring) >= _ISLET]
    return "".join(_written(ring) for ring in large or seen[:1])


def _rounded(ring: Sequence[Place]) -> list[tuple[int, int]]:
    corners = [(round(x), round(y)) for x, y in ring]
    return [each for before, each in pairwise([corners[-1], *corners]) if each != before]


def _extent(ring: Sequence[tuple[int, int]]) -> int:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return max(max(xs) - min(xs), max(ys) - min(ys))


def _written(ring: Sequence[tuple[int, int]]) -> str:
    """Steps from corner to corner; a minus sign separates by itself."""
    steps = [(c - a, d - b) for (a, b), (c, d) in pairwise(ring)]
    text = " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-")
    return f"M{ring[0][0]} {ring[0][1]}l{text}z"


if __name__ == "__main__":
    main()
