"""What proves a listing and what fills counts/ is one request, made once: the run's own."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator import SimulatorConfig
from tests.end_to_end.support_institution import TOKEN, asked, job_of, public_ids, whole
from tests.support.command_line import Figshare, Job, Spec, figshare
from tests.support.thorough import few_of

TODAY = date(2026, 7, 2)
ON = ("--today", TODAY.isoformat())
LATER = ("--today", "2026-08-02")
GROUPS = 130
EVERYTHING = {"article": {"discover": True}, "group": {"discover": True}}
COUNT = {"endpoint": "count"}
TOTALS = {"endpoint": "total", "entities": ["group"], "counters": ["views"]}


@pytest.fixture(scope="module")
def serving_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    config = SimulatorConfig(seed=5, articles=600, groups=GROUPS, token=TOKEN, today=TODAY)
    with figshare(tmp_path_factory.mktemp("simulator"), config) as running:
        yield running


@pytest.fixture
def service(serving_all: Figshare) -> Figshare:
    plain = SimulatorConfig().to_json()
    serving_all.change(listings=plain["listings"], faults=[], latency_seconds=0.0)
    serving_all.forget()
    return serving_all


def counts(service: Figshare) -> list[dict[str, Any]]:
    return asked(service, "/count/articles")


def planned(job: Job, *words: str) -> dict[str, int]:
    plan: dict[str, dict[str, int]] = json.loads(
        job.call("plan", "job.yaml", *words, "--json").stdout
    )
    return plan["requests"]


def fault(**more: Any) -> dict[str, Any]:
    return {"name": "status", "status": 400, "path": "count/articles", **more}


def counting(service: Figshare, entities: Spec | None = None) -> Spec:
    return whole(service.url, entities or EVERYTHING, COUNT)


def is_sound(job: Job, service: Figshare, groups: list[int] | None = None) -> None:
    """counts/ has every group once, with its body and its request; verify and rebuild agree."""
    rows = job.rows("counts", "group_id, articles", order="group_id")
    groups = groups or service.truth.ids("group")
    assert dict(rows) == service.truth.count_articles(groups)
    assert len(rows) == len(groups)
    requests = job.rows("requests", "request_id", order="1")
    assert job.rows("responses", "request_id", order="1") == requests
    assert job.call("verify", "job.yaml").returncode == 0
    before = job.rows("counts", "*")
    assert job.call("rebuild", "job.yaml").returncode == 0
    assert job.rows("counts", "*") == before


# Whose request it is


@pytest.mark.parametrize("scope", [{}, {"institution": "demo"}], ids=["public", "institution"])
def test_a_listing_and_a_count_of_130_groups_cost_two_requests(
    tmp_path: Path, service: Figshare, scope: Spec
) -> None:
    job = job_of(tmp_path, whole(service.url, EVERYTHING, COUNT, **scope))
    ended = job.run(*ON)
    assert len(counts(service)) == 2
    assert "otherwise" not in ended.stderr
    assert "not compared" not in ended.stderr
    is_sound(job, service)


def test_what_a_listing_leaves_out_is_told_by_the_counts_of_the_run(
    tmp_path: Path, service: Figshare
) -> None:
    service.change(listings={"hides_every": 50})
    job = job_of(tmp_path, counting(service))
    ended = job.run(*ON)
    hidden = [number for number in public_ids(service.truth) if number % 50 == 0]
    groups = {service.truth.world.items["article"][number].group_id for number in hidden}
    assert groups
    for told in (ended.stderr, job.call("status", "job.yaml").stdout):
        assert f"Figshare counts otherwise in {len(groups)} group" in told
    assert len(counts(service)) == 2


def test_groups_that_the_job_does_not_count_are_asked_by_the_check_alone(
    tmp_path: Path, service: Figshare
) -> None:
    """Those of the job are in counts/, and no others."""
    mine = service.truth.ids("group")[:40]
    entities = {"article": {"discover": True}, "group": {"ids": mine}}
    job = job_of(tmp_path, counting(service, entities))
    ended = job.run(*ON)
    assert len(counts(service)) == 2
    assert "not compared" not in ended.stderr
    is_sound(job, service, mine)


def test_a_group_beyond_the_listed_ones_is_counted_and_compared_with_nothing(
    tmp_path: Path, service: Figshare
) -> None:
    entities = {**EVERYTHING, "group": {"discover": True, "ids": [3]}}
    job = job_of(tmp_path, counting(service, entities))
    for day in (ON, LATER):
        service.forget()
        ended = job.run(*day)
        assert len(counts(service)) == 2
        assert "otherwise" not in ended.stderr
        assert "not compared" not in ended.stderr
    assert job.rows("counts", "count(*)", order="1") == [(2 * (GROUPS + 1),)]


def test_a_listing_of_one_group_is_compared_by_the_run_that_counts_it(
    tmp_path: Path, service: Figshare
) -> None:
    (first, *_) = service.truth.ids("group")
    entities = {"article": {"discover": {"group": first}}, "group": {"ids": [first]}}
    job = job_of(tmp_path, counting(service, entities))
    job.run(*ON)
    assert len(counts(service)) == 1
    is_sound(job, service, [first])


@pytest.mark.thorough
def test_a_job_without_a_count_checks_its_listing_by_itself(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, whole(service.url, EVERYTHING, TOTALS))
    job.run(*ON)
    assert len(counts(service)) == 2
    assert job.rows("requests", "count(*)", order="1") == [(GROUPS,)]


# Again, later, and in pieces


def test_the_same_date_sends_nothing_and_another_one_asks_once(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, counting(service))
    job.run(*ON)
    before, sent = job.files(), len(service.history())
    job.run(*ON)
    assert job.files() == before
    assert len(service.history()) == sent
    job.run(*LATER)
    assert len(counts(service)) == 4
    assert job.rows("counts", "count(*)", order="1") == [(2 * GROUPS,)]


def test_counting_first_leaves_the_groups_to_the_run(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, counting(service))
    listed = job.call("check", "job.yaml", "--count", *ON)
    assert listed.returncode == 0, listed.stderr
    assert f"{GROUPS} groups not compared yet" in listed.stdout
    assert counts(service) == []
    assert planned(job, *ON) == {"least": 2, "most": 2}
    ended = job.run(*ON)
    assert "not compared" not in ended.stderr
    assert len(counts(service)) == 2
    assert planned(job, *ON) == {"least": 0, "most": 0}


def test_a_plan_for_a_later_date_counts_the_requests_once(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, counting(service))
    job.run(*ON)
    service.forget()
    plan = planned(job, *LATER)
    job.run(*LATER)
    pages = len(asked(service))
    # A tenth more pages than the last time, and one, for either listing.
    assert plan == {"least": 2 + 2, "most": pages + 2 + 2}
    assert len(counts(service)) == 2


@pytest.mark.parametrize("answers", few_of([0, 1], 1))
def test_a_kill_between_listing_and_count_repeats_nothing(
    tmp_path: Path, service: Figshare, answers: int
) -> None:
    """Killed when the first count is under way, or when one is in and the next under way."""
    spec = counting(service)
    spec["limits"]["concurrency"] = 1
    job = job_of(tmp_path, spec)
    hangs = {"name": "hang", "path": "count/articles", "requests": [answers + 1]}
    service.change(faults=[hangs])
    running = job.start("run", "job.yaml", *ON)
    until = time.monotonic() + 60
    while len(counts(service)) < answers + 1:
        assert running.poll() is None
        assert time.monotonic() < until
    running.send_signal(signal.SIGKILL)
    running.communicate()
    told = job.call("status", "job.yaml").stdout
    assert f"{GROUPS - 100 * answers} groups not compared yet" in told
    service.change(faults=[])
    ended = job.run(*ON)
    assert "not compared" not in ended.stderr
    assert len(counts(service)) == 3, "the one under way was asked again, and no other"
    is_sound(job, service)


def test_a_pause_before_the_count_leaves_it_to_the_next_call(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, whole(service.url, EVERYTHING, TOTALS, COUNT))
    ended = job.run(*ON, "--max-requests", "20", expect=5)
    assert f"{GROUPS} groups not compared yet" in ended.stderr
    assert counts(service) == []
    ended = job.run(*ON)
    assert "not compared" not in ended.stderr
    assert len(counts(service)) == 2


# Failures


def test_a_count_that_fails_is_a_failure_and_its_retry_compares(
    tmp_path: Path, service: Figshare
) -> None:
    service.change(faults=[fault(requests=[1])])
    spec = counting(service)
    spec["limits"]["concurrency"] = 1
    job = job_of(tmp_path, spec)
    ended = job.run(*ON, expect=1)
    assert "100 groups not compared yet" in ended.stderr
    assert len(counts(service)) == 2

    job.call("failures", "job.yaml", "--retry")
    assert planned(job, *ON) == {"least": 1, "most": 1}
    ended = job.run(*ON)
    assert "not compared" not in ended.stderr
    assert len(counts(service)) == 3
    is_sound(job, service)


def test_a_check_that_fails_leaves_the_count_alone(tmp_path: Path, service: Figshare) -> None:
    """Groups that the job does not count could not be compared; those that it counts can."""
    service.change(faults=[fault(requests=[1])])
    mine = service.truth.ids("group")[:40]
    entities = {"article": {"discover": True}, "group": {"ids": mine}}
    job = job_of(tmp_path, counting(service, entities))
    ended = job.run(*ON)
    assert "could not be compared with Figshare's own counts" in ended.stderr
    assert len(counts(service)) == 2
    is_sound(job, service, mine)


def test_a_check_that_failed_is_made_up_for_by_the_next_call_that_lists(
    tmp_path: Path, service: Figshare
) -> None:
    service.change(faults=[fault(requests=[1, 2])])
    job = job_of(tmp_path, whole(service.url, EVERYTHING, TOTALS))
    told = job.call("check", "job.yaml", "--count", *ON).stdout
    assert "could not be compared with Figshare's own counts" in told
    assert planned(job, *ON) == {"least": GROUPS + 2, "most": GROUPS + 2}
    ended = job.run(*ON)
    assert "compared" not in ended.stderr
    assert len(counts(service)) == 4


# Specs that change within a date


@pytest.mark.parametrize("then", [COUNT, TOTALS], ids=["counts still", "counts no more"])
def test_a_listing_that_is_added_on_the_date_of_a_count_is_compared_with_it(
    tmp_path: Path, service: Figshare, then: Spec
) -> None:
    job = job_of(tmp_path, counting(service, {"group": {"discover": True}}))
    job.run(*ON)
    assert len(counts(service)) == 2
    job.write(whole(service.url, EVERYTHING, then))
    ended = job.run(*ON)
    assert f"listed    {len(public_ids(service.truth))} articles" in ended.stderr
    assert "compared" not in ended.stderr
    assert "otherwise" not in ended.stderr
    assert len(counts(service)) == 2


def test_a_count_that_is_dropped_before_it_was_asked_leaves_the_groups_to_the_check(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, counting(service))
    job.call("check", "job.yaml", "--count", *ON)
    job.write(whole(service.url, EVERYTHING, TOTALS))
    assert planned(job, *ON) == {"least": GROUPS + 2, "most": GROUPS + 2}
    ended = job.run(*ON)
    assert "compared" not in ended.stderr
    assert len(counts(service)) == 2


def test_a_group_that_is_not_listed_any_more_is_not_counted_for_the_check(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(
        tmp_path, counting(service, {**EVERYTHING, "group": {"discover": True, "ids": [3]}})
    )
    job.run(*ON)
    job.write(counting(service))
    service.forget()
    job.run(*LATER)
    assert len(counts(service)) == 2
