"""100,000 requests through the command line: peak memory, speed, bytes on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .found import Found, at_most
from .stage import folder, host, start, write_job

REQUESTS = 100_000
MOST_MB = 250
COUNTERS = ["views", "downloads"]
YEAR = {"start": "2025-01-01", "end": "2025-12-31"}


def memory() -> Iterator[Found]:
    yield from _measured("totals", {"endpoint": "total", "counters": COUNTERS})
    timelines = {"endpoint": "timeline", "granularities": ["day"], "period": YEAR}
    yield from _measured("timelines of a year by day", {**timelines, "counters": COUNTERS})


def _measured(what: str, dimension: dict[str, Any]) -> Iterator[Found]:
    ids = range(1, REQUESTS // len(COUNTERS) + 1)
    with host() as served, folder() as beside:
        job = write_job(beside, served.url, ids, [dimension])
        ended = start(beside, "harvester", "run", str(job)).ended()
        name = f"{REQUESTS:,} {what}"
        yield at_most(f"{name}, peak memory", ended.peak_bytes / 1e6, MOST_MB, " MB")
        cpu = f"{1e6 * ended.cpu_seconds / REQUESTS:.0f} us CPU each"
        speed = f"{REQUESTS / ended.seconds:.0f} a second, {cpu}, {ended.seconds:.1f} s in all"
        yield Found(f"{name}, requests", speed)
        output = beside / "output" / "bench"
        ledger = _bytes(output / "_harvest")
        data = _bytes(output) - ledger
        sizes = f"{ledger / REQUESTS:.0f} in the ledger, {data / REQUESTS:.0f} in Parquet"
        yield Found(f"{name}, bytes a request", sizes)


def _bytes(where: Path) -> int:
    return sum(path.stat().st_size for path in where.rglob("*") if path.is_file())
