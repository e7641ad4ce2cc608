"""The reference job: what the planner asks, against every combination and against the fewest.

2,000 articles of a simulated institution whose first goes online inside the ten years that are
asked for, three counters, totals, timelines by day, month and year up to yesterday, breakdowns by
month up to the last month. The first run is made on 2026-07-04, the next a month later; from July
on a tenth of the articles is active in any month.

*Naive*: every combination, windows at the documented limits: 9 requests per article and counter.
*Oracle*: the fewest requests that bring the same rows, from the simulator's truth: one ranking per
counter, one timeline per series with (new) events, and the fewest two-year windows over the months
with (new) events.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import anyio

import harvester
from harvester.harvest.result import RunResult
from harvester.job.options import RunOptions
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.quirks import Quirks
from harvester.simulator.server import serving
from harvester.simulator.truth import Truth

from .found import Found, at_most

ARTICLES, LOUGHBOROUGH = 2_000, 25_789
COUNTERS = ("views", "downloads", "shares")
BEGIN, FIRST, NEXT = date(2016, 7, 1), date(2026, 7, 4), date(2026, 8, 4)
NAIVE = 9
MOST = 1.03
# `top` lists zeros or not; (name, planner keys, requests per article beyond the oracle).
WAYS: Sequence[tuple[str, dict[str, bool], int, bool]] = (
    ("ranked_totals", {"ranked_totals": True}, 0, False),
    ("ranked_totals, zeros listed", {"ranked_totals": True}, 0, True),
    ("combined_totals", {"combined_totals": True}, 1, False),
    ("documented totals", {}, 3, False),
)


@dataclass(frozen=True, slots=True)
class Spent:
    """One run.

    Attributes:
        oracle: the fewest requests.
        once: trials of rules that this run used for the first time, after the first run.
    """

    result: RunResult
    oracle: int
    once: int


def savings() -> Iterator[Found]:
    naive = NAIVE * ARTICLES * len(COUNTERS)
    yield Found("naive plan", f"{naive:,} requests")
    for name, planner, each, lists_zeros in WAYS:
        first, later = anyio.run(_two_runs, planner, lists_zeros)
        for when, spent in (("first run", first), ("a month later", later)):
            allowed = spent.oracle + each * ARTICLES
            sent = spent.result.tally.sent
            beyond = f"{sent:,} requests, oracle {spent.oracle:,}, {spent.once} once"
            yield Found(f"{name}, {when}", f"{beyond}, {sent / naive:.3f} of naive")
            what = f"{name}, {when}: over the oracle + {each} per article"
            yield at_most(what, (sent - spent.once) / allowed, MOST)
            hours = sent * LOUGHBOROUGH / ARTICLES / 3600
            yield Found(
                f"{name}, {when}, at {LOUGHBOROUGH:,} articles", f"{hours:.1f} h at 1 a second"
            )
            saved = ", ".join(f"{n:,} {why}" for why, n in spent.result.not_needed.items())
            yield Found(f"{name}, {when}, stretches not asked", saved)
    yield Found("naive plan at 25,789 articles", f"{naive * LOUGHBOROUGH / ARTICLES / 3600:.0f} h")


async def _two_runs(planner: dict[str, bool], lists_zeros: bool) -> tuple[Spent, Spent]:  # noqa: FBT001
    config = SimulatorConfig(
        articles=ARTICLES,
        today=FIRST,
        first_from=BEGIN,
        first_until=date(2026, 5, 31),
        quiet_from=date(2026, 7, 1),
        quirks=Quirks(top_lists_zeros=lists_zeros),
    )
    spent = []
    with tempfile.TemporaryDirectory(prefix="harvester-bench-") as beside:
        async with serving(config) as service:
            ids = service.truth.ids("article")
            path = Path(beside) / "job.yaml"
            path.write_text(
                json.dumps(job_spec(service.url, ids, planner, beside)), encoding="utf-8"
            )
            for today, since in ((FIRST, BEGIN), (NEXT, FIRST - timedelta(days=3))):
                service.reconfigure(replace(config, today=today))
                job = harvester.load_job(path, today=today)
                result = await harvester.run_async(job, RunOptions(today=today))
                # 20 series of each counter, that a total which has not moved would have spared.
                once = 20 * len(COUNTERS) if today == NEXT else 0
                spent.append(Spent(result, oracle(service.truth, ids, since, today), once))
    return spent[0], spent[1]


def job_spec(url: str, ids: Sequence[int], planner: dict[str, bool], beside: str) -> dict[str, Any]:
    """The reference job on a running simulator, in a folder."""
    secret = Path(beside) / "secret"
    secret.write_text("name:word", encoding="utf-8")
    begin = BEGIN.isoformat()
    return {
        "name": "reference",
        "source": {
            "institution": "demo",
            "credentials": {"file": str(secret)},
            "stats_url": url,
            "api_url": f"{url}/v2",
        },
        "entities": {"article": {"ids": list(ids)}},
        "dimensions": [
            {"endpoint": "total", "counters": COUNTERS},
            {
                "endpoint": "timeline",
                "counters": COUNTERS,
                "granularities": ["day", "month", "year"],
                "period": {"start": begin, "end": "yesterday"},
            },
            {
                "endpoint": "breakdown",
                "counters": COUNTERS,
                "granularities": ["month"],
                "period": {"start": begin, "end": "last-month"},
            },
        ],
        "planner": planner,
        "limits": {"requests_per_second": "unlimited"},
        "output": {"path": str(Path(beside) / "output")},
    }


def oracle(truth: Truth, ids: Sequence[int], since: date, today: date) -> int:
    """The fewest requests that bring what is new since a day."""
    requests = len(COUNTERS)
    yesterday, last_month = today - timedelta(days=1), today.replace(day=1) - timedelta(days=1)
    for counter in COUNTERS:
        for number in ids:
            days = truth.daily("demo", counter, "article", number, since, yesterday)
            requests += bool(days)
            requests += _windows({day.replace(day=1) for day in days if day <= last_month})
    return requests


def _windows(months: set[date]) -> int:
    """The fewest windows of two years over these months."""
    left, windows = sorted(months), 0
    while left:
        end = left[0].replace(year=left[0].year + 2)
        left = [month for month in left if month >= end]
        windows += 1
    return windows
