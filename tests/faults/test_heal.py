"""Faults that another try mends: each alone on every endpoint, and all of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.simulator.faults import NAMES
from tests.faults.support_faults import (
    ENDPOINTS,
    WAYS,
    Fault,
    Way,
    call,
    job_of,
    plain,
    run,
    small_world,
    whole,
)
from tests.support.command_line import Figshare, figshare

# Where the clock must run for it to heal, or nobody heals it: test_faults_wait, test_faults_stop.
ELSEWHERE = {"html_200", "html_403", "empty_202", "wrong_content_type"}
# Of these test_all_alike tells.
WALLS = {"waf_405", "waf_405_page", "waf_202", "waf_200", "gateway_403"}
NEVER = {"redirect", "json_401", "json_403"}

HEALING: list[Fault] = [
    {"name": "reset_before"},
    {"name": "reset_inside"},
    {"name": "cut_body"},  # a Content-Length that is too long, and the end of the connection
    {"name": "short_length"},
    {"name": "half_body"},
    {"name": "cut_gzip"},
    {"name": "big_headers"},
    {"name": "empty_200"},
    {"name": "empty_list"},
    {"name": "error_body_200"},
    {"name": "wrong_shape"},
    {"name": "not_an_object"},
    {"name": "negative"},
    {"name": "fraction"},
    {"name": "string_number"},
    {"name": "boolean"},
    {"name": "big_integer"},
    {"name": "out_of_window"},
    {"name": "wrong_period_spelling"},
    {"name": "slow_drip", "seconds": 0.2},
    {"name": "hang"},
    *({"name": "status", "status": status} for status in (408, 500, 502, 503, 504)),
    {"name": "status", "status": 429, "retry_after": "1"},
    {"name": "status", "status": 503, "retry_after": "0"},
]
# The request is answered all the same; what goes wrong must do no harm.
HARMLESS: list[Fault] = [{"name": "close_keepalive"}]
TOO_LARGE = {"huge_body", "gzip_bomb"}
PERIODS_ONLY = {"out_of_window", "wrong_period_spelling"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as running:
        yield running


@WAYS
@pytest.mark.parametrize("fault", HEALING, ids=plain)
def test_a_fault_that_heals_leaves_no_trace(
    tmp_path: Path, service: Figshare, fault: Fault, way: Way
) -> None:
    """Once on each endpoint: the data are the truth, exit 0, and each try is accounted for."""
    hits = [{**fault, "path": path, "requests": [1]} for path in ENDPOINTS]
    patience = 0.3 if fault["name"] in {"slow_drip", "hang"} else 20
    job = job_of(tmp_path, service, *hits, timeout_seconds=patience)

    assert way(job) == 0

    whole(job, service.truth)
    history = service.history()
    hit = [entry for entry in history if entry["fault"]]
    assert len(hit) == (2 if fault["name"] in PERIODS_ONLY else len(ENDPOINTS))
    tries = Counter(entry["target"] for entry in history)
    attempts = job.rows("requests", "attempts")
    assert sorted(n for (n,) in attempts) == sorted(tries.values())
    assert max(tries.values()) > 1


@pytest.mark.parametrize("fault", HARMLESS, ids=plain)
def test_a_connection_closed_after_its_answer_does_no_harm(
    tmp_path: Path, service: Figshare, fault: Fault
) -> None:
    job = job_of(tmp_path, service, {**fault, "rate": 1}, concurrency=1)

    run(job)

    whole(job, service.truth)
    assert all(entry["fault"] for entry in service.history())


def test_refused_connections_are_tried_again(tmp_path: Path, service: Figshare) -> None:
    """Hung up on before a word is said: no request ever arrives."""
    job = job_of(tmp_path, service, {"name": "refuse", "requests": [2, 3]})

    run(job)

    whole(job, service.truth)
    attempts = [n for (n,) in job.rows("requests", "attempts")]
    assert sum(attempts) == len(service.history()) + 2


def test_an_answer_too_many_is_taken_for_no_requests_answer(
    tmp_path: Path, service: Figshare
) -> None:
    """Behind every answer comes one with other numbers: none of them is anywhere."""
    job = job_of(
        tmp_path,
        service,
        {"name": "unasked_answer", "rate": 1},
        concurrency=1,
        requests_per_second=15,
    )

    run(job)

    whole(job, service.truth)
    assert all(entry["fault"] for entry in service.history())


@WAYS
def test_with_a_fifth_of_all_replies_spoilt_every_request_heals(
    tmp_path: Path, service: Figshare, way: Way
) -> None:
    """Every fault of the list, drawn by lot for a fifth of all requests."""
    # An answer too many is known only where it arrives before the next request is sent, as at a
    # pace it does; HTTP has no other way to tell. Without a pace it has no place here.
    lots = [*HEALING, *HARMLESS, {"name": "refuse"}]
    # One pause in so short a run is enough: they are a second each.
    lots = [each for each in lots if each.get("retry_after") != "1" and each["name"] != "hang"]
    pause = {"name": "status", "status": 429, "retry_after": "1", "requests": [30]}
    share = 0.2 / len(lots)
    faults = [pause, *({**each, "rate": share} for each in lots)]
    job = job_of(tmp_path, service, *faults, articles=70, timeout_seconds=1, attempts=12)

    assert way(job) == 0

    whole(job, service.truth)
    hit = Counter(entry["fault"] for entry in service.history() if entry["fault"])
    assert 0.1 < hit.total() / len(service.history()) < 0.3
    assert len(hit) >= 12
    failed = call(job, "failures")
    assert failed.out == "nothing failed\n"


def test_every_fault_of_the_simulator_heals_here_or_is_tested_elsewhere() -> None:
    named = {each["name"] for each in (*HEALING, *HARMLESS)} | {"refuse", "unasked_answer"}
    assert named | ELSEWHERE | WALLS | NEVER | TOO_LARGE == set(NAMES)
