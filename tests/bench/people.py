"""Report and export of an institution with 25,000 items and ten years: time, memory, size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .found import Found, at_most
from .institution import Institution, write
from .stage import folder, start

MOST_SECONDS, MOST_MB, MOST_PAGE_MB = 60, 1000, 5


def people() -> Iterator[Found]:
    with folder() as beside:
        root = beside / "lboro"
        write(root, Institution())
        page = beside / "report.html"
        yield from _measured(beside, "report", page, "report", str(root), "--to", str(page))
        yield at_most("report: size", page.stat().st_size / 1e6, MOST_PAGE_MB, " MB")
        for shape, name in (("xlsx", "book.xlsx"), ("csv", "tables")):
            words = ("export", str(root), "--to", shape, "--out", str(beside / name))
            yield from _measured(beside, f"export --to {shape}", beside / name, *words)


def _measured(beside: Path, what: str, made: Path, *words: str) -> Iterator[Found]:
    ended = start(beside, "harvester", *words).ended()
    files = [each for each in (made, *made.rglob("*")) if each.is_file()]
    size = sum(each.stat().st_size for each in files) / 1e6
    yield at_most(f"{what}: time", ended.seconds, MOST_SECONDS, " s")
    yield at_most(f"{what}: peak memory", ended.peak_bytes / 1e6, MOST_MB, " MB")
    yield Found(what, f"{ended.cpu_seconds:.1f} s of CPU, {size:.1f} MB written")
