"""Pictures of events over time, as Vega-Lite specifications: numbers in, JSON out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from harvester.report.time_series import CounterCurve

# Colours of Paul Tol's "bright" scheme, told apart by readers of every kind of colour vision;
# each has a contrast of at least 3:1 against white.
COLOURS = {"views": "#2f6f9f", "downloads": "#228833", "shares": "#aa3377"}
_OUTLIER = "#b04a00"
_INK = "#3d4852"
_HEIGHT = 150


def line_chart(line: CounterCurve, *, about: str) -> dict[str, Any]:
    """One counter of one subject by month or year.

    Hover shows the period and its events; `from` and `until` (milliseconds since 1970, UTC) are
    the picture's signals, by which the page zooms.

    Args:
        about: the picture in words.
    """
    rows = [
        {
            "t": _milliseconds(point.start),
            "period": f"{point.start:%B %Y}" if line.grain == "month" else f"{point.start.year}",
            "events": point.value,
            "note": _note(is_open=point.is_open, stands_out=point.stands_out),
        }
        for point in line.points
    ]
    colour = COLOURS[line.counter]
    x: dict[str, Any] = {
        "field": "t",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"title": None, "format": "%Y", "tickCount": {"expr": "max(2, width / 70)"},
                 "grid": False},
    }  # fmt: skip
    # A narrow window shows months, a wide one years.
    x["axis"]["labelExpr"] = (
        "until - from < 63e9 ? utcFormat(datum.value, '%b %Y') : utcFormat(datum.value, '%Y')"
    )
    y = {
        "field": "events",
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": {"title": None, "format": ",d", "tickCount": 4, "tickMinStep": 1},
    }
    tooltip = [
        {"field": "period", "title": "period"},
        {"field": "events", "title": line.counter, "format": ",d"},
        {"field": "note", "title": "note"},
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": about,
        "width": "container",
        "height": _HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [
            {"name": "from", "value": rows[0]["t"]},
            {"name": "until", "value": rows[-1]["t"]},
        ],
        "data": {"values": rows},
        "transform": [{"filter": "datum.t >= from && datum.t <= until"}],
        "encoding": {"x": x},
        "layer": [
            {"mark": {"type": "area", "color": colour, "opacity": 0.12}, "encoding": {"y": y}},
            {"mark": {"type": "line", "color": colour, "strokeWidth": 1.8}, "encoding": {"y": y}},
            {
                "mark": {"type": "point", "filled": True, "size": 60},
                "encoding": {
                    "y": y,
                    "shape": {
                        "condition": {"test": _MARKED, "value": "diamond"},
                        "value": "circle",
                    },
                    # Points without a note are there, unseen: an empty layer has no extent.
                    "opacity": {"condition": {"test": "datum.note != ''", "value": 1}, "value": 0},
                    "fill": {"condition": {"test": _MARKED, "value": _OUTLIER}, "value": "#ffffff"},
                    "stroke": {"condition": {"test": _MARKED, "value": _OUTLIER}, "value": colour},
                },
            },
            {
                "params": [
                    {
                        "name": "hover",
                        "select": {
                            "type": "point",
                            "on": "pointermove",
                            "clear": "pointerout",
                            "nearest": True,
                            "encodings": ["x"],
                        },
                    }
                ],
                "mark": {"type": "point", "filled": True, "size": 70, "color": colour},
                "encoding": {
                    "y": y,
                    "tooltip": tooltip,
                    "opacity": {"condition": {"param": "hover", "empty": False, "value": 1},
                                "value": 0},
                },
            },
        ],
        "config": _CONFIG,
    }  # fmt: skip


def _milliseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _note(*, is_open: bool, stands_out: bool) -> str:
    if stands_out:
        return _STANDS_OUT
    return "not over, or not settled, when it was read" if is_open else ""


_STANDS_OUT = "stands out: possibly machine traffic"
_MARKED = f"datum.note == '{_STANDS_OUT}'"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_CONFIG = {
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "labelFontSize": 12,
        "domainColor": "#b8c2cc",
        "tickColor": "#b8c2cc",
        "gridColor": "#e8edf2",
        "labelOverlap": True,
    },
    "background": "transparent",
}
