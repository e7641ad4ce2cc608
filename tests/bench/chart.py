"""Two plain charts as SVG: bars, and lines on logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

_WIDTH, _LEFT, _RIGHT, _ROW = 760, 170, 90, 30
_HEIGHT, _TOP, _BOTTOM = 420, 50, 40
_COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a")


def bars(title: str, values: Mapping[str, float]) -> str:
    """A bar for each value, the least first."""
    most = max(values.values())
    drawn = []
    for place, (name, value) in enumerate(sorted(values.items(), key=lambda each: each[1])):
        at = _TOP + place * _ROW
        length = max(1.0, value / most * (_WIDTH - _LEFT - _RIGHT))
        drawn.append(_text(_LEFT - 8, at + 15, name, "end"))
        drawn.append(
            f'<rect x="{_LEFT}" y="{at}" width="{length:.1f}" height="20" fill="{_COLOURS[0]}"/>'
        )
        drawn.append(_text(_LEFT + length + 6, at + 15, f"{value:,.0f}"))
    return _picture(title, drawn, _TOP + len(values) * _ROW + 10)


def lines(title: str, across: Sequence[float], series: Mapping[str, Sequence[float]]) -> str:
    """A line for each series; zeros are left out."""
    values = [value for each in series.values() for value in each if value > 0]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    first, last = log10(across[0]), log10(across[-1])

    def x(value: float) -> float:
        return _LEFT / 2 + (log10(value) - first) / (last - first) * (_WIDTH - _LEFT * 1.5)

    def y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (log10(value) - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    drawn = []
    for power in range(low, high + 1):
        at = y(10.0**power)
        left, right = x(across[0]), x(across[-1])
        drawn.append(f'<path d="M{left:.1f} {at:.1f}H{right:.1f}" stroke="#ddd"/>')
        drawn.append(_text(_LEFT / 2 - 8, at + 4, f"{10.0**power:,g}", "end"))
    drawn += [_text(x(each), _HEIGHT - 15, f"{each:,.0f}", "middle") for each in across]
    for colour, (name, points) in zip(_COLOURS, series.items(), strict=False):
        pairs = zip(across, points, strict=True)
        there = [(x(each), y(value)) for each, value in pairs if value > 0]
        if not there:
            continue
        path = "L".join(f"{left:.1f} {top:.1f}" for left, top in there)
        drawn.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn.append(_text(there[-1][0] + 6, there[-1][1] + 4, name, colour=colour))
    return _picture(title, drawn, _HEIGHT)


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#222") -> str:
    how = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {how}>{escape(text)}</text>"


def _picture(title: str, drawn: Sequence[str], height: float) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}"'
        ' font-family="sans-serif" font-size="13">'
        f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#fff"/>'
    )
    title = f'<text x="12" y="26" font-size="15" fill="#222">{escape(title)}</text>'
    return "\n".join([head, title, *drawn, "</svg>", ""])
