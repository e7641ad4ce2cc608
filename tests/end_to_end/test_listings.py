"""Figshare's listings as they are (docs/simulator.md): everything public once, nothing else.

The names follow the lines of the trap list: paging, cursors, duplicates, short pages, drafts,
exclusive dates, depth, error bodies, conditional requests, tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator import SimulatorConfig, listed
from tests.end_to_end.support_institution import (
    COLUMNS,
    TOKEN,
    asked,
    found_ids,
    job_of,
    public_ids,
    whole,
)
from tests.support.command_line import Figshare, figshare
from tests.support.thorough import few_of

TODAY = date(2026, 7, 2)
QUIET: dict[str, Any] = {"duplicate_every": 0, "hole_every": 0}
ARTICLES = {"article": {"discover": True}}


@pytest.fixture(scope="module")
def serving_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    """One simulator for all tests of this file; each sets its habits anew."""
    config = SimulatorConfig(seed=5, articles=1200, token=TOKEN, today=TODAY)
    with figshare(tmp_path_factory.mktemp("simulator"), config) as running:
        yield running


@pytest.fixture
def service(serving_all: Figshare) -> Figshare:
    plain = SimulatorConfig().to_json()
    serving_all.change(listings=plain["listings"], faults=[], today=TODAY.isoformat())
    serving_all.forget()
    return serving_all


def test_everything_of_every_kind_is_listed_with_what_is_known_of_it(
    tmp_path: Path, service: Figshare
) -> None:
    kinds = ("article", "author", "collection", "group", "project")
    job = job_of(tmp_path, whole(service.url, {kind: {"discover": True} for kind in kinds}))
    job.run("--today", TODAY.isoformat())

    truth, parents = (
        service.truth,
        {each.id: each.parent_id for each in listed(service.truth, "group")},
    )
    for kind in kinds:
        wanted = {
            (
                kind,
                fact.id,
                fact.title or None,
                fact.doi or None,
                fact.defined_type_name or None,
                fact.group_id or None,
                parents.get(fact.group_id, fact.parent_id) or None,
                fact.published_date,
                fact.first_online,
                f"https://figshare.com/{kind}s/{fact.id}" if fact.published_date else None,
                "discover",
                True,
            )
            for fact in listed(truth, kind)
            if fact.is_public
        }
        rows = [row for row in job.rows("entities", f"entity, {COLUMNS}") if row[0] == kind]
        assert len(rows) == len(wanted)
        assert set(rows) == wanted


@pytest.mark.parametrize(
    "habits",
    [
        pytest.param({}, id="duplicates and short pages"),
        pytest.param(
            {"duplicate_every": 2, "hole_every": 2},
            id="every second entry twice",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            {"repeats_last_page": True}, id="the last page for ever", marks=pytest.mark.thorough
        ),
        pytest.param({"cursors": False}, id="no cursors: numbered pages"),
        pytest.param(
            {"cursor_lifetime": 0}, id="cursors that expire at once", marks=pytest.mark.thorough
        ),
        pytest.param(
            {"cursors": False, "depth": 1000},
            id="422 past a depth of 1,000",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            {"cursors": False, "depth": 1000, "repeats_last_page": True},
            id="422 past the depth, and the last page for ever",
        ),
        pytest.param(
            {"cursor_lifetime": 0, "depth": 1000},
            id="no cursor lives, and 422",
            marks=pytest.mark.thorough,
        ),
        pytest.param({"shows_private": True}, id="drafts and what was withdrawn"),
    ],
)
def test_every_public_article_is_found_once_whatever_the_listings_habits(
    tmp_path: Path, service: Figshare, habits: dict[str, Any]
) -> None:
    service.change(listings=habits)
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    job.run("--today", TODAY.isoformat())

    found = found_ids(job)
    assert len(found) == len(set(found))
    assert set(found) == public_ids(service.truth)
    assert found == found_ids(job, where="true"), "what is not public has no row"
    assert len(asked(service)) < 20


@pytest.mark.parametrize(
    "name",
    few_of(
        [
            "error_body_200",
            "wrong_shape",
            "not_an_object",
            "empty_200",
            "half_body",
            "string_number",
        ],
        "error_body_200",
        "half_body",
    ),
)
def test_an_error_body_is_asked_again_and_never_taken_for_a_page(
    tmp_path: Path, service: Figshare, name: str
) -> None:
    """What is no list of entries is asked for again, and ends no listing."""
    faults = [{"name": name, "first_tries": 1, "path": "^/v2/articles"}]
    service.change(faults=faults)
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    job.run("--today", TODAY.isoformat())
    assert set(found_ids(job)) == public_ids(service.truth)
    assert any(entry["fault"] for entry in asked(service))


def test_each_filter_lists_what_it_names_and_nothing_else(
    tmp_path: Path, service: Figshare
) -> None:
    """`published_since` is inclusive here, though the service's parameter means "after"."""
    public = [each for each in listed(service.truth, "article") if each.is_public]
    group = Counter(each.group_id for each in public).most_common(1)[0][0]
    day = sorted(each.published_date for each in public if each.published_date)[600]
    wanted = {
        "type": ({"item_type": "dataset"}, {one.id for one in public if one.item_type == 3}),
        "group": ({"group": group}, {one.id for one in public if one.group_id == group}),
        "since": (
            {"published_since": day.isoformat()},
            {one.id for one in public if one.published_date and one.published_date >= day},
        ),
    }
    for name, (filters, ids) in wanted.items():
        spec = whole(service.url, {"article": {"discover": filters}})
        job = job_of(tmp_path, {**spec, "name": name})
        job.run("--today", TODAY.isoformat())
        assert set(found_ids(job)) == ids
        assert ids < public_ids(service.truth)


def test_a_page_that_stayed_the_same_is_not_sent_again(tmp_path: Path, service: Figshare) -> None:
    entities = {"article": {"discover": True}, "author": {"discover": True}}
    job = job_of(tmp_path, whole(service.url, entities))
    job.run("--today", TODAY.isoformat())
    service.forget()
    job.run("--today", "2026-08-02")

    again = asked(service)
    assert len(again) == 5
    assert {(entry["status"], entry["sent_bytes"]) for entry in again} == {(304, 0)}
    assert set(found_ids(job)) == public_ids(service.truth)
    assert set(found_ids(job, "author")) == set(service.truth.ids("author"))


def test_a_month_later_what_is_new_is_listed_and_what_vanished_is_marked(
    tmp_path: Path, service: Figshare
) -> None:
    early, late = date(2021, 3, 1), date(2022, 6, 1)
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    service.change(today=early.isoformat())
    job.run("--today", early.isoformat())
    service.change(today=late.isoformat())
    job.run("--today", late.isoformat())

    before, after = (public_ids(service.truth.at(day)) for day in (early, late))
    assert before - after
    assert after - before
    assert set(found_ids(job)) == after
    rows = job.rows("entities", "entity_id, is_listed, last_listed, title")
    gone = {number: (day, title) for number, is_listed, day, title in rows if not is_listed}
    assert set(gone) == before - after
    assert {day for day, _ in gone.values()} == {early}
    assert all(title for _, title in gone.values())
    assert {day for _, is_listed, day, _ in rows if is_listed} == {late}


def test_of_accounts_only_user_id_and_name_are_kept(tmp_path: Path, service: Figshare) -> None:
    """Not even in the ledger: addresses and quotas of people are nobody's business."""
    job = job_of(tmp_path, whole(service.url, {"author": {"discover": True}}, {
        "endpoint": "total", "entities": ["author"], "counters": ["views"],
    }))  # fmt: skip
    ended = job.run("--today", TODAY.isoformat())
    assert found_ids(job, "author") == sorted(service.truth.ids("author"))
    files = job.files()
    assert len(files) > 5
    for name, content in files.items():
        assert b"@example.org" not in content, name
        assert TOKEN.encode() not in content, name
    assert TOKEN not in ended.stderr + ended.stdout


def test_the_token_goes_to_private_listings_and_nowhere_else(
    tmp_path: Path, service: Figshare
) -> None:
    entities = {"article": {"discover": True}, "group": {"discover": True}}
    job = job_of(tmp_path, whole(service.url, entities, {"endpoint": "count"}))
    job.run("--today", TODAY.isoformat())
    schemes = {entry["target"].split("?")[0]: entry["scheme"] for entry in service.history()}
    assert schemes == {
        "/v2/account/institution/groups": "token",
        "/v2/articles": None,
        "/count/articles": None,
    }


def test_listings_are_in_no_statistics_dataset(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    job.run("--today", TODAY.isoformat())
    assert job.rows("requests", "count(*), count(distinct endpoint)") == [(1, 1)]
    assert job.rows("responses", "count(*), max(url)")[0][0] == 1
    assert not any("v2" in url for (url,) in job.rows("responses", "url"))


def test_pace_is_kept_over_listings_and_statistics_together(
    tmp_path: Path, service: Figshare
) -> None:
    """One origin, one pace, from the last page to the first count and on to the statistics."""
    group = service.truth.ids("group")[0]
    entities = {"article": {"discover": {"group": group}}, "group": {"ids": [group]}}
    totals = {"endpoint": "total", "entities": ["group"], "counters": ["views", "shares"]}
    spec = whole(service.url, entities, totals)
    spec["limits"]["requests_per_second"] = 2
    job_of(tmp_path, spec).run("--today", TODAY.isoformat())
    moments = [entry["monotonic"] for entry in service.history()]
    assert len(moments) == 5
    # Half a second between sends; they may arrive a little late, each.
    assert min(after - before for before, after in pairwise(moments)) > 0.2


def test_a_listing_without_a_token_is_refused_before_anything_is_sent(
    tmp_path: Path, service: Figshare
) -> None:
    spec = whole(service.url, {"group": {"discover": True}}, {"endpoint": "count"})
    del spec["source"]["token"]
    job = job_of(tmp_path, spec)
    ended = job.run(expect=2)
    assert "the listing of groups needs a token" in ended.stderr
    assert not job.output.exists()
    warned = job.call("check", "job.yaml")
    assert warned.returncode == 0
    assert "`discover` of groups and authors needs source.token" in warned.stderr
    assert service.history() == []


@pytest.mark.parametrize("status", few_of([401, 403], 401))
def test_a_token_that_is_refused_stops_the_run_until_it_is_mended(
    tmp_path: Path, service: Figshare, status: int
) -> None:
    entities = {"article": {"discover": True}, "author": {"discover": True}}
    job = job_of(tmp_path, whole(service.url, entities), token="expired-canary")
    service.change(token_is_permitted=status == 401)
    try:
        ended = job.run("--today", TODAY.isoformat(), expect=3)
    finally:
        service.change(token_is_permitted=True)
    assert "Figshare refuses the token" in ended.stderr
    assert "expired-canary" not in ended.stderr
    articles = len(asked(service, "/v2/articles"))
    job.environment["TOKEN"] = TOKEN
    job.run("--today", TODAY.isoformat())
    assert len(asked(service, "/v2/articles")) == articles, "what was listed is not listed again"
    assert found_ids(job, "author") == sorted(service.truth.ids("author"))
