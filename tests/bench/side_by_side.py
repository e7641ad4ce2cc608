"""The same questions to the same server, asked by us and by what a user would pick instead."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from .contenders import CONTENDERS, FLOOR, OURS, Contender, installed, surroundings, versions
from .found import Found, at_most, row
from .stage import ROOT, Ended, Host, Started, folder, host, launch

QUESTIONS, SERIAL_QUESTIONS = 10_000, 1_000
WORKERS, DAYS = 50, 366
# CPU of ours over that of another, at most.
MOST_CPU = {FLOOR: 1.5, "Scrapy": 0.25, "dlt": 0.25, "curl and DuckDB": 0.6, "gather": 1.0}
MOST_WALL = 1.08

Ready = list[tuple[Contender, Path]]


def side_by_side(rounds: int, latency_seconds: float) -> Iterator[Found]:
    """Time, CPU and memory of each; interleaved, medians of some rounds."""
    ready: Ready = []
    yield from _ready(ready)
    ends: dict[str, list[Ended]] = {each.name: [] for each, _ in ready}
    with host(latency_seconds) as served:
        for _ in range(rounds):
            for contender, python in ready:
                with folder() as beside:
                    ended = begin(contender, python, served, beside).ended()
                    _check(contender, beside)
                    ends[contender.name].append(ended)
    table = f"peers at {1000 * latency_seconds:g} ms"
    for contender, _ in ready:
        yield row(table, contender.name, _cells(contender, ends))
    yield from _judged(ends, latency_seconds)


def killed(latency_seconds: float) -> Iterator[Found]:
    """What is left after a SIGKILL in the middle, and after the same command again."""
    ready: Ready = []
    list(_ready(ready))
    for contender, python in ready:
        with folder() as beside, host(latency_seconds) as served:
            started = begin(contender, python, served, beside)
            while served.count() < questions(contender) / 2 and started.process.poll() is None:
                started.pause()
            started.kill()
            asked = served.count()
            left = rows_in(contender, beside)
            begin(contender, python, served, beside).ended()
            again = served.count() - asked
            rows = rows_in(contender, beside)
        cells = {
            "requests before the kill": asked,
            "rows readable after it": left[0],
            "requests of the same command again": again,
            "rows then": rows[0],
            "of them twice": rows[0] - rows[1],
        }
        yield row("after a SIGKILL", contender.name, cells)


def _ready(ready: Ready) -> Iterator[Found]:
    for contender in CONTENDERS:
        python = installed(contender)
        if isinstance(python, str):
            yield Found(f"{contender.name} SKIPPED, it cannot be installed", python)
        else:
            ready.append((contender, python))
            yield Found(f"{contender.name} has", versions(python, contender.packages))


def questions(contender: Contender) -> int:
    return SERIAL_QUESTIONS if contender.is_serial else QUESTIONS


def begin(contender: Contender, python: Path, served: Host, beside: Path) -> Started:
    """Its command, in a folder of its own."""
    out = beside / "out"
    out.mkdir(exist_ok=True)
    command = contender.command(python, served.url, questions(contender), out)
    return launch(beside, command, beside, surroundings(python))


def rows_in(contender: Contender, beside: Path) -> tuple[int, int]:
    """Rows that a reader finds in the Parquet files, and how many of them are different ones.

    Counted in a process of its own: the peak of a process begins at that of who began it.
    """
    paths = [path for path in (beside / "out").glob(contender.rows) if path.stat().st_size]
    words = ["-m", "tests.bench.count_rows", ",".join(contender.key), *map(str, paths)]
    command = [sys.executable, *words]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    rows, different = found.split()
    return int(rows), int(different)


def _check(contender: Contender, beside: Path) -> None:
    expected = questions(contender) * DAYS
    if (found := rows_in(contender, beside)) != (expected, expected):
        raise SystemExit(f"{contender.name} wrote {found} rows, not {expected}")


def _cells(contender: Contender, ends: dict[str, list[Ended]]) -> dict[str, float | str | None]:
    mine = ends[contender.name]
    share = 1e6 / questions(contender)
    floor = median(each.cpu_seconds for each in ends[FLOOR]) * 1e6 / QUESTIONS
    cpu = median(each.cpu_seconds for each in mine) * share
    return {
        "questions": questions(contender),
        "wall s": median(each.seconds for each in mine),
        "CPU us a question": cpu,
        "CPU over the floor's": cpu / floor,
        "peak MB": max(each.peak_bytes for each in mine) / 1e6,
        "lines": contender.lines(),
    }


def _judged(ends: dict[str, list[Ended]], latency_seconds: float) -> Iterator[Found]:
    def cpu(ended: Ended) -> float:
        return ended.cpu_seconds

    for name, most in MOST_CPU.items():
        # The bounds on CPU are for a server that answers at once.
        if name in ends and not latency_seconds:
            yield at_most(f"CPU of ours over {name}", _ratio(ends, name, cpu), most)
    if latency_seconds:
        ratio = _ratio(ends, FLOOR, lambda ended: ended.seconds)
        yield at_most("wall time of ours over the floor", ratio, MOST_WALL)
        least = QUESTIONS * latency_seconds / WORKERS
        ours = median(each.seconds for each in ends[OURS])
        yield Found(
            "wall time of ours over requests x latency / concurrency", f"{ours / least:.3f}"
        )


def _ratio(ends: dict[str, list[Ended]], name: str, measure: Callable[[Ended], float]) -> float:
    """The median over the rounds, each against its neighbour."""
    pairs = zip(ends[OURS], ends[name], strict=True)
    return median(measure(ours) / measure(theirs) for ours, theirs in pairs)
