"""The map of the world, shaded by events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from markupsafe import Markup

from harvester.report.map_shapes import World
from harvester.report.places import Countries
from harvester.report.wording import share

SHADES = 5


@dataclass(frozen=True, slots=True)
class Legend:
    """One shade: places with `least` to `most` events."""

    shade: int
    least: int
    most: int


def shapes_markup(world: World) -> Markup:
    """Every country once, to be drawn by `<use>`."""
    groups = [
        Markup('<g id="w-{}">{}{}</g>').format(
            shape.code,
            Markup('<path d="{}"/>').format(shape.path) if shape.path else "",
            Markup('<circle cx="{}" cy="{}" r="{}"/>').format(*shape.circle)
            if shape.circle
            else "",
        )
        for shape in world.shapes
    ]
    return Markup("").join(groups)


def shades(values: Sequence[int]) -> list[Legend]:
    """Cut the values into at most five shades, each as many times the last one.

    Events are spread over countries like wealth: a few have most of them. Equal steps would
    paint all others alike, and equal numbers of countries would hide how far the first ones lead.
    """
    found = sorted(each for each in values if each > 0)
    if not found:
        return []
    step = (log(found[-1] / found[0]) or 1.0) / SHADES
    by_shade: dict[int, list[int]] = {}
    for each in found:
        shade = min(int(log(each / found[0]) / step), SHADES - 1)
        by_shade.setdefault(shade, []).append(each)
    return [Legend(shade, part[0], part[-1]) for shade, part in by_shade.items()]


def shade_of(value: int, legend: Sequence[Legend]) -> int | None:
    """The shade of a value; None: it has no events."""
    return next((each.shade for each in legend if each.least <= value <= each.most), None)


def map_markup(world: World, table: Countries, legend: Sequence[Legend], label: str) -> Markup:
    """The picture of one table; each country says its name and number when pointed at."""
    values = table.by_code
    names: dict[str, str] = {}
    for each in table.lines:
        if each.code:
            names.setdefault(each.code, each.name)
    drawn = []
    for shape in world.shapes:
        value = values.get(shape.code, 0)
        shade = shade_of(value, legend)
        if shade is None:
            drawn.append(Markup('<use href="#w-{}"/>').format(shape.code))
            continue
        told = f"{names[shape.code]}: {value:,} {table.counter}, {share(value, table.total)}"
        drawn.append(
            Markup('<use href="#w-{}" class="s{}" data-value="{}"><title>{}</title></use>').format(
                shape.code, shade, value, told
            )
        )
    return Markup('<svg class="map" viewBox="{}" role="img" aria-label="{}">{}</svg>').format(
        world.view_box, label, Markup("").join(drawn)
    )
