"""The world's countries as paths of a picture: read from the map that the package brings along.

`docs/generate/world.py` drew it, in an equal-area projection: every ISO 3166 code and Kosovo has a
shape, and what is too small to be seen a circle.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One country.

    Attributes:
        code: ISO 3166 alpha-2, upper case.
        path: `d` of an SVG path; empty: nothing but a circle.
        circle: (x, y, radius), for states too small to be seen.
    """

    code: str
    path: str
    circle: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class World:
    """All countries, in the space of `view_box`; who comes later is drawn above."""

    view_box: str
    shapes: tuple[Shape, ...]


def world(text: str) -> World:
    """Read the map, as its generator wrote it."""
    drawn = json.loads(text)
    shapes = tuple(
        Shape(code, country["path"], tuple(country["circle"]) if "circle" in country else None)
        for code, country in drawn["countries"].items()
    )
    return World(drawn["view_box"], shapes)
