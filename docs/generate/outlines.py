"""Draws outlines of a globe on a flat map: TopoJSON in, corners in the units of a picture out.

The projection is Equal Earth (Savric, Patterson and Jenny, 2018): a country gets as much ink as it
has area, which is what a map shaded by numbers needs. Borders are simplified once, as the arcs that
two countries share, so that no gaps open between them.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import asin, cos, pi, radians, sin, sqrt
from typing import Any

Place = tuple[float, float]  # longitude and latitude in degrees, or x and y in units

WIDTH = 2000
# The meridian in the middle: the edge of the map, opposite, runs through the Bering Strait.
MIDDLE = 11.5
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_UNIT = WIDTH * 3 * _A1 / (4 * sqrt(3) * pi)  # units per radius of the globe


def project(east: float, north: float) -> Place:
    """The place on the picture; `east` counts from the middle and may lie beyond the edge."""
    slope = asin(sqrt(3) / 2 * sin(radians(north)))
    square = slope * slope
    sixth = square**3
    stretch = 9 * _A4 * sixth * square + 7 * _A3 * sixth + 3 * _A2 * square + _A1
    x = 2 * sqrt(3) * radians(east) * cos(slope) / (3 * stretch)
    y = slope * (_A4 * sixth * square + _A3 * sixth + _A2 * square + _A1)
    return WIDTH / 2 + x * _UNIT, -y * _UNIT


def arcs_of(topology: dict[str, Any]) -> list[list[Place]]:
    """The arcs of a quantised TopoJSON as longitudes and latitudes."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in steps:
            x, y = x + dx, y + dy
            arc.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(arc)
    return arcs


def unrolled(places: Sequence[Place]) -> list[Place]:
    """The line with longitudes from the middle that make no jump where the world is cut."""
    east = (places[0][0] - MIDDLE + 180) % 360 - 180
    line = [(east, places[0][1])]
    for (before, _), (after, north) in pairwise(places):
        east += (after - before + 180) % 360 - 180
        line.append((east, north))
    return line


def simplified(places: Sequence[Place], least: float) -> list[Place]:
    """The line without corners whose triangle is smaller than `least` square units (Visvalingam).

    Its ends stay, and a closed line stays a triangle.
    """
    at = [project(*each) for each in unrolled(places)]
    before, after = list(range(-1, len(at) - 1)), list(range(1, len(at) + 1))
    left = len(at)
    fewest = 4 if places[0] == places[-1] else 2
    heap = [(_triangle(*at[i - 1 : i + 2]), i) for i in range(1, len(at) - 1)]
    areas = {i: area for area, i in heap}
    heapq.heapify(heap)
    while heap and left > fewest:
        area, i = heapq.heappop(heap)
        if areas.get(i) != area:
            continue  # its neighbours have changed since
        if area >= least:
            break
        del areas[i]
        left -= 1
        after[before[i]], before[after[i]] = after[i], before[i]
        for j in (before[i], after[i]):
            if j in areas:
                areas[j] = max(area, _triangle(at[before[j]], at[j], at[after[j]]))
                heapq.heappush(heap, (areas[j], j))
    return [each for i, each in enumerate(places) if i in areas or i in {0, len(at) - 1}]


def _triangle(a: Place, b: Place, c: Place) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def merged(rings: Iterable[Sequence[int]]) -> list[list[int]]:
    """The rings of a country put together of neighbours, without the borders between them.

    A ring is a list of arcs, `~arc` being the same one backwards.
    """
    every = [list(ring) for ring in rings]
    used = {arc for ring in every for arc in ring}
    inner = {arc for arc in used if ~arc in used}
    if not inner:
        return every
    whole = [ring for ring in every if not inner & set(ring)]
    pieces = [_opened(ring, inner) for ring in every if inner & set(ring)]
    return [*whole, [arc for piece in pieces for arc in piece]]


def _opened(ring: list[int], inner: set[int]) -> list[int]:
    """What is left of a ring, from behind its inner border to before it."""
    last = max(place for place, arc in enumerate(ring) if arc in inner)
    return [arc for arc in ring[last + 1 :] + ring[: last + 1] if arc not in inner]


def cut(ring: Sequence[Place]) -> list[list[Place]]:
    """A closed ring as the pieces that it has between the two edges of the map, unprojected."""
    line = unrolled(ring)
    if abs(line[-1][0] - line[0][0]) > 180:  # round a pole, which is a line on this map
        pole = 90.0 if line[0][1] > 0 else -90.0
        line += [(line[-1][0], pole), (line[0][0], pole)]
    pieces = []
    for copy in (-360, 0, 360):  # what leaves the map on one side comes in on the other
        piece = [(east + copy, north) for east, north in line]
        for side in (-1, 1):
            piece = _clipped(piece, side)
        if len(piece) > 2:
            pieces.append(piece)
    return pieces


def _clipped(line: list[Place], side: int) -> list[Place]:
    """The part of a closed line on the map's side of an edge (Sutherland and Hodgman)."""
    kept: list[Place] = []
    for (a, south), (b, north) in pairwise([*line[-1:], *line]):
        if (side * a <= 180) != (side * b <= 180):
            share = (side * 180 - a) / (b - a)
            kept.append((side * 180.0, south + share * (north - south)))
        if side * b <= 180:
            kept.append((b, north))
    return kept


def area(ring: Sequence[Place]) -> float:
    """The area that a closed line holds; its sign is its direction."""
    return sum(a * d - b * c for (a, b), (c, d) in pairwise([*ring, ring[0]])) / 2


def centre(ring: Sequence[Place]) -> Place:
    """Where the weight of the enclosed area lies; of a line without any, of its corners."""
    twice = 2 * area(ring)
    if not twice:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    x = y = 0.0
    for (a, b), (c, d) in pairwise([*ring, ring[0]]):
        cross = a * d - b * c
        x, y = x + (a + c) * cross, y + (b + d) * cross
    return x / (3 * twice), y / (3 * twice)
