"""Faults that no other try mends: one request fails with its reason, everything else is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.model.rules import failure_words
from harvester.simulator.faults import NAMES
from tests.faults.support_faults import (
    WALLS,
    WAYS,
    Fault,
    Way,
    call,
    failures,
    job_of,
    missing_only,
    plain,
    run,
    run_in_no_time,
    small_world,
    whole,
)
from tests.support.command_line import Figshare, Job, figshare

# The fault, the reason that its request keeps, how often it was tried (of 2), its HTTP status.
LASTING: list[tuple[Fault, str, int, int | None]] = [
    ({"name": "reset_before"}, "connection", 2, None),
    ({"name": "reset_inside"}, "cut", 2, None),
    ({"name": "cut_body"}, "cut", 2, None),
    ({"name": "short_length"}, "protocol", 2, None),
    ({"name": "half_body"}, "shape", 2, 200),
    ({"name": "cut_gzip"}, "shape", 2, 200),
    ({"name": "big_headers"}, "protocol", 2, None),
    ({"name": "slow_drip", "seconds": 0.2}, "timeout", 2, None),
    ({"name": "hang"}, "timeout", 2, None),
    ({"name": "huge_body"}, "oversize", 1, 200),
    ({"name": "gzip_bomb"}, "oversize", 1, 200),
    ({"name": "empty_200"}, "shape", 2, 200),
    ({"name": "empty_list"}, "shape", 2, 200),
    ({"name": "error_body_200"}, "error_body", 2, 200),
    ({"name": "wrong_shape"}, "shape", 2, 200),
    ({"name": "not_an_object"}, "shape", 2, 200),
    ({"name": "negative"}, "shape", 2, 200),
    ({"name": "fraction"}, "shape", 2, 200),
    ({"name": "string_number"}, "shape", 2, 200),
    ({"name": "boolean"}, "shape", 2, 200),
    ({"name": "big_integer"}, "shape", 2, 200),
    ({"name": "out_of_window"}, "shape", 2, 200),
    ({"name": "wrong_period_spelling"}, "shape", 2, 200),
    ({"name": "redirect"}, "redirect", 1, 302),
    ({"name": "json_401"}, "forbidden", 1, 401),
    ({"name": "json_403"}, "forbidden", 1, 403),
    ({"name": "gateway_403"}, "forbidden", 1, 403),
    ({"name": "status", "status": 400}, "bad_request", 1, 400),
    ({"name": "status", "status": 404}, "unknown_endpoint", 1, 404),
    ({"name": "status", "status": 408}, "timeout", 2, 408),
    ({"name": "status", "status": 500}, "server_error", 2, 500),
    ({"name": "status", "status": 503}, "server_error", 2, 503),
]
# These stop everybody, alone or not: test_faults_wait, test_faults_stop. `refuse` has no request.
ELSEWHERE = {*WALLS, "refuse"}
HARMLESS = {"close_keepalive", "unasked_answer"}
FLOODS = {"huge_body", "gzip_bomb"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as running:
        yield running


def articles(service: Figshare, number: int) -> list[int]:
    return [int(key) for key, _ in service.truth.top(None, "views", "article", number)]


@WAYS
@pytest.mark.parametrize(
    ("fault", "reason", "tries", "status"), LASTING, ids=[plain(each[0]) for each in LASTING]
)
def test_a_fault_that_stays_fails_its_request_alone(
    tmp_path: Path,
    service: Figshare,
    fault: Fault,
    reason: str,
    tries: int,
    status: int | None,
    way: Way,
) -> None:
    """Exit 1, failed with its reason, and no row of it anywhere."""
    victim = articles(service, 6)[2]
    path = f"/timeline/day/views/article/{victim}[?]"
    patience = 1 if reason == "timeout" else 20
    job = job_of(
        tmp_path, service, {**fault, "rate": 1, "path": path}, attempts=2, timeout_seconds=patience
    )

    assert way(job) == 1

    assert failures(job) == {("timeline", victim, reason)}
    missing_only(job, service.truth, {("timeline", victim)})
    told = job.rows("requests", "attempts, http_status, rows, state")
    assert [row[:3] for row in told if row[3] == "failed"] == [(tries, status, 0)]
    seen = Counter(entry["target"] for entry in service.history())
    assert max(seen.values()) == max(tries, 2 if reason == "forbidden" else 1)


def test_a_single_request_that_is_throttled_for_ever_fails_alone(
    tmp_path: Path, service: Figshare
) -> None:
    """The host answers everybody else: after 20 pauses it is not the pace that is wrong."""
    victim = articles(service, 60)[2]
    limit = {"name": "status", "status": 429, "retry_after": "5", "rate": 1}
    path = f"/total/.*/{victim}$"
    job = job_of(tmp_path, service, {**limit, "path": path}, articles=60, concurrency=2)

    result = run_in_no_time(job)

    assert result.exit_code == 1
    assert failures(job) == {("total", victim, "rate_limited")}
    missing_only(job, service.truth, {("total", victim)})


def test_faults_that_heal_and_faults_that_stay_are_told_apart_all_at_once(
    tmp_path: Path, service: Figshare
) -> None:
    """Each lasting fault has a victim of its own, a fifth of the rest stumbles: every row that
    is there is true, every row that is not is explained."""
    # What takes longest has tests of its own.
    lasting = [each for each in LASTING if each[0]["name"] not in {"hang", *FLOODS}]
    # Not one behind the other: a host that answers nobody is down.
    asked = sorted(articles(service, 4 * len(lasting)))
    victims = asked[::4]
    faults: list[Fault] = [
        {**fault, "rate": 1, "path": f"/timeline/.*/{victim}[?]"}
        for (fault, *_), victim in zip(lasting, victims, strict=True)
    ]
    healing = ("reset_before", "half_body", "cut_body", "negative", "wrong_shape", "error_body_200")
    rest = "^/(total|breakdown|top|count)/"
    faults += [{"name": name, "rate": 0.2 / len(healing), "path": rest} for name in healing]
    job = job_of(tmp_path, service, *faults, articles=len(asked), timeout_seconds=0.2, attempts=9)

    assert run_in_no_time(job).exit_code == 1

    wanted = {
        ("timeline", victim, reason)
        for (_, reason, *_), victim in zip(lasting, victims, strict=True)
    }
    assert failures(job) == wanted
    missing_only(job, service.truth, {each[:2] for each in wanted})
    again = run(job, expect=1)
    for reason, number in Counter(reason for _, _, reason in wanted).items():
        assert f"failed    {number:,}: {failure_words(reason)}\n" in again.err
    listed = call(job, "failures")
    assert len(listed.out.splitlines()) == len(wanted)
    assert listed.code == 0

    service.change(faults=[])
    assert call(job, "failures", "--retry").code == 0
    run(job)
    whole(job, service.truth)


def test_floods_are_not_taken_into_memory(tmp_path: Path, service: Figshare) -> None:
    """400 MB of spaces, and half a gigabyte packed into half a megabyte."""
    (first, second) = articles(service, 2)
    job = job_of(
        tmp_path,
        service,
        {"name": "huge_body", "rate": 1, "path": f"/timeline/.*/{first}[?]"},
        {"name": "gzip_bomb", "rate": 1, "path": f"/timeline/.*/{second}[?]"},
    )

    peak = peak_of(job, expect=1)

    assert failures(job) == {
        ("timeline", first, "oversize"),
        ("timeline", second, "oversize"),
    }
    assert peak < 350_000_000


def peak_of(job: Job, *, expect: int) -> int:
    return job.peak_bytes("run", "job.yaml", "--today", "2026-07-02", expect=expect)


def test_every_fault_of_the_simulator_lasts_here_or_is_tested_elsewhere() -> None:
    named = {fault["name"] for fault, *_ in LASTING}
    assert named | ELSEWHERE | HARMLESS == set(NAMES)
