"""A simulator in a process of its own, a job beside it, and the real command line between."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from harvester.cli import main
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.truth import Truth
from tests.support.thorough import is_thorough

Spec = dict[str, Any]

# A process is charged with the memory of the one it was forked from, so that must be a small one.
_MEASURED = """
import os, subprocess, sys
running = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(running.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


@dataclass(frozen=True, slots=True)
class Figshare:
    """A running simulator."""

    url: str
    truth: Truth
    trust: ssl.SSLContext | None = None

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        """Every request it got, in the order of their arrival."""
        entries: list[dict[str, Any]] = self._ask("GET", f"history?after={after}")["entries"]
        return entries

    def change(self, **patch: Any) -> None:
        """Go on with some settings replaced."""
        self._ask("PATCH", "config", patch)

    def forget(self) -> None:
        """Forget the history."""
        self._ask("POST", "reset")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # our own loopback
            f"{self.url}/_simulator/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(  # noqa: S310
            request, timeout=30, context=self.trust
        ) as answer:
            return json.load(answer)


@contextmanager
def figshare(
    folder: Path,
    config: SimulatorConfig,
    *,
    replay: Path | None = None,
    port: int = 0,
    certificate: Path | None = None,
    trust: ssl.SSLContext | None = None,
) -> Iterator[Figshare]:
    """Serve a simulator through the command line until the test ends.

    Args:
        certificate: serves https with it; then `trust` is what the test looks at it with.
    """
    settings = folder / "simulator.json"
    settings.write_text(json.dumps(config.to_json()), encoding="utf-8")
    command = [sys.executable, "-m", "harvester", "simulate", "--settings", str(settings)]
    command += ["--seed", str(config.seed), "--articles", str(config.articles)]
    command += ["--today", config.today.isoformat(), "--port", str(port)]
    command += ["--replay", str(replay)] if replay else []
    command += ["--certificate", str(certificate)] if certificate else []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("http"), "the simulator did not start"
            yield Figshare(url, Truth(config), trust)
        finally:
            process.terminate()


def query(sql: str) -> list[tuple[Any, ...]]:
    """The rows of a DuckDB query."""
    found = duckdb.sql(sql)
    return found.fetchall() if found else []


def damaged(folder: Path) -> dict[str, str]:
    """What another reader says of each file that one reader could not read."""
    said = {}
    for path in sorted(folder.rglob("*.parquet")):
        try:
            pq.read_table(path, partitioning=None, page_checksum_verification=True)
            said[path.name] = f"{path.stat().st_size} sound bytes"
        except (OSError, pa.ArrowException) as error:
            said[path.name] = str(error)
    return said


def can_be_called_here(environment: dict[str, str]) -> bool:
    """Whether a command would do the same in this process: it may not die, nor share our loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        is_main = threading.current_thread() is threading.main_thread()
        return is_main and "HARVESTER_CRASH_AT" not in environment
    return False


def called_here(
    folder: Path, environment: dict[str, str], words: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """One command of ours in this process, in a folder and an environment of its own."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environment, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main(words)
        except SystemExit as ended:  # argparse
            code = ended.code if isinstance(ended.code, int) else 1
    said = []
    for each in (out, err):
        each.seek(0)
        said.append(each.read())
    return subprocess.CompletedProcess(words, code, *said)


class Job:
    """A spec in a folder, and the command line run on it."""

    def __init__(self, folder: Path, spec: Spec) -> None:
        self.folder = folder
        self.path = folder / "job.yaml"
        self.output = folder / "output" / spec["name"]
        self.environment = {**os.environ, "PYTHONHASHSEED": "0", "TZ": "UTC"}
        self.write(spec)

    def write(self, spec: Spec) -> None:
        """Write the spec anew. JSON is YAML."""
        self.spec = spec
        self.path.write_text(json.dumps(spec, indent=1), encoding="utf-8")

    def call(self, *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run one command of ours to its end.

        In `make test` it is called in this process, for a process of its own takes a second to
        import what is imported here already. `make test-all` starts one each time.
        """
        if not is_thorough() and can_be_called_here(self.environment):
            return called_here(self.folder, self.environment, words)
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def run(self, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """`harvester run`, which must end with this exit code."""
        ended = self.call("run", "job.yaml", *words)
        assert ended.returncode == expect, ended.stderr
        assert "Traceback" not in ended.stderr
        return ended

    def peak_bytes(self, *words: str, expect: int = 0) -> int:
        """Run one command to its end, with this exit code; its highest resident memory."""
        ended = subprocess.run(
            [sys.executable, "-c", _MEASURED, *self.command(*words)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        code, peak = ended.stdout.splitlines()[-1].split()
        assert code == str(expect), ended.stderr
        # Linux counts in KiB, macOS in bytes.
        return int(peak) * (1 if sys.platform == "darwin" else 1024)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin one command and come back at once."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def command(*words: str) -> list[str]:
        return [sys.executable, "-m", "harvester", *words]

    def rows(self, dataset: str, columns: str, *, order: str = "all") -> list[tuple[Any, ...]]:
        """Some columns of a dataset, read as anybody would."""
        where = f"{self.output}/{dataset}/**/*.parquet"
        try:
            return query(
                f"select {columns} from read_parquet('{where}', hive_partitioning = true,"
                f" hive_types_autocast = false) order by {order}"
            )
        except duckdb.Error as error:
            raise AssertionError(f"{error}; {damaged(self.output / dataset)}") from error

    def files(self) -> dict[str, bytes]:
        """Every file of the output, whole."""
        return {
            str(path.relative_to(self.output)): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }
