"""A run that lists before it plans: interrupted anywhere, it goes on, and says what it is at."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator import ListingQuirks, SimulatorConfig, Truth
from tests.end_to_end.support_institution import TOKEN, asked, found_ids, job_of, public_ids, whole
from tests.support.command_line import Figshare, figshare
from tests.support.thorough import few_of

TODAY = date(2026, 7, 2)
ON = ("--today", TODAY.isoformat())
ARTICLES = {"article": {"discover": True}}
PAGES = 3  # 1,200 articles, and the empty page behind them


@pytest.fixture(scope="module")
def serving_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    config = SimulatorConfig(seed=5, articles=1200, token=TOKEN, today=TODAY)
    with figshare(tmp_path_factory.mktemp("simulator"), config) as running:
        yield running


@pytest.fixture
def service(serving_all: Figshare) -> Figshare:
    plain = SimulatorConfig().to_json()
    serving_all.change(listings=plain["listings"], faults=[], latency_seconds=0.0)
    serving_all.forget()
    return serving_all


def fault(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "path": "^/v2/articles", **more}


def test_a_listing_that_dies_on_a_page_goes_on_there(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[fault("status", status=400, requests=[2])])
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    ended = job.run(*ON, expect=3)
    assert "the listing of articles stops at page 2" in ended.stderr
    assert "run 2026-07-02.1 stopped early" in ended.stderr
    told = job.call("status", "job.yaml").stdout
    assert "articles so far, 1 page read" in told

    job.run(*ON)
    # A page, the one that failed, and from that one on.
    assert len(asked(service, "/v2/")) == 2 + (PAGES - 1)
    assert set(found_ids(job)) == public_ids(service.truth)
    assert job.call("status", "job.yaml").stdout.count("run 2026-07-02") == 1


def test_a_pause_asked_for_by_a_listing_outlives_the_process(
    tmp_path: Path, service: Figshare
) -> None:
    service.change(faults=[fault("status", status=429, retry_after="3600", requests=[2])])
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    first = job.run(*ON, expect=3)
    assert "Figshare asks us to wait until" in first.stderr
    seen = len(service.history())
    second = job.run(*ON, expect=3)
    assert "Figshare asks us to wait until" in second.stderr
    assert len(service.history()) == seen


def test_a_limit_of_requests_pauses_a_listing(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    for sent in (1, 2):
        ended = job.run(*ON, "--max-requests", "1", expect=5)
        assert "paused: the number of --max-requests is sent" in ended.stderr
        assert len(service.history()) == sent
    job.run(*ON)
    assert len(asked(service, "/v2/articles")) == PAGES
    assert set(found_ids(job)) == public_ids(service.truth)


@pytest.mark.parametrize(
    ("number", "code"), few_of([(signal.SIGINT, 130), (signal.SIGTERM, 143)], signal.SIGTERM)
)
def test_a_signal_pauses_a_listing_and_the_next_run_completes_it(
    tmp_path: Path, service: Figshare, number: signal.Signals, code: int
) -> None:
    service.change(latency_seconds=0.3)
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    running = job.start("run", "job.yaml", *ON)
    when(running, service, 2, number)
    _, said = running.communicate(timeout=30)
    assert running.returncode == code, said
    service.change(latency_seconds=0.0)
    job.run(*ON)
    assert set(found_ids(job)) == public_ids(service.truth)


def when(running: subprocess.Popen[str], service: Figshare, requests: int, number: int) -> None:
    """Send a signal as soon as so many requests have come."""
    while running.poll() is None and len(service.history()) < requests:
        pass
    running.send_signal(number)


def test_kills_lose_no_page_and_double_no_id(tmp_path: Path, service: Figshare) -> None:
    """Killed while each page is under way: only that one is asked for again."""
    service.change(latency_seconds=0.2)
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    for page in range(1, PAGES + 1):
        service.forget()
        running = job.start("run", "job.yaml", *ON)
        when(running, service, 2 if page > 1 else 1, signal.SIGKILL)
        running.communicate()
        assert running.returncode == -signal.SIGKILL
        pages = Counter(entry["has_cursor"] for entry in asked(service))
        # The first page was under way at the first kill, and is asked for once more.
        assert pages[False] == (page <= 2), "a page that was kept is asked for again"
    service.change(latency_seconds=0.0)
    job.run(*ON)
    found = found_ids(job)
    assert len(found) == len(set(found))
    assert set(found) == public_ids(service.truth)


def test_counting_first_saves_the_run_the_listing(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES, {
        "endpoint": "total", "entities": ["article"], "counters": ["views"],
    }))  # fmt: skip
    number = len(public_ids(service.truth))
    before = job.call("plan", "job.yaml", *ON)
    assert "how many articles there are" in before.stdout
    unknown = json.loads(job.call("plan", "job.yaml", *ON, "--json").stdout)
    assert unknown["requests"] == {"least": 1, "most": None}
    assert unknown["unknown"] == ["article"]
    assert job.call("plan", "job.yaml", *ON, "--fail-above", "99").returncode == 1
    assert service.history() == []

    counted = job.call("check", "job.yaml", "--count", *ON)
    assert counted.returncode == 0, counted.stderr
    assert f"listed    {number:,} articles, {PAGES} pages" in counted.stdout
    assert f"{number:,} requests" in counted.stdout
    sent = len(service.history())
    after = json.loads(job.call("plan", "job.yaml", *ON, "--json").stdout)
    assert after["requests"] == {"least": number, "most": number}
    job.run(*ON, "--max-requests", "5", expect=5)
    assert len(asked(service)) == PAGES
    assert len(service.history()) == sent + 5


@pytest.mark.thorough
def test_a_count_that_is_killed_goes_on(tmp_path: Path, service: Figshare) -> None:
    service.change(latency_seconds=0.3)
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    running = job.start("check", "job.yaml", "--count", *ON)
    when(running, service, 3, signal.SIGKILL)
    running.communicate()
    service.change(latency_seconds=0.0)
    assert job.call("check", "job.yaml", "--count", *ON).returncode == 0
    assert len([each for each in asked(service) if not each["has_cursor"]]) == 1
    job.run(*ON)
    assert set(found_ids(job)) == public_ids(service.truth)


def test_a_later_plan_counts_with_what_was_listed(tmp_path: Path, service: Figshare) -> None:
    spec = whole(service.url, ARTICLES)
    job = job_of(tmp_path, spec)
    job.run(*ON)
    plan = job.call("plan", "job.yaml", "--today", "2026-08-02").stdout
    assert "articles are counted as they were listed on 2026-07-02" in plan


def test_a_finished_job_changes_no_byte(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, whole(service.url, {**ARTICLES, "group": {"discover": True}}))
    job.run(*ON)
    before, sent = job.files(), len(service.history())
    job.run(*ON)
    assert job.files() == before
    assert len(service.history()) == sent


def test_another_institution_in_the_same_folder_is_refused(
    tmp_path: Path, service: Figshare
) -> None:
    spec = whole(service.url, ARTICLES)
    job = job_of(tmp_path, spec)
    job.run(*ON)
    spec["source"]["institution_id"] = 3
    job.write(spec)
    ended = job.run("--today", "2026-08-02", expect=2)
    assert "this folder lists institution 2, the spec says 3" in ended.stderr
    assert job.call("status", "job.yaml").stdout.count("\nrun ") == 1, "no run was begun"


def test_a_filter_that_lists_nothing_is_told_and_no_error(
    tmp_path: Path, service: Figshare
) -> None:
    """A filter of no meaning is answered with nothing, a bad one with 422."""
    spec = whole(service.url, {"article": {"discover": {"group": 999_999_937}}})
    job = job_of(tmp_path, spec)
    ended = job.run(*ON)
    # A 200 that holds nothing proves nothing: it was read again.
    assert "listed    0 articles, 2 pages" in ended.stderr
    assert job.rows("entities", "*") == []


# Completeness


def test_a_listing_that_leaves_articles_out_is_told_by_the_counts(
    tmp_path: Path, service: Figshare
) -> None:
    service.change(listings={"hides_every": 150})
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    ended = job.run(*ON)
    hidden = {each for each in public_ids(service.truth) if each % 150 == 0}
    assert hidden
    assert set(found_ids(job)) == public_ids(service.truth) - hidden

    groups = {hidden_in(service.truth, number) for number in hidden}
    for told in (ended.stderr, job.call("status", "job.yaml").stdout):
        assert f"Figshare counts otherwise in {len(groups)} group" in told
    (first, *_) = sorted(groups)
    counted = service.truth.count_articles([first])[first]
    missing = sum(hidden_in(service.truth, number) == first for number in hidden)
    assert f"group {first}: {counted - missing:,} listed, {counted:,} counted" in ended.stderr


def hidden_in(truth: Truth, number: int) -> int:
    return truth.world.items["article"][number].group_id


@pytest.mark.thorough
def test_a_whole_listing_agrees_with_the_counts(tmp_path: Path, service: Figshare) -> None:
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    ended = job.run(*ON)
    assert "otherwise" not in ended.stderr
    assert len(asked(service, "/count/articles")) == 1


def test_a_count_that_fails_is_told_and_no_failure(tmp_path: Path, service: Figshare) -> None:
    counting = {"name": "status", "status": 400, "path": "count/articles", "rate": 1.0}
    service.change(faults=[counting])
    job = job_of(tmp_path, whole(service.url, ARTICLES))
    ended = job.run(*ON)
    assert "could not be compared with Figshare's own counts" in ended.stderr


# Metadata


def with_metadata(service: Figshare) -> tuple[dict[str, Any], list[int], list[int]]:
    """Ids of public articles and collections, and two that are not public."""
    articles, collections = sorted(public_ids(service.truth))[:30], service.truth.ids("collection")
    gone = list(service.truth.world.drafts[:2])
    entities = {
        "article": {"ids": [*articles, *gone], "metadata": True},
        "collection": {"ids": collections[:5], "metadata": True},
        "group": {"ids": [service.truth.ids("group")[0]]},
    }
    return entities, articles, gone


def test_metadata_of_ids_from_a_list_is_asked_item_by_item(
    tmp_path: Path, service: Figshare
) -> None:
    entities, articles, gone = with_metadata(service)
    job = job_of(tmp_path, whole(service.url, entities))
    plan = json.loads(job.call("plan", "job.yaml", *ON, "--json").stdout)
    metadata = {"stage": "metadata", "least": 37, "most": 37, "not_needed": {}}
    assert plan["stages"][0] == metadata
    ended = job.run(*ON)
    assert "metadata  35 of 37 items asked" in ended.stderr
    assert f"2 items not public: article {gone[0]}, article {gone[1]}" in ended.stderr
    rows = {
        (kind, number): (title, source, is_listed, at)
        for kind, number, title, source, is_listed, at in job.rows(
            "entities", "entity, entity_id, title, source, is_listed, harvested_at"
        )
    }
    assert len(rows) == 38
    assert all(rows["article", number][3] for number in articles)
    assert {rows["article", number] for number in gone} == {(None, "ids", None, None)}
    assert rows["group", service.truth.ids("group")[0]] == (None, "ids", None, None)
    assert {source for _, source, _, _ in rows.values()} == {"ids"}
    # A later run asks again only for what was not public.
    sent = len(asked(service))
    job.run("--today", "2026-08-02")
    assert len(asked(service)) == sent + 2


def test_metadata_comes_from_a_listing_where_one_is_read_anyway(
    tmp_path: Path, service: Figshare
) -> None:
    some = sorted(public_ids(service.truth))[:20]
    entities = {"article": {"ids": [*some, 5], "discover": True, "metadata": True}}
    job = job_of(tmp_path, whole(service.url, entities))
    plan = json.loads(job.call("plan", "job.yaml", *ON, "--json").stdout)
    assert (plan["stages"][1]["least"], plan["stages"][1]["most"]) == (0, 21)
    job.run(*ON)
    items = [each for each in asked(service) if "?" not in each["target"]]
    assert [each["target"] for each in items] == ["/v2/articles/5"]
    sources = Counter(row[0] for row in job.rows("entities", "source"))
    assert sources == {"ids": 21, "discover": len(public_ids(service.truth)) - 20}


def test_metadata_that_fails_is_a_failure_and_can_be_asked_again(
    tmp_path: Path, service: Figshare
) -> None:
    entities, articles, _ = with_metadata(service)
    bad = f"^/v2/articles/{articles[3]}$"
    service.change(faults=[{"name": "status", "status": 400, "path": bad, "rate": 1.0}])
    job = job_of(tmp_path, whole(service.url, entities))
    ended = job.run(*ON, expect=1)
    assert "1 failed" in ended.stderr
    listed = job.call("failures", "job.yaml")
    assert listed.returncode == 0
    assert f"metadata/article/{articles[3]}: " in listed.stdout
    assert job.run(*ON, expect=1).stderr.count("1 failed")

    service.change(faults=[])
    sent = len(service.history())
    retried = job.call("failures", "job.yaml", "--retry")
    assert "1 request put back" in retried.stderr
    job.run(*ON)
    assert len(service.history()) == sent + 1
    titles = dict(job.rows("entities", "entity_id, title"))
    assert titles[articles[3]]


@pytest.mark.thorough
def test_metadata_survives_kills_and_asks_nothing_twice(tmp_path: Path, service: Figshare) -> None:
    service.change(latency_seconds=0.05)
    entities, _, _ = with_metadata(service)
    spec = whole(service.url, entities)
    spec["limits"]["concurrency"] = 2
    job = job_of(tmp_path, spec)
    for requests in (5, 20):
        running = job.start("run", "job.yaml", *ON)
        when(running, service, requests, signal.SIGKILL)
        running.communicate()
    service.change(latency_seconds=0.0)
    job.run(*ON)
    times = Counter(entry["target"] for entry in asked(service))
    assert len(times) == 37
    assert sum(times.values()) <= 37 + 2 * 2


def test_the_embedded_simulator_is_listed_without_token_or_number(tmp_path: Path) -> None:
    spec: dict[str, Any] = {
        "name": "whole",
        "source": {"simulator": {"seed": 3, "articles": 60}},
        "entities": {kind: {"discover": True} for kind in ("article", "author", "group")},
        "dimensions": [{"endpoint": "count"}],
        "limits": {"requests_per_second": "unlimited"},
    }
    job = job_of(tmp_path, spec, token=None)
    job.run(*ON)
    truth = Truth(SimulatorConfig(seed=3, articles=60, today=TODAY))
    assert set(found_ids(job)) == public_ids(truth)
    assert found_ids(job, "author") == sorted(truth.ids("author"))
    assert found_ids(job, "group") == sorted(truth.ids("group"))


# The largest listing


def large(folder: Path, articles: int) -> SimulatorConfig:
    del folder
    return SimulatorConfig(
        seed=9,
        articles=articles,
        authors=50,
        collections=1,
        projects=1,
        token=TOKEN,
        today=TODAY,
        listings=ListingQuirks(duplicate_every=13, hole_every=17, cursor_lifetime=40),
    )


@pytest.mark.parametrize(
    "articles",
    [
        pytest.param(4_000, id="small", marks=pytest.mark.thorough),
        pytest.param(60_000, id="large", marks=pytest.mark.slow),
    ],
)
def test_a_large_institution_through_errors_and_kills_in_little_memory(
    tmp_path: Path, articles: int
) -> None:
    """Every id exactly once; the highest resident memory of each process under 250 MB."""
    with figshare(tmp_path, large(tmp_path, articles)) as service:
        service.change(
            faults=[
                fault("status", status=503, every=7),
                fault("error_body_200", every=11),
                fault("cut_body", every=5),
            ]
        )
        job = job_of(tmp_path, whole(service.url, ARTICLES))
        for requests in (articles // 2000, articles // 1000):
            running = job.start("run", "job.yaml", *ON)
            when(running, service, requests, signal.SIGKILL)
            running.communicate()
            assert running.returncode == -signal.SIGKILL
        peak = job.peak_bytes("run", "job.yaml", *ON)
        found = found_ids(job)
        assert len(found) == len(set(found))
        assert set(found) == public_ids(service.truth)
        assert peak < 250_000_000
        # Pages, what went wrong, and one page for each kill.
        assert len(asked(service)) < articles / 1000 * 2 + 12
