"""Where the measurements were made."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version

from .stage import ROOT

_LIBRARIES = ("aiohttp", "anyio", "aiolimiter", "orjson", "pyarrow", "pydantic", "pyyaml")


def machine() -> str:
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{datetime.now(UTC).date()}, {platform.system()} {platform.machine()},"
        f" {os.cpu_count()} cores, {gib:.1f} GiB, Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version}, {libraries}"
    )


def commit() -> str:
    """Of what was measured; with a plus where the code differs from it."""
    head = _git("describe", "--always").stdout.strip() or "unknown"
    return head + "+" * bool(_git("diff", "--quiet", "HEAD", "--", "harvester", "tests").returncode)


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False, cwd=ROOT)
