"""A job of every endpoint, kind and granularity, and its datasets against the truth."""

from __future__ import annotations

from datetime import date
from typing import Any

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.truth import Truth
from tests.support import expected
from tests.support.command_line import Job, Spec

KINDS = ("article", "author", "collection", "group", "project")


COUNTERS = ["views", "downloads", "shares"]


GRANULARITIES = ["day", "month", "year", "total"]


FIRST, LATER = date(2026, 7, 2), date(2026, 8, 17)


PASSWORD = "kanárek:s~3cret"


# Over four leap days, beginning and ending inside periods.
PERIOD = {"start": "2015-02-11", "end": "yesterday"}


def world(today: date = FIRST) -> SimulatorConfig:
    return SimulatorConfig(
        seed=11, articles=40, today=today, username="stats", password=PASSWORD, late_days=3
    )


def spec(url: str, truth: Truth, *, institution: str | None) -> Spec:
    """A job over everything, small enough for a test."""
    few = {"article": 8, "author": 3, "collection": 2, "group": 3, "project": 2}
    source: dict[str, Any] = {"stats_url": url, "api_url": f"{url}/v2"}
    if institution:
        source |= {"institution": institution, "credentials": {"env": "STATS"}}
    return {
        "name": "everything",
        "source": source,
        "entities": {kind: {"ids": [*truth.ids(kind)[: few[kind]], 999_999_937]} for kind in KINDS},
        "dimensions": [
            {"endpoint": "total", "counters": COUNTERS},
            {"endpoint": "count"},
            {"endpoint": "top", "entities": list(KINDS), "counters": COUNTERS, "count": 7},
            {
                "endpoint": "top",
                "entities": ["group", "author"],
                "counters": COUNTERS,
                "sub_item": "referral",
                "period": PERIOD,
                "count": 5,
            },
            {
                "endpoint": "top",
                "entities": ["group"],
                "counters": ["views"],
                "sub_item": "category",
                "period": {"start": "2026-01-01", "end": "last-month"},
            },
            {
                "endpoint": "timeline",
                "counters": COUNTERS,
                "granularities": GRANULARITIES,
                "period": PERIOD,
            },
            {
                "endpoint": "timeline",
                "entities": ["group"],
                "counters": ["views"],
                "granularities": ["month"],
                "period": PERIOD,
                "filter": {"sub_item": "item_type", "sub_item_ids": ["dataset", "figure"]},
            },
            {
                "endpoint": "breakdown",
                "counters": COUNTERS,
                "granularities": ["month", "year", "total"],
                "period": {"start": "2019-11-11", "end": "yesterday"},
            },
            {
                "endpoint": "breakdown",
                "entities": ["group"],
                "counters": ["views"],
                "granularities": ["day"],
                "period": {"start": "2024-02-29", "end": "yesterday"},
                "filter": {"sub_item": "category", "sub_item_ids": [1, 2]},
            },
        ],
        "limits": {"requests_per_second": "unlimited"},
    }


def check(job: Job, truth: Truth, today: date, snapshots: list[date]) -> None:
    """Every dataset, whole, against the truth of its day."""
    wanted: set[expected.Row] = set()
    for snapshot in snapshots:
        wanted |= expected.totals(job.spec, truth.at(snapshot), snapshot)
    same(job.rows("totals", expected.TOTALS), wanted)
    wanted = set()
    for snapshot in snapshots:
        wanted |= expected.tops(job.spec, truth.at(snapshot), snapshot)
    same(job.rows("top", expected.TOP), wanted)
    wanted = set()
    for snapshot in snapshots:
        wanted |= expected.counts(job.spec, truth.at(snapshot), snapshot)
    same(job.rows("counts", expected.COUNTS), wanted)
    now = truth.at(today)
    same(job.rows("timeline", expected.TIMELINE), expected.timeline(job.spec, now, today))
    countries, cities = expected.places(job.spec, now, today)
    same(job.rows("countries", expected.COUNTRIES), countries)
    same(job.rows("cities", expected.CITIES), cities)


def same(found: list[expected.Row], wanted: set[expected.Row]) -> None:
    assert len(found) == len(set(found)), "a row stands twice"
    assert set(found) - wanted == set()
    assert wanted - set(found) == set()
    assert wanted, "a check of nothing"
