"""One report, from the folder to the finished file."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

from harvester.report.collect import gather
from harvester.report.export.target import WritePlace, finished
from harvester.report.job_facts import JobFacts
from harvester.report.map_shapes import world
from harvester.report.page import Assets, page
from harvester.report.tables import opened_tables

_TEMPLATES = ("page.html.j2", "usage.html.j2", "harvest.html.j2", "macros.html.j2")


# Its head stands at the beginning of a page, with who wrote it.
_HEAD_BYTES = 16_384
_GENERATOR = b'<meta name="generator" content="harvester '


def write_report(
    folder: Path, job: JobFacts, target: Path, now: datetime, *, replaces: bool = False
) -> None:
    """Write the page, whole or not at all; a report of ours that stands there is replaced.

    Args:
        replaces: whether another file may go, too.

    Raises:
        UsageError: the target lies among the datasets, or something else stands there.
        OutputError: a file cannot be read or written.
    """
    place = WritePlace(target, replaces=replaces, inside=folder / "_harvest", is_ours=is_a_report)
    with finished(place, folder) as beside:
        with opened_tables(folder) as tables:
            numbers = gather(tables, job)
        beside.write_text(page(numbers, job, _assets(), now), encoding="utf-8")


def is_a_report(path: Path) -> bool:
    """Whether what stands there is a report that this program wrote; a link to one is none."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return _GENERATOR in file.read(_HEAD_BYTES)
    except OSError:
        return False


@cache
def _assets() -> Assets:
    own = resources.files("harvester.report") / "assets"
    return Assets(
        templates={name: (own / name).read_text(encoding="utf-8") for name in _TEMPLATES},
        style=(own / "style.css").read_text(encoding="utf-8"),
        library=(own / "vega" / "vega.js").read_text(encoding="utf-8"),
        script=(own / "page.js").read_text(encoding="utf-8"),
        world=world((own / "world" / "world.json").read_text(encoding="utf-8")),
        versions=f"pictures by Vega-Lite {_vega_lite(own)},"
        f" numbers by DuckDB {metadata.version('duckdb')}",
    )


def _vega_lite(own: Traversable) -> str:
    """The version of the library that draws the charts."""
    about = json.loads((own / "vega" / "vega.json").read_text(encoding="utf-8"))
    return next(str(each["version"]) for each in about["packages"] if each["name"] == "vega-lite")
