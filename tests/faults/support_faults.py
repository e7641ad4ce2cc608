"""What the fault tests share: a small world, a job of every endpoint, and its judge."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import harvester
from harvester.cli import main
from harvester.harvest.result import RunResult
from harvester.job.options import RunOptions
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.truth import Truth
from tests.faults.support_clock import Weather
from tests.support import expected
from tests.support.command_line import Figshare, Job, Spec
from tests.support.everything import FIRST, same

Fault = dict[str, Any]

TODAY = FIRST.isoformat()
# What stands before the service and is met by everybody: waited for, and then a person's turn.
WALLS = (
    "html_200", "html_403", "empty_202", "wrong_content_type", "waf_202", "waf_405",
    "waf_405_page", "waf_200",
)  # fmt: skip
# One request of each is hit in every test of a fault that heals.
ENDPOINTS = ("/total/", "/timeline/", "/breakdown/", "/top/", "/count/")


def small_world() -> SimulatorConfig:
    return SimulatorConfig(seed=11, articles=120, today=FIRST)


def spec_of(folder: Path, url: str, truth: Truth, *, articles: int = 6) -> Spec:
    """A job that fills every dataset of statistics, and asks all of it."""
    ranked = [int(key) for key, _ in truth.top(None, "views", "article", articles)]
    period = {"start": "2025-02-11", "end": "yesterday"}
    return {
        "name": "suffering",
        "source": {"stats_url": url, "api_url": f"{url}/v2"},
        "entities": {
            "article": {"ids": ranked},
            "group": {"ids": truth.ids("group")[:2]},
        },
        "planner": {"skip_unneeded": False},
        "dimensions": [
            {"endpoint": "total", "counters": ["views"]},
            {"endpoint": "count"},
            {"endpoint": "top", "entities": ["article"], "counters": ["views", "downloads"]},
            {
                "endpoint": "timeline",
                "entities": ["article"],
                "counters": ["views"],
                "granularities": ["day"],
                "period": period,
            },
            {
                "endpoint": "breakdown",
                "entities": ["article"],
                "counters": ["views"],
                "granularities": ["month"],
                "period": period,
            },
        ],
        "limits": {"requests_per_second": "unlimited", "concurrency": 4},
        "output": {"path": str(folder / "output")},
    }


def job_of(
    folder: Path, service: Figshare, *faults: Fault, articles: int = 6, **limits: Any
) -> Job:
    """A job that never ran, and a service that has just begun to suffer."""
    service.change(faults=list(faults))
    service.forget()
    spec = spec_of(folder, service.url, service.truth, articles=articles)
    spec["limits"] |= limits
    return Job(folder, spec)


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


def call(job: Job, command: str, *words: str) -> Ended:
    """The command line in this process: its sockets, files and exit codes are the real ones."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([command, str(job.path), *words])
    return Ended(code, out.getvalue(), err.getvalue())


def run(job: Job, *words: str, expect: int = 0) -> Ended:
    """`harvester run`, which must end with this exit code."""
    ended = call(job, "run", "--today", TODAY, *words)
    assert ended.code == expect, ended.err
    return ended


def run_in_no_time(job: Job, clock: Weather | None = None) -> RunResult:
    """The same asked of Python: who backs off waits on a clock that passes at once."""
    options = RunOptions(today=FIRST, clock=clock or Weather())
    return harvester.run(harvester.load_job(job.path), options)


def by_python(job: Job) -> int:
    return run_in_no_time(job).exit_code


def by_command(job: Job) -> int:
    return call(job, "run", "--today", TODAY).code


Way = Callable[[Job], int]
# With real waits a fault takes some seconds: through the command line they are in `make soak`.
WAYS = pytest.mark.parametrize(
    "way",
    [
        pytest.param(by_python, id="Python"),
        pytest.param(by_command, id="command line", marks=pytest.mark.slow),
    ],
)


def whole(job: Job, truth: Truth) -> None:
    """Every dataset is the truth, and every request has an answer."""
    missing_only(job, truth, set())
    states = {state for (state,) in job.rows("requests", "state")}
    assert states <= {"done", "empty"}


def missing_only(job: Job, truth: Truth, failed: set[tuple[str, int | None]]) -> None:
    """Every row is true, and none is missing but those of what failed.

    Args:
        failed: (endpoint, entity); for a ranking (`top`, None), for counts (`count`, None).
    """

    def spared(endpoint: str, rows: set[expected.Row], place: int | None) -> set[expected.Row]:
        return {
            row
            for row in rows
            if (endpoint, row[place] if place is not None else None) not in failed
        }

    spec = job.spec
    countries, cities = expected.places(spec, truth, FIRST)
    same(
        job.rows("totals", expected.TOTALS), spared("total", expected.totals(spec, truth, FIRST), 3)
    )
    same(
        job.rows("timeline", expected.TIMELINE),
        spared("timeline", expected.timeline(spec, truth, FIRST), 4),
    )
    same(job.rows("countries", expected.COUNTRIES), spared("breakdown", countries, 4))
    same(job.rows("cities", expected.CITIES), spared("breakdown", cities, 4))
    tops = spared("top", expected.tops(spec, truth, FIRST), None)
    counts = spared("count", expected.counts(spec, truth, FIRST), None)
    assert set(job.rows("top", expected.TOP)) == tops
    assert set(job.rows("counts", expected.COUNTS)) == counts


def failures(job: Job) -> set[tuple[str, int | None, str]]:
    """(endpoint, entity, reason) of what failed."""
    found = job.rows("requests", "endpoint, entity_id, reason, state")
    return {row[:3] for row in found if row[3] == "failed"}


def plain(fault: Fault) -> str:
    """A fault as the id of its test."""
    rest = {key: value for key, value in fault.items() if key not in {"name", "path", "requests"}}
    return f"{fault['name']} {json.dumps(rest)}" if rest else str(fault["name"])
