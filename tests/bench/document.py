"""The tables and charts of docs/benchmarks.md, from the results beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .chart import bars, lines
from .found import shown
from .stage import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "docs" / "benchmarks"
_PLACE = re.compile(r"(<!-- measured: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Result = Mapping[str, Any]
Rows = Sequence[tuple[str, Mapping[str, float | str | None]]]


def write() -> None:
    """Put what was measured into its places; a part without results keeps what stands there."""
    results = {path.stem: json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))}

    def filled(place: re.Match[str]) -> str:
        result = results.get(place[2])
        return f"{place[1]}{_section(place[2], result)}\n{place[3]}" if result else place[0]

    PAGE.write_text(_PLACE.sub(filled, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for name, picture in _pictures(results):
        (RESULTS / f"{name}.svg").write_text(picture, encoding="utf-8")


def _section(name: str, result: Result) -> str:
    """Tables of what was measured, and where and when."""
    found = result["found"]
    blocks = [f"`python -m tests.bench {name}`, commit {result['commit']}: {result['machine']}."]
    tables = dict.fromkeys(each["table"] for each in found if each["table"])
    blocks += [_table(table, rows_of(found, table)) for table in tables]
    plain = [each for each in found if not each["table"]]
    if plain:
        lines_ = ["| what | bound | measured |", "|---|---|---|"]
        lines_ += [f"| {each['what']} | {each['bound']} | {_judged(each)} |" for each in plain]
        blocks.append("\n".join(lines_))
    return "\n" + "\n\n".join(blocks) + "\n"


def _judged(each: Result) -> str:
    if each["is_met"] is None:
        return str(each["measured"])
    return f"**{each['measured']}**{'' if each['is_met'] else ', MISSED'}"


def rows_of(found: Sequence[Result], table: str) -> Rows:
    """The rows of one table."""
    return [(each["what"], each["cells"]) for each in found if each["table"] == table]


def _table(name: str, rows: Rows) -> str:
    columns = list(dict.fromkeys(column for _, cells in rows for column in cells))
    told = [f"| {name} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    told += [
        f"| {what} | {' | '.join(shown(cells.get(each)) for each in columns)} |"
        for what, cells in rows
    ]
    return "\n".join(told)


def _pictures(results: Mapping[str, Result]) -> Iterator[tuple[str, str]]:
    if "peers" in results:
        rows = rows_of(results["peers"]["found"], "peers at 0 ms")
        values = {what: float(cells["CPU us a question"] or 0) for what, cells in rows}
        yield (
            "peers",
            bars("CPU for a yearly timeline, from the question to Parquet, in us", values),
        )
    if "scale" in results:
        rows = rows_of(results["scale"]["found"], "scale")
        sizes = [float(what.replace(",", "")) for what, _ in rows]
        measures = (
            "peak MB",
            "run s",
            "verify s",
            "rebuild s",
            "next plan s",
            "nothing to do s",
        )
        series = {name: [float(cells.get(name) or 0) for _, cells in rows] for name in measures}
        yield "scale", lines("by the number of requests (both axes logarithmic)", sizes, series)
