"""A host, a job and the real command line, each a process, each measured to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .server import ARRIVALS, COUNT

ROOT = Path(__file__).parents[2]
# Linux counts the peak in KiB, macOS in bytes.
_RSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """A process, measured.

    Attributes:
        seconds: wall time, interpreter and imports included.
        cpu_seconds: user and system time.
        peak_bytes: highest resident memory.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Host:
    """The server of `server.py`, running."""

    url: str

    def arrivals(self) -> list[float]:
        """When each request came, on the server's monotonic clock."""
        with urllib.request.urlopen(f"{self.url}{ARRIVALS}", timeout=30) as reply:  # noqa: S310
            found: list[float] = json.load(reply)
        return found

    def count(self) -> int:
        """How many requests have come."""
        with urllib.request.urlopen(f"{self.url}{COUNT}", timeout=30) as reply:  # noqa: S310
            return int(reply.read())


@contextmanager
def host(latency_seconds: float = 0.0) -> Iterator[Host]:
    command = [sys.executable, "-m", "tests.bench.server"]
    command += ["--latency-seconds", str(latency_seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Host(process.stdout.readline().strip())
        finally:
            process.terminate()


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="harvester-bench-") as path:
        yield Path(path)


@dataclass(frozen=True, slots=True)
class Started:
    """A process that goes on; `ended` waits for it."""

    process: subprocess.Popen[bytes]
    begun: float
    said: Path

    def ended(self) -> Ended:
        # wait4, not RUSAGE_CHILDREN: that is the largest of all children so far.
        _, status, usage = os.wait4(self.process.pid, 0)
        seconds = time.perf_counter() - self.begun
        self.process.returncode = code = os.waitstatus_to_exitcode(status)
        stdout, stderr = ((self.said / name).read_text() for name in ("stdout", "stderr"))
        if code:
            raise SystemExit(f"exit code {code}: {self.process.args!r}\n{stderr}")
        cpu = usage.ru_utime + usage.ru_stime
        return Ended(seconds, cpu, usage.ru_maxrss * _RSS_BYTES, stdout, stderr)

    def pause(self) -> None:
        """Give it a moment; a measurement may sleep, a test may not."""
        time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL for the process and all that it began."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(beside: Path, *words: str) -> Started:
    """Begin `python -m ...`, from the root of the repository."""
    return launch(beside, [sys.executable, "-m", *words], ROOT)


def launch(
    beside: Path, command: Sequence[str], where: Path, environment: dict[str, str] | None = None
) -> Started:
    """Begin a command in a process group of its own."""
    with (beside / "stdout").open("wb") as stdout, (beside / "stderr").open("wb") as stderr:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=where,
            env=environment,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    return Started(process, begun, beside)


def write_job(
    beside: Path,
    url: str,
    ids: Sequence[int],
    dimensions: Sequence[dict[str, Any]],
    **limits: Any,
) -> Path:
    """Write a spec (JSON is YAML) whose output lies beside it, and so does its file of ids."""
    path = beside / "job.yaml"
    (beside / "articles.txt").write_text("\n".join(map(str, ids)), encoding="ascii")
    spec = {
        "name": "bench",
        "source": {"stats_url": url, "api_url": url},
        "entities": {"article": {"file": {"path": "articles.txt"}}},
        "dimensions": list(dimensions),
        # A server that died is not waited for a quarter of an hour.
        "limits": {
            "requests_per_second": "unlimited",
            "concurrency": 50,
            "max_pause_minutes": 0.5,
            **limits,
        },
        "output": {"path": str(beside / "output")},
    }
    path.write_text(json.dumps(spec), encoding="utf-8")
    return path
