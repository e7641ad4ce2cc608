"""The datasets equal the simulator's truth: every endpoint, counter, granularity, kind, scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import expected
import pytest
from stage import Figshare, Job, Spec, figshare

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.truth import Truth

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


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Figshare]:
    with figshare(tmp_path, world()) as running:
        yield running


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


@pytest.mark.parametrize("skips", [False, True], ids=["all asked", "what is needed"])
@pytest.mark.parametrize("institution", [None, "demo"], ids=["public", "institution"])
def test_everything_is_true_and_again_after_a_later_run(
    tmp_path: Path, service: Figshare, institution: str | None, *, skips: bool
) -> None:
    """Open periods and days that were not complete yet are right after the second run."""
    job = Job(tmp_path, spec(service.url, service.truth, institution=institution))
    job.write({**job.spec, "planner": {"skip_unneeded": skips}})
    job.environment["STATS"] = f"stats:{PASSWORD}\n"

    job.run("--today", FIRST.isoformat())
    check(job, service.truth, FIRST, [FIRST])

    sent = len(service.history())
    before = job.files()
    job.run("--today", FIRST.isoformat())
    assert len(service.history()) == sent, "a finished job was asked again"
    assert job.files() == before, "a finished job changed a byte"

    service.change(today=LATER.isoformat())
    job.run("--today", LATER.isoformat())
    check(job, service.truth, LATER, [FIRST, LATER])
    assert len(service.history()) - sent < sent, "what was settled was asked again"


def test_requests_account_for_everything(tmp_path: Path, service: Figshare) -> None:
    """One row a request, with its state, its rows and its URL as it was sent."""
    job = Job(tmp_path, spec(service.url, service.truth, institution=None))
    job.write({**job.spec, "planner": {"skip_unneeded": False}})

    job.run("--today", FIRST.isoformat())

    rows = job.rows("requests", "request_id, state, rows, attempts, http_status, url")
    sent = [service.url + entry["target"] for entry in service.history()]
    assert sorted(row[5] for row in rows) == sorted(sent)
    assert len({row[0] for row in rows}) == len(rows)
    assert {row[1] for row in rows} == {"done", "empty"}
    assert all((row[1] == "done") == (row[2] > 0) for row in rows)
    assert {row[3:5] for row in rows} == {(1, 200)}
    made: dict[str, int] = {}
    for dataset in ("totals", "timeline", "countries", "cities", "top", "counts"):
        for (request_id,) in job.rows(dataset, "request_id"):
            made[request_id] = made.get(request_id, 0) + 1
    assert made == {row[0]: row[2] for row in rows if row[2]}
    bodies = job.rows("responses", "request_id, octet_length(body)")
    assert {row[0] for row in rows} == {row[0] for row in bodies}
