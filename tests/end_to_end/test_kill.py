"""Killed at any moment, the job goes on where it was: nothing lost, nothing twice."""

from __future__ import annotations

import random
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support import expected
from tests.support.command_line import Figshare, Job, Spec, figshare, query
from tests.support.everything import FIRST, check, spec, world
from tests.support.thorough import few_of

CONCURRENCY = 8
# Every step of the commit protocol, and of its recovery.
POINTS = (
    "staged",
    "staging-synced",
    "decided",
    "renamed",
    "one-placed",
    "placed",
    "settled",
)
RECOVERY_POINTS = ("recovering", "recovered-parts")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Figshare]:
    with figshare(tmp_path, replace(world(), latency_seconds=0.01)) as running:
        yield running


def job_of(tmp_path: Path, service: Figshare) -> Job:
    wanted: Spec = spec(service.url, service.truth, institution=None)
    wanted["limits"]["concurrency"] = CONCURRENCY
    wanted["planner"] = {"skip_unneeded": False}
    return Job(tmp_path, wanted)


@pytest.mark.thorough
def test_twenty_kills_lose_and_double_nothing(tmp_path: Path, service: Figshare) -> None:
    """A reader that globs sees no row twice after each kill; only requests that were under way
    are asked again."""
    job = job_of(tmp_path, service)
    dice = random.Random(2026)  # noqa: S311  # moments, not secrets
    kills = 0
    for kill in range(20):
        before = len(service.history())
        running = job.start("run", "job.yaml", "--today", FIRST.isoformat())
        # The moment is a number of requests, so that every part of the job gets its share.
        moment = before + dice.randrange(1, 120) if kill % 4 else 0
        killed = kill_at(running, service, moment)
        kills += killed
        no_row_twice(job)
        if not killed:
            break
    job.run("--today", FIRST.isoformat())

    assert kills == 20
    check(job, service.truth, FIRST, [FIRST])
    asked = Counter(entry["target"] for entry in service.history())
    assert sum(times - 1 for times in asked.values()) <= kills * CONCURRENCY
    assert asked.total() < 2 * len(asked)


def kill_at(running: subprocess.Popen[str], service: Figshare, moment: int) -> bool:
    """SIGKILL when the simulator has seen so many requests; 0: as soon as the folder is there."""
    while running.poll() is None:
        if len(service.history(after=max(0, moment - 1))) > 0 or moment == 0:
            running.send_signal(signal.SIGKILL)
            break
    running.communicate()
    return running.returncode == -signal.SIGKILL


def no_row_twice(job: Job) -> None:
    """As somebody sees it who globs right now: the keys of the contract, each once."""
    keys = {
        "totals": expected.TOTALS.replace(", value", ""),
        "timeline": expected.TIMELINE.replace(", period_start, period_end, value", ""),
        "countries": expected.COUNTRIES.replace(", period_end", "").replace(
            ", value, unlisted", ""
        ),
        "cities": expected.CITIES.replace(", period_end", "").replace(", value", ""),
        "top": expected.TOP.replace(", rank", "").replace(", value", ""),
    }
    for dataset, columns in keys.items():
        if not any((job.output / dataset).rglob("*.parquet")):
            continue
        rows: list[tuple[Any, ...]] = job.rows(dataset, columns)
        assert len(rows) == len(set(rows)), dataset


@pytest.mark.parametrize("point", few_of(POINTS, "decided"))
def test_a_crash_at_any_point_of_a_publish_asks_and_loses_nothing(
    tmp_path: Path, service: Figshare, point: str
) -> None:
    """And again at each point of the recovery, where there is one."""
    job = small(job_of(tmp_path, service))
    for place in (point, *RECOVERY_POINTS):
        job.environment["HARVESTER_CRASH_AT"] = place
        ended = job.call("run", "job.yaml", "--today", FIRST.isoformat())
        assert ended.returncode in {-signal.SIGKILL, 0}, ended.stderr
        no_row_twice(job)
    del job.environment["HARVESTER_CRASH_AT"]
    job.run("--today", FIRST.isoformat())

    same_totals(job, service)


def small(job: Job) -> Job:
    """Only totals and timelines of articles: a crash test is about files, not about numbers."""
    cut = dict(job.spec)
    cut["dimensions"] = [each for each in cut["dimensions"] if each["endpoint"] == "total"]
    job.write(cut)
    return job


def same_totals(job: Job, service: Figshare) -> None:
    found = job.rows("totals", expected.TOTALS)
    assert len(found) == len(set(found))
    assert set(found) == expected.totals(job.spec, service.truth, FIRST)
    asked = Counter(entry["target"] for entry in service.history())
    assert set(asked.values()) == {1}, "a durable reply was asked again"


def test_a_reader_that_globs_all_the_time_sees_no_row_twice(
    tmp_path: Path, service: Figshare
) -> None:
    """Beside a run that replaces rows: each read is whole, and has each key once."""
    job = small_timelines(job_of(tmp_path, service))
    job.run("--today", FIRST.isoformat())
    service.change(today="2026-08-17")
    running = job.start("run", "job.yaml", "--today", "2026-08-17")
    where = f"{job.output}/timeline/**/*.parquet"
    reads = 0
    while running.poll() is None or reads == 0:
        rows, keys = query(
            "select count(*), count(distinct (entity, counter, granularity, entity_id, period))"
            f" from read_parquet('{where}', hive_partitioning = true)"
        )[0]
        assert rows == keys > 0
        reads += 1
    running.communicate()
    assert running.returncode == 0


def small_timelines(job: Job) -> Job:
    cut = dict(job.spec)
    cut["dimensions"] = [
        each
        for each in cut["dimensions"]
        if each["endpoint"] == "timeline" and "filter" not in each
    ]
    job.write(cut)
    return job
