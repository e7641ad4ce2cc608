"""Listings that lose items all at once: read again, tried, and never believed in silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.discover.paging import MOST_PAGES
from harvester.simulator import SimulatorConfig
from tests.end_to_end.support_institution import TOKEN, asked, found_ids, job_of, public_ids, whole
from tests.support.command_line import Figshare, Job, figshare

JUNE, JULY, AUGUST = (date(2026, month, 2) for month in (6, 7, 8))
TOTALS = {"endpoint": "total", "counters": ["views"]}
ARTICLES = {"article": {"discover": True}}
PAGES = "^/v2/articles[?]"


@pytest.fixture(scope="module")
def serving_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    config = SimulatorConfig(seed=5, articles=60, withdrawn=0, token=TOKEN, today=JUNE)
    with figshare(tmp_path_factory.mktemp("simulator"), config) as running:
        yield running


@pytest.fixture
def service(serving_all: Figshare) -> Figshare:
    serving_all.change(listings=SimulatorConfig().to_json()["listings"], faults=[])
    serving_all.forget()
    return serving_all


def run(
    job: Job, service: Figshare, day: date, expect: int = 0, **change: Any
) -> tuple[str, list[dict[str, Any]]]:
    """One run of a date; what it said, and its requests to the listings."""
    service.change(today=day.isoformat(), **change)
    service.forget()
    ended = job.run("--today", day.isoformat(), expect=expect)
    return ended.stderr, asked(service)


def totals(job: Job, day: date) -> set[int]:
    rows = job.rows("totals", "entity, entity_id, snapshot")
    return {number for entity, number, snapshot in rows if entity == "article" and snapshot == day}


def empty_pages(*which: int) -> dict[str, Any]:
    return {"faults": [{"name": "empty_list", "path": PAGES, "requests": list(which)}]}


def test_one_empty_listing_costs_one_request_and_no_item(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    _, before = run(job, service, JUNE)
    said, requests = run(job, service, JULY, **empty_pages(1))
    everything = public_ids(service.truth)
    assert totals(job, JULY) == everything == set(found_ids(job))
    assert "lacks" not in said
    # The empty page, and the listing read as ever.
    assert len(requests) == 1 + len(before)


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        pytest.param(empty_pages(*range(1, 9)), 60, id="empty"),
        pytest.param({"listings": {"hides_every": 3}}, None, id="short"),
    ],
)
def test_a_listing_that_stays_short_is_told_and_its_items_that_answer_are_asked(
    tmp_path: Path, service: Figshare, change: dict[str, Any], lost: int | None
) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    run(job, service, JUNE)
    said, requests = run(job, service, JULY, expect=1, **change)
    everything = public_ids(service.truth)
    hidden = {number for number in everything if lost or number % 3 == 0}
    assert totals(job, JULY) == everything
    assert f"read twice, it lacks {len(hidden)} of the 60 articles of the listing before" in said
    assert "one of those that was asked answers still: all of them are asked in this run" in said
    assert "finished, but a listing lacks much of what it had" in said
    assert sum("/v2/articles/" in each["target"] for each in requests) == 1
    assert set(found_ids(job)) == everything - hidden
    assert "it lacks" in job.call("status", "job.yaml").stdout
    # On the same date nothing is sent, and what was wrong is said again.
    again, nothing = run(job, service, JULY, expect=1)
    assert not nothing
    assert "it lacks" in again

    # The next listing is held against this one.
    _, _ = run(job, service, AUGUST, listings=SimulatorConfig().to_json()["listings"], faults=[])
    assert totals(job, AUGUST) == everything == set(found_ids(job))


def test_a_plan_counts_what_a_listing_lacks_and_the_run_asks(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    run(job, service, JUNE)
    on = ("--today", JULY.isoformat())
    service.change(today=JULY.isoformat(), listings={"hides_every": 3})
    assert job.call("check", "job.yaml", "--count", *on).returncode == 1
    plan = json.loads(job.call("plan", "job.yaml", "--json", *on).stdout)["requests"]
    service.forget()
    job.run(*on, expect=1)
    assert plan == {"least": len(service.history()), "most": len(service.history())}


def test_a_listing_that_is_doubted_goes_on_wherever_it_was_stopped(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    run(job, service, JUNE)
    service.change(today=JULY.isoformat(), listings={"hides_every": 3})
    service.forget()
    for _ in range(6):
        job.run("--today", JULY.isoformat(), "--max-requests", "1", expect=5)
    said, _ = run(job, service, JULY, expect=1)
    assert totals(job, JULY) == public_ids(service.truth)
    assert "read twice, it lacks" in said


def test_what_was_withdrawn_in_truth_is_not_asked(tmp_path: Path, service: Figshare) -> None:
    gone = [{"name": "status", "path": "^/v2/articles/", "rate": 1.0, "status": 404}]
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    run(job, service, JUNE)
    said, requests = run(job, service, JULY, expect=1, faults=gone, listings={"hides_every": 3})
    left = {number for number in public_ids(service.truth) if number % 3}
    assert totals(job, JULY) == left
    assert "of those that were asked none is public any more" in said
    assert sum("/v2/articles/" in each["target"] for each in requests) == 3


def test_two_that_are_gone_are_what_a_month_brings(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    _, before = run(job, service, JUNE)
    numbers = sorted(public_ids(service.truth))
    (every,) = [
        each for each in range(2, 10_000) if sum(not number % each for number in numbers) == 2
    ][:1]
    said, requests = run(job, service, JULY, listings={"hides_every": every})
    assert len(totals(job, JULY)) == 58
    assert "lacks" not in said
    assert len(requests) <= len(before)


def test_authors_that_are_no_longer_listed_are_asked_all_the_same(
    tmp_path: Path, service: Figshare
) -> None:
    """They have no public page: nobody can tell whether they are gone."""
    spec = whole(service.url, {"author": {"discover": True}}, {**TOTALS, "entities": ["author"]})
    job = job_of(tmp_path, spec)
    run(job, service, JUNE)
    fault = {"name": "empty_list", "path": "^/v2/account/institution/accounts", "rate": 1.0}
    said, _ = run(job, service, JULY, expect=1, faults=[fault])
    rows = job.rows("totals", "entity_id, snapshot")
    assert {number for number, day in rows if day == JULY} == set(service.truth.ids("author"))
    assert "whether they are gone cannot be told: all of them are asked" in said


def test_a_count_says_what_a_listing_lacks_and_the_run_takes_it_over(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    run(job, service, JUNE)
    service.change(today=JULY.isoformat(), **empty_pages(*range(1, 9)))
    counted = job.call("check", "job.yaml", "--count", "--today", JULY.isoformat())
    assert counted.returncode == 1
    assert "it lacks 60 of the 60 articles" in counted.stdout + counted.stderr
    _, requests = run(job, service, JULY, expect=1, faults=[])
    assert requests == []
    assert totals(job, JULY) == public_ids(service.truth)


def test_entries_without_a_usable_id_are_left_out_counted_and_told(
    tmp_path: Path, service: Figshare
) -> None:
    kinds = {"article": {"discover": True}, "author": {"discover": True}}
    job = job_of(tmp_path, whole(service.url, kinds, TOTALS))
    said, _ = run(job, service, JUNE, listings={"unusable_every": 20})
    assert totals(job, JUNE) == public_ids(service.truth)
    assert said.count("without a usable id left out") == 2
    assert "entries without a usable id left out" in job.call("status", "job.yaml").stdout


@pytest.mark.thorough
def test_a_listing_that_brings_new_ids_for_ever_ends_with_a_sentence(
    tmp_path: Path, service: Figshare
) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, TOTALS))
    said, requests = run(job, service, JUNE, expect=3, listings={"is_endless": True})
    assert "the listing of articles does not end: page 2000 of it" in said
    assert "narrow `discover`" in said
    assert len(requests) == MOST_PAGES
