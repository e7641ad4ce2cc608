"""How everything grows with the number of requests, against a server that answers at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .found import Found, at_least, at_most, row
from .stage import Ended, folder, host, start, write_job

TODAY, NEXT = date(2026, 7, 4), date(2026, 8, 4)
COUNTERS = ["views", "downloads"]
TOTALS = {"endpoint": "total", "counters": COUNTERS}
TIMELINES = {
    "endpoint": "timeline",
    "counters": ["views"],
    "granularities": ["day"],
    "period": {"start": "2024-01-01", "end": "2024-12-31"},
}
MILLION = 1_000_000
MOST_MB, MOST_GROWTH = 250, 1.1
MOST_SECONDS_FOR_NOTHING, MOST_SECONDS_TO_PLAN = 1.0, 20.0
LEAST_SPEED_OF_REBUILD = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """A job and where its output goes."""

    beside: Path
    job: Path

    @property
    def output(self) -> Path:
        return self.beside / "output" / "bench"

    def run(self, *words: str) -> Ended:
        """`harvester run` on the day of the first run."""
        return start(self.beside, "harvester", "run", str(self.job), *_today(), *words).ended()

    def command(self, name: str, *words: str) -> Ended:
        return start(self.beside, "harvester", name, *words).ended()


def scale(sizes: Sequence[int]) -> Iterator[Found]:
    """Totals: one reply of a few bytes each, so that all that is ours shows."""
    peaks: dict[int, float] = {}
    for size in sizes:
        found = dict(_grown(size))
        peaks[size] = found["peak MB"]
        yield row("scale", f"{size:,}", found)
        if size == MILLION:
            yield at_most("1,000,000 requests: peak memory", peaks[size], MOST_MB, " MB")
            growth = peaks[size] / peaks[size // 10]
            yield at_most("over that of 100,000", growth, MOST_GROWTH)
            nothing = found["nothing to do s"]
            yield at_most("to nothing to do", nothing, MOST_SECONDS_FOR_NOTHING, " s")
            yield at_most(
                "to the plan of next month", found["next plan s"], MOST_SECONDS_TO_PLAN, " s"
            )


def _grown(size: int) -> Iterator[tuple[str, float]]:
    with host() as served, folder() as beside:
        ids = range(1, size // len(COUNTERS) + 1)
        place = Place(beside, write_job(beside, served.url, ids, [TOTALS]))
        first = place.run()
        yield "run s", first.seconds
        yield "CPU us a request", 1e6 * first.cpu_seconds / size
        yield "peak MB", first.peak_bytes / 1e6
        ledger = bytes_in(place.output / "_harvest")
        yield "ledger B a request", ledger / size
        yield "output B a request", (bytes_in(place.output) - ledger) / size
        yield "nothing to do s", place.run().seconds
        yield "next plan s", place.command("plan", str(place.job), "--today", f"{NEXT}").seconds
        yield "verify s", place.command("verify", str(place.output)).seconds
        yield "rebuild s", place.command("rebuild", str(place.output)).seconds
    with host() as served, folder() as beside:
        place = Place(beside, write_job(beside, served.url, ids, [TOTALS]))
        started = start(beside, "harvester", "run", str(place.job), *_today())
        while served.count() < size / 2 and started.process.poll() is None:
            started.pause()
        started.kill()
        asked = served.count()
        resumed = place.run()
        yield "resume of half s", resumed.seconds
        yield "asked twice", asked + (served.count() - asked) - size


def rebuild(size: int) -> Iterator[Found]:
    """Raw yearly timelines, parsed and written again."""
    with host() as served, folder() as beside:
        place = Place(beside, write_job(beside, served.url, range(1, size + 1), [TIMELINES]))
        fetched = place.run()
        again = place.command("rebuild", str(place.output))
        what = f"{size:,} yearly timelines"
        cells = {
            "fetch s": fetched.seconds,
            "fetch CPU s": fetched.cpu_seconds,
            "fetch peak MB": fetched.peak_bytes / 1e6,
            "rebuild s": again.seconds,
            "rebuild CPU s": again.cpu_seconds,
            "rebuild peak MB": again.peak_bytes / 1e6,
        }
        yield row("rebuild", what, cells)
        ratio = fetched.seconds / again.seconds
        yield at_least(f"{what}: speed of rebuild over fetching", ratio, LEAST_SPEED_OF_REBUILD)


def bytes_in(where: Path) -> int:
    """Of all files below."""
    return sum(path.stat().st_size for path in where.rglob("*") if path.is_file())


def _today() -> tuple[str, str]:
    return "--today", f"{TODAY}"
