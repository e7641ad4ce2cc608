"""When everything fails alike: stop after 50 in a row, fail nothing for good, and go on later.

195 of 200 requests were failed for good at full pace by a captcha, and 404 for all went on for
as long as there was something to ask.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import harvester
from harvester.harvest.result import RunResult
from harvester.job.options import RunOptions
from harvester.simulator.config import SimulatorConfig
from tests.faults.support_clock import Weather
from tests.faults.support_faults import (
    TODAY,
    Fault,
    call,
    failures,
    run,
    run_in_no_time,
)
from tests.support import expected
from tests.support.command_line import Figshare, Job, figshare
from tests.support.everything import FIRST, same
from tests.support.thorough import few_of

WAF = ("waf_405", "waf_405_page", "waf_202", "waf_200")
LOGIN = "https://login.invalid/sso"
# Everybody's fault, and the words that say what was met.
ALIKE = [
    pytest.param({"name": "status", "status": 404}, "Figshare says ServiceError", id="404"),
    pytest.param(
        {"name": "status", "status": 400}, "(status 400)", id="400", marks=pytest.mark.thorough
    ),
    pytest.param(
        {"name": "redirect", "location": LOGIN}, "sends us on to login.invalid", id="a login"
    ),
    pytest.param({"name": "negative"}, "50 times: ", id="another shape"),
    pytest.param(
        {"name": "error_body_200"},
        "InternalError",
        id="an error as 200",
        marks=pytest.mark.thorough,
    ),
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    world = SimulatorConfig(seed=11, articles=200, today=FIRST)
    with figshare(tmp_path_factory.mktemp("service"), world) as running:
        yield running


def totals(
    folder: Path, service: Figshare, *faults: Fault, number: int = 200, **limits: Any
) -> Job:
    """A job of so many totals of views, and a service that has just begun to fail."""
    service.change(faults=list(faults))
    service.forget()
    return Job(
        folder,
        {
            "name": "alike",
            "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
            "entities": {"article": {"ids": service.truth.ids("article")[:number]}},
            "planner": {"skip_unneeded": False},
            "dimensions": [{"endpoint": "total", "counters": ["views"]}],
            "limits": {"requests_per_second": "unlimited", "concurrency": 1, "attempts": 2}
            | limits,
            "output": {"path": str(folder / "output")},
        },
    )


def with_timelines(job: Job) -> Job:
    """Two steps instead of one: timelines are asked when the totals are in."""
    job.spec["planner"] = {"skip_unneeded": True}
    timelines = {
        "endpoint": "timeline",
        "counters": ["views"],
        "granularities": ["month"],
        "period": {"start": "2025-01-01", "end": "yesterday"},
    }
    job.spec["dimensions"].append(timelines)
    job.write(job.spec)
    return job


def everything_fails(fault: Fault, after: int = 0) -> Fault:
    return {**fault, "rate": 1, "after": after}


def true_but(job: Job, service: Figshare, failed: set[int]) -> None:
    """Every row is true, and none is missing but the totals of what failed."""
    wanted = expected.totals(job.spec, service.truth, FIRST)
    same(job.rows("totals", expected.TOTALS), {row for row in wanted if row[3] not in failed})
    if len(job.spec["dimensions"]) > 1:
        wanted = expected.timeline(job.spec, service.truth, FIRST)
        same(job.rows("timeline", expected.TIMELINE), wanted)


def completed(job: Job, service: Figshare) -> None:
    """All is well again: one more call completes the job, and it is the truth."""
    service.change(faults=[])
    assert run_in_no_time(job).exit_code == 0
    true_but(job, service, set())
    assert failures(job) == set()


def paused_after(job: Job, number: int) -> RunResult:
    options = RunOptions(today=FIRST, clock=Weather(), max_requests=number)
    return harvester.run(harvester.load_job(job.path), options)


def distinct(service: Figshare) -> int:
    return len({entry["target"] for entry in service.history()})


NOT_FOUND: Fault = {"name": "status", "status": 404}


@pytest.mark.parametrize(("fault", "words"), ALIKE)
def test_everything_failing_alike_stops_after_fifty_and_fails_nothing(
    tmp_path: Path, service: Figshare, fault: Fault, words: str
) -> None:
    job = totals(tmp_path, service, everything_fails(fault, after=5))

    stopped = run_in_no_time(job)

    assert stopped.exit_code == 3
    assert distinct(service) == 5 + 50
    assert (dict(stopped.states), dict(stopped.failed)) == ({"done": 5}, {})
    assert failures(job) == set()
    said = str(stopped.problem)
    assert "everything fails alike: 50 requests in a row, and none succeeded" in said
    assert words in said
    assert f"{service.url}/total/views/article/" in said

    completed(job, service)


@pytest.mark.parametrize("name", few_of(WAF, "waf_405", "waf_200"))
def test_a_wall_fails_nothing_and_the_run_goes_on_when_it_is_gone(
    tmp_path: Path, service: Figshare, name: str
) -> None:
    """195 of 200 were failed for good, at full pace; through the command line, in real time."""
    wall = everything_fails({"name": name}, after=5)
    job = totals(tmp_path, service, wall, max_pause_minutes=0)

    stopped = run(job, expect=3)

    assert len(service.history()) <= 5 + 3
    assert failures(job) == set()
    assert Counter(job.rows("requests", "state")) == {("done",): 5, ("pending",): 195}
    assert "the wall in front of it wants a c" in stopped.err
    assert call(job, "failures").out == "nothing failed\n"

    service.change(faults=[])
    run(job)
    true_but(job, service, set())


def test_a_challenge_that_escalates_to_a_captcha_is_one_wall(
    tmp_path: Path, service: Figshare
) -> None:
    challenge = {"name": "waf_202", "rate": 1, "after": 5, "until": 6}
    captcha = {"name": "waf_405", "rate": 1, "after": 6}
    job = totals(tmp_path, service, challenge, captcha)

    stopped = run_in_no_time(job)

    assert (stopped.exit_code, dict(stopped.failed)) == (3, {})
    assert [entry["status"] for entry in service.history()[5:]] == [202, 405, 405]
    assert "wants a captcha" in str(stopped.problem)


def test_fewer_than_fifty_that_all_fail_are_failed_as_ever(
    tmp_path: Path, service: Figshare
) -> None:
    job = totals(tmp_path, service, everything_fails(NOT_FOUND), number=49)

    assert run_in_no_time(job).exit_code == 1

    assert len(failures(job)) == 49
    service.change(faults=[])
    assert call(job, "failures", "--retry").code == 0
    assert run_in_no_time(job).exit_code == 0
    true_but(job, service, set())


def test_one_success_in_fifty_keeps_a_run_going(tmp_path: Path, service: Figshare) -> None:
    """Failures between successes are the requests' own: none is lost, none is kept twice."""
    answered = {*range(50, 201, 50)}
    fails = {**NOT_FOUND, "requests": [n for n in range(1, 201) if n not in answered]}
    job = totals(tmp_path, service, fails)

    result = run_in_no_time(job)

    assert result.exit_code == 1
    assert dict(result.states) == {"done": 4, "failed": 196}
    true_but(job, service, {each[1] or 0 for each in failures(job)})


