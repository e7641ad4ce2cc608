"""Run the measurements named, or all; exit code 1 when a bound is missed."""

from __future__ import annotations

import argparse
import sys

from .latency import latency
from .machine import machine
from .memory import memory
from .overhead import overhead
from .pace import pace
from .people import people
from .plan import plan
from .savings import savings

PARTS = {
    "latency": latency,
    "memory": memory,
    "pace": pace,
    "plan": plan,
    "savings": savings,
    "overhead": overhead,
    "people": people,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)} (default: all)")
    parts = parser.parse_args().part or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(machine(), flush=True)
    missed = 0
    for part in parts:
        print(part, flush=True)
        for found in PARTS[part]():
            print(found, flush=True)
            missed += found.is_met is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
