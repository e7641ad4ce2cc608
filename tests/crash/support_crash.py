"""What the crash tests share: a world, a job of every endpoint, and the moment it begins."""

from __future__ import annotations

import errno
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from harvester.simulator.config import SimulatorConfig
from tests.support.command_line import Figshare, Job
from tests.support.monthly_archive import archive_spec

MAY, JUNE, JULY = date(2026, 5, 5), date(2026, 6, 5), date(2026, 7, 5)
# Every step of the commit protocol, and of its recovery (harvester/store/commit.py).
POINTS = ("staged", "staging-synced", "decided", "renamed", "one-placed", "placed", "settled")
RECOVERY_POINTS = ("recovering", "recovered-parts")
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


def small_world() -> SimulatorConfig:
    """Few items, and days whose numbers come late."""
    return SimulatorConfig(seed=5, articles=25, late_days=3, withdrawn=0)


def fresh(folder: Path, service: Figshare, *, name: str = "archive") -> Job:
    """A job of every endpoint that never ran; the service has forgotten all others."""
    service.forget()
    service.change(today=MAY.isoformat(), faults=[], restatements=[], latency_seconds=0)
    job = Job(folder, {**archive_spec(service), "name": name})
    job.environment["STATS"] = "stats:secret"
    return job


def called(job: Job, day: date, *words: str) -> subprocess.CompletedProcess[str]:
    """`harvester run` as of a day, however it ends."""
    return job.call("run", "job.yaml", "--today", day.isoformat(), *words)


@cache
def can_hold_calls() -> bool:
    """Whether this kernel lets a process decide its child's system calls."""
    probe = f"from tests.crash.support_seccomp import hold_calls; hold_calls({('fsync',)!r})"
    tried = subprocess.run(
        [sys.executable, "-c", probe],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def needs_held_calls() -> pytest.MarkDecorator:
    """Skips where only a real broken disk would do."""
    return pytest.mark.skipif(not can_hold_calls(), reason="needs Linux 5.5 or later, and seccomp")
