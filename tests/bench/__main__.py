"""Run the measurements named, or all; exit code 1 when a bound is missed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from . import document
from .disk import disk
from .found import Found
from .latency import latency
from .machine import commit, machine
from .memory import memory
from .overhead import overhead
from .pace import pace
from .people import people
from .plan import plan
from .savings import savings
from .scale import rebuild, scale
from .side_by_side import killed, side_by_side
from .stage import ROOT
from .whole_timelines import whole_timelines

Part = Callable[[], Iterator[Found]]

QUICK: dict[str, Part] = {
    "peers": partial(side_by_side, 1, 0.0),
    "peers-50ms": partial(side_by_side, 1, 0.05),
    "killed": partial(killed, 0.02),
    "scale": partial(scale, (1_000, 10_000, 100_000)),
    "rebuild": partial(rebuild, 10_000),
    "disk": disk,
    "latency": partial(latency, 3),
    "plan": plan,
    "people": people,
    "whole-timelines": whole_timelines,
}
# A night's worth: three repetitions, a million requests, a minute at each pace.
FULL: dict[str, Part] = {
    **QUICK,
    "peers": partial(side_by_side, 3, 0.0),
    "peers-50ms": partial(side_by_side, 3, 0.05),
    "killed": partial(killed, 0.05),
    "latency": partial(latency, 5),
    "scale": partial(scale, (1_000, 10_000, 100_000, 1_000_000)),
    "rebuild": partial(rebuild, 100_000),
    "memory": memory,
    "pace": pace,
    "overhead": overhead,
    "savings": savings,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("part", nargs="*", help=f"{', '.join(FULL)} (default: all of the size)")
    parser.add_argument("--full", action="store_true", help="a night's worth")
    parser.add_argument(
        "--results", type=Path, default=ROOT / "output" / "bench", help="where the JSON goes"
    )
    parser.add_argument(
        "--document", action="store_true", help="only write docs/benchmarks.md from the JSON there"
    )
    asked = parser.parse_args()
    known = {**FULL, **({} if asked.full else QUICK)}
    if unknown := set(asked.part) - set(known):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    missed = 0
    if not asked.document:
        print(machine(), flush=True)
        for part in asked.part or (FULL if asked.full else QUICK):
            missed += _measured(part, known[part], asked.results)
    if asked.document or asked.results.resolve() == document.RESULTS:
        document.write()
    return 1 if missed else 0


def _measured(name: str, part: Part, results: Path) -> int:
    """Measure one part, tell it and keep it; returns how many bounds it missed."""
    print(name, flush=True)
    found = []
    for each in part():
        print(each, flush=True)
        found.append(each)
    results.mkdir(parents=True, exist_ok=True)
    told = {"machine": machine(), "commit": commit(), "found": [asdict(each) for each in found]}
    text = json.dumps(told, indent=1, ensure_ascii=False)
    (results / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    return sum(each.is_met is False for each in found)


if __name__ == "__main__":
    sys.exit(main())