@pytest.mark.parametrize("concurrency", few_of((64, 100), 64))
def test_many_at_once_stop_as_soon_and_lose_no_success(
    tmp_path: Path, service: Figshare, concurrency: int
) -> None:
    """Those under way end in good order: what they bring is kept, what they fail is not."""
    fault = everything_fails(NOT_FOUND, after=30)
    job = totals(tmp_path, service, fault, concurrency=concurrency)

    stopped = run_in_no_time(job)

    assert stopped.exit_code == 3
    assert len(service.history()) <= 30 + 50 + concurrency
    assert dict(stopped.states) == {"done": 30}
    assert len(job.rows("totals", "value")) == 30
    completed(job, service)


def test_a_streak_over_two_steps_is_one_and_takes_back_what_the_first_step_kept(
    tmp_path: Path, service: Figshare
) -> None:
    """30 totals fail and end their step; the 20th timeline that fails is the 50th in a row."""
    job = with_timelines(totals(tmp_path, service, everything_fails(NOT_FOUND), number=30))

    stopped = run_in_no_time(job)

    assert (stopped.exit_code, distinct(service)) == (3, 50)
    assert dict(stopped.states) == {}
    assert failures(job) == set()
    completed(job, service)


def test_pauses_between_do_not_end_a_streak(tmp_path: Path, service: Figshare) -> None:
    """A timer that asks 30 a night would fail 30 a night for good."""
    job = totals(tmp_path, service, everything_fails(NOT_FOUND, after=1))

    nights = [paused_after(job, 31), paused_after(job, 31)]

    assert [each.exit_code for each in nights] == [5, 3]
    assert dict(nights[0].failed) == {"unknown_endpoint": 30}
    assert (dict(nights[1].states), dict(nights[1].failed)) == ({"done": 1}, {})
    assert failures(job) == set()
    assert distinct(service) == 51
    completed(job, service)


