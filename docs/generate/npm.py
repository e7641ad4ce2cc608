"""Fetches pinned packages of npm into a folder that is gone afterwards, for the generators here."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# What the packages themselves depend on is taken as it was on this day, so that a generator makes
# the same bytes whenever it runs. Move it together with the versions.
AS_OF = "2026-11-28"


@contextmanager
def installed(packages: Mapping[str, str]) -> Iterator[Path]:
    """The folder `node_modules` with these versions, installed without their install scripts."""
    with tempfile.TemporaryDirectory(prefix="harvester-npm-") as folder:
        wanted = [f"{name}@{version}" for name, version in packages.items()]
        words = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
        words += ["--silent", f"--before={AS_OF}", "--prefix", folder, *wanted]
        subprocess.run(words, cwd=folder, check=True)
        yield Path(folder) / "node_modules"
