"""How a run ends early, and that the next one goes on: signals, --until, --max-requests."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import harvester
from harvester.job.options import RunOptions
from tests.support.command_line import Figshare, figshare
from tests.support.everything import FIRST, world
from tests.support.thorough import few_of
from tests.support.totals_job import TODAY, complete, totals_job


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Figshare]:
    with figshare(tmp_path, replace(world(), latency_seconds=0.02)) as running:
        yield running


@pytest.mark.parametrize(
    ("number", "code"),
    few_of([(signal.SIGINT, 130), (signal.SIGTERM, 143)], signal.SIGTERM),
    ids=["SIGINT", "SIGTERM"],
)
def test_a_signal_stops_soon_and_keeps_everything(
    tmp_path: Path, service: Figshare, number: signal.Signals, code: int
) -> None:
    job = totals_job(tmp_path, service)
    running = job.start("run", "job.yaml", "--today", TODAY)
    while not service.history(after=20):
        assert running.poll() is None
    begun = time.monotonic()
    running.send_signal(number)
    _, said = running.communicate(timeout=20)

    assert running.returncode == code
    assert time.monotonic() - begun < 10
    assert "harvester run job.yaml goes on where this stopped" in said
    answered = len(job.rows("totals", "value"))
    assert answered >= 20, "what was answered is in the datasets"
    assert Counter(job.rows("requests", "state"))[("pending",)] == 160 - answered
    told = {130: "interrupted", 143: "told to stop"}[code]
    assert f"with exit code {code}: {told}" in job.call("status", "job.yaml").stdout

    job.run("--today", TODAY)
    complete(job, service)
    again = Counter(entry["target"] for entry in service.history())
    assert set(again.values()) == {1}, "a reply that had arrived was asked again"


def test_a_second_signal_stops_at_once(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{"name": "hang", "rate": 1, "after": 10}])
    job = totals_job(tmp_path, service)
    running = job.start("run", "job.yaml", "--today", TODAY)
    while len(service.history()) < 14:
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert running.stderr is not None
    while "stopping" not in running.stderr.readline():
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=3)
    assert running.returncode == 130

    service.change(faults=[])
    job.run("--today", TODAY)
    complete(job, service)


def test_max_requests_is_never_passed_whatever_fails(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{"name": "status", "status": 503, "rate": 0.1}])
    job = totals_job(tmp_path, service)
    for call in range(1, 4):
        ended = job.run("--today", TODAY, "--max-requests", "50", expect=5)
        assert len(service.history()) == 50 * call
        assert "--max-requests" in ended.stderr
    service.change(faults=[])
    job.run("--today", TODAY)
    complete(job, service)


@pytest.mark.anyio
async def test_until_pauses_the_run_at_its_time_of_day(tmp_path: Path, service: Figshare) -> None:
    """Asked of Python, for the command line knows whole minutes only."""
    job = totals_job(tmp_path, service)
    job.spec["limits"]["requests_per_second"] = 20
    job.spec["output"] = {"path": str(tmp_path / "output")}
    job.write(job.spec)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    result = await harvester.run_async(
        harvester.load_job(job.path), RunOptions(today=FIRST, until=soon)
    )

    assert result.exit_code == 5
    assert result.why == "until"
    assert len(job.rows("totals", "value")) == len(service.history()) > 0


def test_an_unfinished_run_can_be_given_up(tmp_path: Path, service: Figshare) -> None:
    """Its answers count; what it still owed is marked, and the next run asks it."""
    job = totals_job(tmp_path, service)
    job.run("--today", TODAY, "--max-requests", "30", expect=5)
    job.spec["dimensions"][0]["counters"] = ["views", "downloads"]
    job.write(job.spec)
    changed = job.run("--today", TODAY, expect=2)
    assert "dimensions[0].counters had 3 entries, has 2" in changed.stderr
    other_day = job.run("--today", "2026-07-01", expect=2)
    assert "is not finished" in other_day.stderr

    job.run("--today", TODAY, "--new-run")

    complete(job, service)
    states = Counter(job.rows("requests", "run_id, state"))
    assert states[f"{TODAY}.1", "abandoned"] == 130
    assert states[f"{TODAY}.1", "done"] + states[f"{TODAY}.1", "empty"] == 30
    assert states[f"{TODAY}.2", "pending"] == 0
    asked = Counter(entry["target"] for entry in service.history())
    assert set(asked.values()) == {1}


def test_failures_are_listed_and_asked_again(tmp_path: Path, service: Figshare) -> None:
    service.change(
        faults=[{"name": "negative", "rate": 1, "path": "/total/views/article/[0-9]*[02468]$"}]
    )
    job = totals_job(tmp_path, service)
    job.spec["limits"]["attempts"] = 2
    job.write(job.spec)
    ended = job.run("--today", TODAY, expect=1)
    assert "harvester failures job.yaml" in ended.stderr
    again = job.run("--today", TODAY, expect=1)
    assert "harvester failures job.yaml" in again.stderr

    listed = job.call("failures", "job.yaml")
    evens = [one for one in service.truth.ids("article") if one % 2 == 0]
    assert listed.returncode == 0
    assert len(listed.stdout.splitlines()) == len(evens)
    assert "shape" in listed.stdout
    assert job.call("failures", "job.yaml", "--reason", "timeout").stdout == ""
    failed = job.rows("requests", "entity_id, state, reason, attempts")
    assert {row for row in failed if row[1] == "failed"} == {
        (one, "failed", "shape", 2) for one in evens
    }

    service.change(faults=[])
    assert job.call("failures", "job.yaml", "--retry").returncode == 0
    job.run("--today", TODAY)
    complete(job, service)


@pytest.mark.thorough
def test_two_runs_never_write_at_once(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{"name": "hang", "rate": 1, "after": 3}])
    job = totals_job(tmp_path, service)
    running = job.start("run", "job.yaml", "--today", TODAY)
    while len(service.history()) < 5:
        assert running.poll() is None
    second = job.run("--today", TODAY, expect=4)
    assert f"process {running.pid}" in second.stderr
    status = job.call("status", "job.yaml")
    assert f"being written by process {running.pid}" in status.stdout
    assert "in the spool until the next publish: 3 rows" in status.stdout
    running.kill()
    running.communicate()

    service.change(faults=[])
    job.run("--today", TODAY)
    complete(job, service)


def test_a_folder_belongs_to_one_source(tmp_path: Path, service: Figshare) -> None:
    job = totals_job(tmp_path, service)
    job.run("--today", TODAY)
    job.spec["source"] = {"simulator": {"seed": 11, "articles": 40}}
    job.write(job.spec)

    ended = job.run("--today", TODAY, expect=2)

    assert "numbers of another source" in ended.stderr