def test_what_is_broken_each_for_itself_does_not_stop_a_job_for_ever(
    tmp_path: Path, service: Figshare
) -> None:
    """60 items in a row fail. The next call sees that others are answered still, and goes on."""
    ids = service.truth.ids("article")[:200]
    broken = ids[100:160]
    fault = {**NOT_FOUND, "rate": 1, "path": f"/({'|'.join(map(str, broken))})$"}
    job = totals(tmp_path, service, fault)

    first, second = run_in_no_time(job), run_in_no_time(job)

    assert [each.exit_code for each in (first, second)] == [3, 1]
    assert dict(first.failed) == {}
    assert failures(job) == {("total", one, "unknown_endpoint") for one in broken}
    true_but(job, service, set(broken))
    again = Counter(entry["target"] for entry in service.history())
    assert sum(times == 2 for times in again.values()) == 50 + 1, "and one that was answered before"


def test_everything_still_failing_alike_stops_the_next_call_as_well(
    tmp_path: Path, service: Figshare
) -> None:
    job = totals(tmp_path, service, everything_fails(NOT_FOUND, after=5))
    calls = [run_in_no_time(job) for _ in range(3)]

    assert [each.exit_code for each in calls] == [3, 3, 3]
    assert dict(calls[-1].states) == {"done": 5}
    assert distinct(service) == 55


def test_a_kill_among_failures_asks_them_again(tmp_path: Path, service: Figshare) -> None:
    """None of them is in the ledger: nothing had confirmed that they are failures."""
    hang = {"name": "hang", "rate": 1, "after": 40}
    job = totals(tmp_path, service, hang, everything_fails(NOT_FOUND, after=10))
    running = job.start("run", "job.yaml", "--today", TODAY)
    while len(service.history()) < 41:
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=20)

    status = call(job, "status").out
    assert "10 of 200 requests: 10 with numbers, 0 answered with nothing, 0 failed" in status
    completed(job, service)


def test_a_gateway_that_refuses_all_is_named_and_no_credentials_are(
    tmp_path: Path, service: Figshare
) -> None:
    job = totals(tmp_path, service, everything_fails({"name": "gateway_403"}))

    stopped = run(job, expect=3)

    assert "a gateway or firewall in front of it says Forbidden (status 403)" in stopped.err
    assert "credential" not in stopped.err
    assert failures(job) == set()
    assert len(service.history()) == 1


def test_items_that_are_not_public_are_answers_however_many(
    tmp_path: Path, service: Figshare
) -> None:
    """A 404 of an item's metadata says that it is not public: it is no failure."""
    gone = {**NOT_FOUND, "rate": 1, "path": "^/v2/articles/[0-9]+$"}
    job = totals(tmp_path, service, gone, number=60)
    job.spec["entities"]["article"]["metadata"] = True
    job.write(job.spec)

    result = run_in_no_time(job)

    assert (result.exit_code, dict(result.failed)) == (0, {})
    true_but(job, service, set())


def test_status_repeats_why_the_last_call_stopped_until_one_goes_on_well(
    tmp_path: Path, service: Figshare
) -> None:
    job = totals(tmp_path, service, everything_fails(NOT_FOUND, after=5))
    run(job, expect=3)
    stopped = call(job, "status").out

    assert "the last call ended 20" in stopped
    assert "with exit code 3: everything fails alike: 50 requests in a row" in stopped
    assert "  fix: see what that address answers" in stopped

    service.change(faults=[])
    paused = run(job, "--max-requests", "10", expect=5)
    assert "paused: the number of --max-requests is sent" in paused.err
    told = call(job, "status").out
    assert "with exit code 5: paused: the number of --max-requests is sent" in told
    assert "everything fails" not in told

    run(job)
    assert "the last call" not in call(job, "status").out


def test_status_forgets_a_stop_once_a_later_call_had_an_answer(
    tmp_path: Path, service: Figshare
) -> None:
    """That call was killed, and is the last one: the words of the one before are not its own."""
    job = totals(tmp_path, service, everything_fails(NOT_FOUND, after=5))
    run(job, expect=3)
    service.change(faults=[{"name": "hang", "rate": 1, "after": 10}])
    running = job.start("run", "job.yaml", "--today", TODAY)
    before = len(service.history())
    while len(service.history()) < before + 11:
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=20)

    assert "call" not in call(job, "status").out
