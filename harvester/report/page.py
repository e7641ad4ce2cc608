"""The page: numbers in, one self-contained HTML file out."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import jinja2
from markupsafe import Markup

from harvester.model.rules import reason_words
from harvester.report import bars, ranking, wording
from harvester.report.charts import line_chart
from harvester.report.choropleth import map_markup, shades, shapes_markup
from harvester.report.collect import ReportNumbers
from harvester.report.completeness import BANDS
from harvester.report.countries import is_unknown
from harvester.report.job_facts import JobFacts
from harvester.report.map_shapes import World
from harvester.report.matrix import STATES
from harvester.report.outliers import RULE
from harvester.report.places import Countries
from harvester.report.time_series import CounterCurve, OverTime, Point


@dataclass(frozen=True, slots=True)
class Assets:
    """What a page is put together from.

    Attributes:
        templates: Jinja sources by name; `page.html.j2` is the page.
        style: CSS.
        library: the plotting library's JavaScript.
        script: our own JavaScript.
        versions: of the libraries, for the reader.
    """

    templates: dict[str, str]
    style: str
    library: str
    script: str
    world: World
    versions: str


def page(numbers: ReportNumbers, job: JobFacts, assets: Assets, now: datetime) -> str:
    """Render the report."""
    environment = jinja2.Environment(
        loader=jinja2.DictLoader(assets.templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "choices": _choices,
        "map_choices": _map_choices,
        "number": lambda value: f"{value:,}",
        "day": wording.day,
        "shown": wording.shown,
        "moment": lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC",
    }
    environment.globals |= {
        "between": wording.between,
        "cell_text": bars.cell_text,
        "count": wording.count,
        "is_unknown": is_unknown,
        "reason_words": reason_words,
        "signed": wording.signed,
        "share": wording.share,
        "share_bar": bars.share_bar,
        "state_bar": bars.state_bar,
    }
    # A script's end tag inside a script would end it; in JavaScript the slash may be escaped.
    library = assets.library.replace("</script", r"<\/script")
    return environment.get_template("page.html.j2").render(
        policy=_policy([library, assets.script], assets.style),
        numbers=numbers,
        job=job,
        now=now,
        versions=assets.versions,
        style=Markup(assets.style),
        library=Markup(library),
        script=Markup(assets.script),
        charts=_json(_charts(numbers.over_time)),
        chart_text=_chart_text,
        shapes=shapes_markup(assets.world),
        maps=[_map(assets.world, each) for each in numbers.countries],
        outlier_rule=RULE,
        rising_rule=ranking.RISING_RULE,
        states=STATES,
        bands=BANDS,
        years=_years,
        months=_months,
        shown_ranks=ranking.SHOWN,
    )


def _policy(scripts: Sequence[str], style: str) -> str:
    """Only what stands in this very file may run; nothing may be fetched or sent."""
    allowed = " ".join(f"'{_sha256(each)}'" for each in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src '{_sha256(style)}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _sha256(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _json(value: Any) -> Markup:
    """JSON that may stand in a script element: it holds no `<` and no line separator."""
    plain = json.dumps(value, separators=(",", ":"))  # ASCII only
    return Markup(plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _charts(over_time: Sequence[OverTime]) -> dict[str, Any]:
    return {
        f"{each.subject.key}-{line.counter}": line_chart(line, about=_chart_text(each, line))
        for each in over_time
        for line in each.lines
    }


def _chart_text(each: OverTime, line: CounterCurve) -> str:
    """A picture of events over time in one sentence."""
    most = max(line.points, key=lambda point: point.value)
    last = line.points[-1]
    spell = "%B %Y" if line.grain == "month" else "%Y"
    open_word = ", not over yet" if last.is_open else ""
    first = line.points[0].start
    return (
        f"{line.counter.capitalize()} of {each.whose(line.counter)} by {line.grain},"
        f" {first:{spell}} to {last.start:{spell}}: {line.total:,} in all, most in"
        f" {most.start:{spell}} ({most.value:,}), {last.value:,} in"
        f" {last.start:{spell}}{open_word}."
    )


def _map(world: World, table: Countries) -> dict[str, Any]:
    legend = shades(list(table.by_code.values()))
    places = table.by_code
    label = (
        f"World map of {table.counter} of {table.subject.label}: {table.total:,} from"
        f" {len(places)} places. The table below has every number."
    )
    return {"table": table, "legend": legend, "picture": map_markup(world, table, legend, label)}


def _years(each: OverTime) -> list[tuple[int, list[int | None]]]:
    """A line a year, newest first, a number a counter; None: not harvested that far back."""
    found: dict[int, list[int | None]] = {}
    for place, line in enumerate(each.lines):
        for point in line.points:
            row = found.setdefault(point.start.year, [None] * len(each.lines))
            row[place] = (row[place] or 0) + point.value
    return sorted(found.items(), reverse=True)


def _months(each: OverTime) -> list[tuple[date, list[Point | None]]]:
    """A line a month, newest first, a point a counter; None: not harvested that far back."""
    found: dict[date, list[Point | None]] = {}
    for place, line in enumerate(each.lines):
        for point in line.points:
            found.setdefault(point.start, [None] * len(each.lines))[place] = point
    return sorted(found.items(), reverse=True)


def _choices(panels: Sequence[Any], name: str, told: str | None = None) -> list[tuple[str, str]]:
    """The values of a switch, each once, in the order of its panels."""
    found: dict[str, str] = {}
    for each in panels:
        found.setdefault(getattr(each, name), getattr(each, told or name))
    return list(found.items())


def _map_choices(maps: Sequence[dict[str, Any]], name: str) -> list[tuple[str, str]]:
    tables = [each["table"] for each in maps]
    if name == "subject":
        return list({each.subject.key: each.subject.label for each in tables}.items())
    return _choices(tables, name)
