"""`check --online`: what is wrong is named in one sentence, after at most five requests.

Two more tell whether an institution's rankings are of the days asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator import SimulatorConfig
from tests.end_to_end.support_institution import TOKEN, job_of, whole
from tests.support.command_line import Figshare, Job, Spec, figshare

TODAY = date(2026, 7, 2)
PASSWORD = "s3cret-canary"
LINE = {
    "endpoint": "timeline",
    "counters": ["views"],
    "granularities": ["month"],
    "period": {"start": "2020-01-01", "end": "yesterday"},
}


@pytest.fixture(scope="module")
def serving_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    config = SimulatorConfig(
        seed=5, articles=120, token=TOKEN, username="stats", password=PASSWORD, today=TODAY
    )
    with figshare(tmp_path_factory.mktemp("simulator"), config) as running:
        yield running


@pytest.fixture
def service(serving_all: Figshare) -> Figshare:
    quirks = SimulatorConfig().to_json()["quirks"]
    serving_all.change(faults=[], token_is_permitted=True, quirks=quirks)
    serving_all.forget()
    return serving_all


def spec_of(service: Figshare, **changes: Any) -> Spec:
    """A job with every concern: slug, credentials, token, and ids of each kind."""
    first = {kind: service.truth.ids(kind)[0] for kind in ("article", "author", "group")}
    entities: dict[str, Any] = {kind: {"ids": [number]} for kind, number in first.items()}
    entities["group"]["discover"] = True
    entities |= changes.pop("entities", {})
    source = {"institution": "demo", "credentials": {"env": "STATS"}, **changes}
    return whole(service.url, entities, LINE, **source)


def looked(folder: Path, spec: Spec, **secrets: str) -> tuple[int, str, Job]:
    job = job_of(folder, spec)
    job.environment |= {"STATS": f"stats:{PASSWORD}", **secrets}
    ended = job.call("check", "job.yaml", "--online", "--today", TODAY.isoformat())
    assert "Traceback" not in ended.stderr
    for secret in (PASSWORD, TOKEN, *secrets.values()):
        assert secret not in ended.stdout + ended.stderr
    return ended.returncode, ended.stdout + ended.stderr, job


def lines(said: str, word: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith(f"{word} ")]


def test_a_job_that_is_right_is_found_so_in_five_requests_and_two_for_rankings(
    tmp_path: Path, service: Figshare
) -> None:
    code, said, job = looked(tmp_path, spec_of(service))
    assert code == 0, said
    assert [line.split()[1] for line in lines(said, "ok")] == [
        "credentials:", "slug:", "token:", "article:", "author:", "group:", "rankings:",
    ]  # fmt: skip
    assert "University of Demo (2)" in said
    assert len(service.history()) == 5 + 2
    assert not job.output.exists(), "a look leaves nothing behind"


@pytest.mark.parametrize("with_credentials", [True, False])
def test_a_wrong_slug_is_named_in_one_sentence(
    tmp_path: Path, service: Figshare, *, with_credentials: bool
) -> None:
    spec = spec_of(service, institution="dmo")
    if not with_credentials:
        del spec["source"]["credentials"]
        spec["dimensions"] = [{"endpoint": "total", "counters": ["views"]}]
    code, said, _ = looked(tmp_path, spec)
    assert code == 1, said
    (line,) = lines(said, "wrong")
    assert line.startswith("wrong    slug: 'dmo' counts no view of article ")
    assert "the slug is wrong" in line
    assert len(service.history()) <= 5


def test_a_wrong_password_is_refused_with_where_it_came_from(
    tmp_path: Path, service: Figshare
) -> None:
    code, said, _ = looked(tmp_path, spec_of(service), STATS="stats:wr0ng-one")
    assert code == 3, said
    (line,) = lines(said, "refused")
    assert "Figshare refuses the username and password" in line
    assert "the environment variable STATS" in line
    assert lines(said, "ok")[0].startswith("ok       slug: 'demo'")
    assert len(service.history()) <= 5


def test_an_expired_token_is_refused_with_where_it_came_from(
    tmp_path: Path, service: Figshare
) -> None:
    code, said, _ = looked(tmp_path, spec_of(service), TOKEN="expired-one")
    assert code == 3, said
    (line,) = lines(said, "refused")
    assert "it is wrong or has expired" in line
    assert "the environment variable TOKEN" in line


def test_a_token_of_somebody_who_is_no_administrator_is_told_so(
    tmp_path: Path, service: Figshare
) -> None:
    service.change(token_is_permitted=False)
    code, said, _ = looked(tmp_path, spec_of(service))
    assert code == 3, said
    assert "must be that of an administrator" in lines(said, "refused")[0]


def test_a_token_of_another_institution_is_told_so(tmp_path: Path, service: Figshare) -> None:
    code, said, _ = looked(tmp_path, spec_of(service, institution_id=797))
    assert code == 1, said
    assert "but source.institution_id is 797" in lines(said, "wrong")[0]


@pytest.mark.parametrize(
    ("kind", "of", "sentence"),
    [
        ("article", "group", "there is no public article "),
        pytest.param(
            "collection", "article", "there is no public collection ", marks=pytest.mark.thorough
        ),
        pytest.param(
            "project", "author", "there is no public project ", marks=pytest.mark.thorough
        ),
        pytest.param(
            "group", "article", "has no public articles: is it a group", marks=pytest.mark.thorough
        ),
        ("author", "group", "has no views: is it a user id"),
    ],
)
def test_ids_of_the_wrong_kind_are_named(
    tmp_path: Path, service: Figshare, kind: str, of: str, sentence: str
) -> None:
    others = set(service.truth.ids(kind))
    wrong = next(number for number in reversed(service.truth.ids(of)) if number not in others)
    entities = {kind: {"ids": [wrong]}}
    spec = whole(service.url, entities, {"endpoint": "total", "counters": ["views"]})
    code, said, _ = looked(tmp_path, spec)
    assert code == 1, said
    (line,) = lines(said, "wrong")
    assert str(wrong) in line
    assert sentence in line
    assert len(service.history()) <= 5


def test_everything_wrong_at_once_still_takes_five_requests(
    tmp_path: Path, service: Figshare
) -> None:
    spec = spec_of(service, institution="dmo", entities={"article": {"ids": [3]}})
    code, said, _ = looked(tmp_path, spec, STATS="stats:wr0ng-one", TOKEN="expired-one")
    assert code == 3, said
    assert {line.split()[1] for line in lines(said, "refused")} == {"credentials:", "token:"}
    assert len(service.history()) == 5
    assert "five requests are the limit" in said


def test_an_institution_that_lists_nothing_is_told_so(tmp_path: Path, service: Figshare) -> None:
    spec = whole(service.url, {"article": {"discover": True}}, institution_id=797)
    code, said, _ = looked(tmp_path, spec)
    assert code == 1, said
    assert "institution 797 lists no articles" in lines(said, "wrong")[0]


def test_ids_of_a_listing_serve_where_none_are_written(tmp_path: Path, service: Figshare) -> None:
    spec = whole(service.url, {"article": {"discover": True}}, LINE, institution="demo",
                 credentials={"env": "STATS"})  # fmt: skip
    code, said, _ = looked(tmp_path, spec)
    assert code == 0, said
    assert [line.split()[1] for line in lines(said, "ok")] == [
        "listing:", "credentials:", "slug:", "rankings:",
    ]  # fmt: skip
    assert len(service.history()) == 2 + 2


def test_one_503_of_the_service_is_no_finding(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{"name": "status", "status": 503, "requests": [1]}])
    entities = {"article": {"ids": [service.truth.ids("article")[0]]}}
    spec = whole(service.url, entities, {"endpoint": "total", "counters": ["views"]})
    code, said, _ = looked(tmp_path, spec)
    assert code == 0, said
    assert len(service.history()) == 2


def test_a_service_that_asks_to_wait_is_left_alone(tmp_path: Path, service: Figshare) -> None:
    service.change(faults=[{"name": "status", "status": 429, "retry_after": "3600", "rate": 1.0}])
    code, said, _ = looked(tmp_path, spec_of(service))
    assert code == 3
    assert "Figshare asks us to wait until" in said
    assert len(service.history()) == 1


@pytest.mark.parametrize(
    ("quirks", "mark", "sentence"),
    [
        ({}, "ok", "Figshare ranks by period: article "),
        ({"top_honours_dates": False}, "otherwise", "Figshare ignores the dates: the ranking of "),
        ({"dated_tops_are_refused": True}, "otherwise", "does not rank by period (status 400)"),
        ({"dated_top_lag_days": 50}, "otherwise", "does not rank by period: the ranking of "),
        ({"dated_top_lag_days": 90}, "unclear", "nothing is ranked in 2026-05"),
        ({"slow_top_seconds": 0.1, "slow_top_count": 5}, "ok", "in 2026-05, as its timeline"),
    ],
)
def test_rankings_of_a_period_are_tried(
    tmp_path: Path, service: Figshare, quirks: dict[str, Any], mark: str, sentence: str
) -> None:
    """What the service does with dates is no mistake of the job: the exit code stays 0."""
    service.change(quirks=quirks)
    spec = whole(service.url, {"article": {"discover": True}}, LINE, institution="demo",
                 credentials={"env": "STATS"})  # fmt: skip
    code, said, _ = looked(tmp_path, spec)
    (line,) = [line for line in said.splitlines() if " rankings: " in line]
    assert line.split()[0] == mark
    assert sentence in line
    assert code == 0
    assert len(service.history()) <= 2 + 2


@pytest.mark.parametrize(
    ("changes", "endpoint"),
    [({"credentials": None}, "total"), ({}, "count")],
)
def test_rankings_are_left_alone_where_they_could_tell_nothing(
    tmp_path: Path, service: Figshare, changes: dict[str, Any], endpoint: str
) -> None:
    source = {"institution": "demo", "credentials": {"env": "STATS"}, **changes}
    entities = {"group": {"ids": [service.truth.ids("group")[0]]}}
    counters = {} if endpoint == "count" else {"counters": ["views"]}
    spec = whole(service.url, entities, {"endpoint": endpoint, **counters},
                 **{key: value for key, value in source.items() if value})  # fmt: skip
    code, said, _ = looked(tmp_path, spec)
    assert code == 0, said
    assert "rankings" not in said
    assert not [each for each in service.history() if "/top/" in each["target"]]


def test_credentials_that_only_rankings_need_are_tried_with_them(
    tmp_path: Path, service: Figshare
) -> None:
    """Totals ask for none: what is refused then stops no job."""
    spec = spec_of(service)
    spec["dimensions"] = [{"endpoint": "total", "counters": ["views"]}]
    code, said, _ = looked(tmp_path, spec, STATS="stats:wr0ng-one")
    assert code == 0, said
    assert "unclear  rankings: Figshare refuses the username and password" in said
