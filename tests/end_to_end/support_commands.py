"""One command of ours, called here: its exit code and what it printed, without what varies."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from harvester.cli import main
from tests.support.network_variables import NETWORK_VARIABLES

# Help is folded to the terminal's width, moments are told on the reader's clock.
# What is empty is as good as not set to all who read of proxies and certificates.
SETTING = {
    "COLUMNS": "80",
    "TZ": "UTC",
    "NO_COLOR": "1",
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(NETWORK_VARIABLES, ""),
}
_SPAN = r"(?:less than a second|\d+ (?:d|h|min|s)\b(?: \d+ (?:h|min|s)\b)?)"
# What differs from one call to the next, in the order in which it is replaced.
_VARIES = [
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "<moment>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? [A-Z]{3,4}", "<moment>"),
    (rf"in {_SPAN}, [\d.,]+ a second on average, [\d,]+ in the busiest second", "in <time>"),
    (r'("(?:seconds|paused_seconds|seconds_so_far|per_second)":)[\d.]+', r"\1<time>"),
    (r'("(?:call|busiest|began|begun)":)\d+', r"\1<number>"),
    # Lines that a run prints while it goes on, when it happens to take so long.
    (r"(?m)^(?:<moment>: \d|  listing |  asking for metadata|  comparing groups).*\n", ""),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
    # How many publishes a run makes of its replies depends on when they come.
    (r"-\d{5,}\.parquet", "-<publish>.parquet"),
    (r"looked at [\d,]+ bytes", "looked at <number> bytes"),
    (r'("bytes": )\d+', r"\1<number>"),
    (r"nothing succeeded for \d+ s", "nothing succeeded for <time>"),
    (r"\bharvester \d+\.\d+\.\d+\S*", "harvester <version>"),
]


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one command."""

    code: int
    stdout: str
    stderr: str


def steady(text: str, here: Path) -> str:
    """The text without what differs from one call, or one version of Python, to the next.

    Args:
        here: the folder of the test, which lies elsewhere each time.
    """
    text = text.replace(str(here.resolve()), "<here>").replace(str(here), "<here>")
    for pattern, word in _VARIES:
        text = re.sub(pattern, word, text)
    return re.sub(r"\(choose from [^)]*\)", lambda found: found[0].replace("'", ""), text)


def say(here: Path, *words: str, environment: Mapping[str, str] | None = None) -> Said:
    """Call the command line as if it were typed in this folder."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    with (
        _standing(here, {**SETTING, **(environment or {})}),
        redirect_stdout(streams[0]),
        redirect_stderr(streams[1]),
    ):
        try:
            code = main(words)
        except SystemExit as left:
            code = int(left.code or 0)
    texts = []
    for stream in streams:
        stream.seek(0)
        texts.append(stream.read())
    return Said(code, *texts)


def ended(here: Path, *words: str, environment: Mapping[str, str] | None = None) -> Said:
    """`simulate` in a process of its own, which is told to stop as soon as it serves."""
    with subprocess.Popen(
        [sys.executable, "-m", "harvester", *words],
        cwd=here,
        env={**os.environ, **SETTING, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        # Who answers heeds signals, too: between the line and that, it would die of one.
        with urlopen(f"{first.strip()}/_simulator/history", timeout=30):  # noqa: S310  # loopback
            process.terminate()
        rest, complaint = process.communicate(timeout=30)
    return Said(process.returncode, first + rest, complaint)


@contextmanager
def _standing(here: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """In this folder and with these variables, and afterwards as before."""
    before, variables = Path.cwd(), dict(os.environ)
    os.chdir(here)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)


@contextmanager
def somewhere() -> Iterator[Path]:
    """A folder for as long as it is needed."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name).resolve()
