"""`make soak`: everything that takes minutes, with its results written into docs/reliability.md.

Each row of that page's table ends with the command that repeats it. This runs every one of them,
two at a time, then the slow tests that no row names, and writes how many cases there were, how it
ended, on which day and at which commit. `python -m tests.soak WORD...` repeats only the rows whose
command has one of the words in it.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reliability.md"
AT_ONCE = 2
_ROW = re.compile(
    r"^\| (?P<promise>[^|]+) \| (?P<how>[^|]+) \|[^|]*\|(?P<ended>[^|]*)\| `(?P<run>[^`]+)` \|$"
)
_TOOK = re.compile(r", (\d+) s $")


@dataclass
class Outcome:
    """What came of one command.

    Attributes:
        counts: tests, failures, skipped; and what tests told of themselves, as SIGKILLs.
    """

    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    said: str = ""

    @property
    def is_good(self) -> bool:
        """Whether something ran, and all of it passed."""
        return bool(self.counts["tests"]) and not self.counts["failures"]

    @property
    def cases(self) -> str:
        """How much was tried."""
        told = [
            f"{number:,} {name}"
            for name, number in self.counts.items()
            if name not in {"tests", "failures", "skipped"}
        ]
        return ", ".join([f"{self.counts['tests'] - self.counts['skipped']:,} tests", *told])

    def sentence(self, stamp: str) -> str:
        """How it ended, when and where."""
        if not self.counts["tests"]:
            return "not run yet"
        failed = self.counts["failures"]
        ended = f"**{failed:,} failed**" if failed else "all passed"
        skipped = f", {self.counts['skipped']} skipped" if self.counts["skipped"] else ""
        return f"{ended}{skipped}, {stamp}, {self.seconds:.0f} s"


def ran(command: str) -> Outcome:
    """Run a pytest command line to its end."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        xml = Path(folder) / "result.xml"
        words = [
            sys.executable,
            "-m",
            *command.split(),
            f"--junitxml={xml}",
            "--hypothesis-profile=dice",
            "-p",
            "no:cacheprovider",
        ]
        words = ["" if word == '""' else word for word in words]
        ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        outcome = Outcome(time.monotonic() - began, said=ended.stdout + ended.stderr)
        if xml.is_file():
            outcome.counts = counted(xml.read_text(encoding="utf-8"))
    return outcome


def counted(xml: str) -> Counter[str]:
    """What pytest's own file of results says."""
    found: Counter[str] = Counter()
    for suite in ET.fromstring(xml).iter("testsuite"):  # noqa: S314  # written by our own pytest
        found["tests"] += int(suite.get("tests", 0))
        found["failures"] += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        found["skipped"] += int(suite.get("skipped", 0))
        for told in suite.iter("property"):
            # Hypothesis tells of its runs in the same place, in prose.
            if (value := told.get("value", "")).isdecimal():
                found[told.get("name", "")] += int(value)
    return found


def commands(page: str) -> list[str]:
    """Every command of the table, each once; what took long the last time comes first."""
    took: dict[str, float] = {}
    for row in map(_ROW.match, page.splitlines()):
        if row:
            seconds = _TOOK.search(row["ended"])
            took[row["run"]] = float(seconds[1]) if seconds else math.inf
    return sorted(took, key=lambda each: -took[each])


def filled(page: str, outcomes: dict[str, Outcome], stamp: str) -> str:
    """The page with the cells that results belong in written anew."""
    lines = []
    for line in page.splitlines():
        row = _ROW.match(line)
        outcome = outcomes.get(row["run"]) if row else None
        if row and outcome:
            cells = [row["promise"], row["how"], outcome.cases, outcome.sentence(stamp)]
            lines.append(f"| {' | '.join(cells)} | `{row['run']}` |")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def stamp() -> str:
    """Today's date and the commit."""
    git = ["git", "-C", str(ROOT)]
    told = subprocess.run(
        [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    commit = told.stdout.strip() or "no commit"
    return f"{datetime.now(UTC):%Y-%m-%d} at {commit}"


def chosen(page: str, words: list[str]) -> list[str]:
    """What is to be run: the rows with one of these words; without words all, and all else."""
    named = commands(page)
    if words:
        return [each for each in named if any(word in each for word in words)]
    files = {word for each in named for word in each.split() if word.startswith("tests/")}
    return [
        *named,
        " ".join(["pytest -q -m slow", *(f"--ignore={each}" for each in sorted(files))]),
    ]


def main(words: list[str]) -> int:
    """Run all, write the page, and say what failed."""
    began, page = time.monotonic(), PAGE.read_text(encoding="utf-8")
    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        running = {at_once.submit(ran, each): each for each in chosen(page, words)}
        for ended in as_completed(running):
            command, outcome = running[ended], ended.result()
            outcomes[command] = outcome
            # Row by row, so that a soak that is stopped leaves what it has shown.
            PAGE.write_text(filled(page, outcomes, stamp()), encoding="utf-8")
            print(f"{outcome.sentence('now')}: {outcome.cases}: {command}", flush=True)
            if not outcome.is_good:
                print(outcome.said, flush=True)
    print(f"{time.monotonic() - began:.0f} s on {os.cpu_count()} cores; written to {PAGE}")
    return 0 if outcomes and all(each.is_good for each in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
