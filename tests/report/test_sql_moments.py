"""Moments come out of `output.sql(...)` wherever the package is installed, by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ASK = """
import sys
sys.modules["pytz"] = None  # what DuckDB needed before 2.0, and no dependency of ours any more
import harvester
((moment,),) = harvester.open(sys.argv[1]).sql(
    "select harvested_at from totals order by harvested_at limit 1").fetchall()
print(type(moment).__name__, moment.utcoffset())
"""


def test_fetchall_on_moments_needs_no_pytz_and_no_time_zones_of_the_system(output: Path) -> None:
    """An image without a time zone database: only what our dependencies bring is there."""
    told = subprocess.run(
        [sys.executable, "-c", _ASK, str(output)],
        env={**os.environ, "PYTHONTZPATH": "", "TZ": "Europe/Berlin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.stdout, told.stderr) == ("datetime 0:00:00\n", "")
