"""The pool: lazy drawing, stopping, the limit of sends, errors of those it hands to."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest
from fetching import FINE, FakeClock, Harvest, Said, http, judge, serving, totals

from harvester.clock import SystemClock
from harvester.errors import HarvestError, OutputError
from harvester.fetch.host import open_host
from harvester.fetch.pool import fetch
from harvester.fetch.settings import FetchSettings
from harvester.fetch.stop import Stop
from harvester.model.reply import Failure, Reply
from harvester.model.request import Request
from harvester.model.terms import Endpoint

BUSY = http(500, {})
FULL = OutputError("no space left", where="output", fix="make room")


def settings(url: str, concurrency: int = 4) -> FetchSettings:
    return FetchSettings(url, "tests", requests_per_second=None, concurrency=concurrency)


async def test_every_request_gets_one_outcome() -> None:
    async with serving(FINE) as service:
        harvest = await Harvest().run(service.url, totals(1, 200), concurrency=7)

    assert sorted(each.request.entity_id or 0 for each in harvest.replies) == list(range(1, 201))
    assert harvest.failures == []
    reply = harvest.replies[0]
    assert (reply.http_status, reply.attempts, reply.rows) == (200, 1, 1)
    assert (reply.content_type, reply.body) == ("application/json", b'{"totals": 7}')
    assert not harvest.stop.is_set


async def test_requests_are_drawn_in_order_and_only_as_workers_come_free() -> None:
    """Each worker waits for `keep` before it draws again."""
    drawn: list[int] = []
    kept = 0
    gate = anyio.Event()

    def plan() -> Iterator[Request]:
        for request in totals(1, 40):
            drawn.append(request.entity_id or 0)
            yield request

    async def keep(_outcome: Reply | Failure) -> None:
        nonlocal kept
        if len(drawn) == 4:
            gate.set()
        await gate.wait()
        assert len(drawn) - kept <= 4
        kept += 1

    with anyio.fail_after(10):
        async with (
            serving(FINE) as service,
            open_host(settings(service.url), FakeClock(), remember_pause=print) as host,
        ):
            await fetch(plan(), host, judge=judge, keep=keep, stop=Stop())

    assert drawn == list(range(1, 41))
    assert kept == 40


async def test_a_retried_request_counts_its_attempts() -> None:
    def script(_path: str, seen: int) -> Said:
        return BUSY if seen < 3 else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, totals(1, 1))

    assert [each.attempts for each in harvest.replies] == [4]
    assert harvest.clock.slept == [0.5, 1.0, 2.0]  # the dice are 0.5


async def test_after_the_last_attempt_the_failure_keeps_what_came() -> None:
    async with serving(http(200, {"totals": -1, "code": 1})) as healthy:
        assert (await Harvest().run(healthy.url, totals(1, 1))).replies

    async with serving(http(200, '{"totals":')) as service:
        harvest = await Harvest().run(service.url, totals(1, 2), attempts=3)

    assert len(service.paths) == 6
    failure = harvest.failures[0]
    assert (failure.reason, failure.sentence) == ("shape", "the body is not JSON")
    assert (failure.http_status, failure.attempts, failure.body) == (200, 3, b'{"totals":')


@pytest.mark.parametrize(
    ("said", "reason", "status"),
    [
        (http(400, {"code": "InvalidParams", "message": "no"}), "bad_request", 400),
        (http(404, {"code": "NotFound", "message": "no"}), "unknown_endpoint", 404),
        (http(302, b"", "Location: https://u:pw@evil.example/"), "redirect", 302),
        (http(200, b" " * 2000), "oversize", 200),
    ],
)
async def test_what_no_retry_can_mend_is_failed_at_once(
    said: Said, reason: str, status: int
) -> None:
    async with serving(said) as service:
        harvest = await Harvest().run(service.url, totals(1, 1), max_body_bytes=1000)

    assert len(service.paths) == 1
    assert [(each.reason, each.http_status) for each in harvest.failures] == [(reason, status)]


@pytest.mark.parametrize("concurrency", [1, 3, 16])
@pytest.mark.parametrize("limit", [0, 1, 5, 10])
async def test_the_limit_of_sends_is_exact(limit: int, concurrency: int) -> None:
    """Retries count; those under way are waited for; who is out of sends gives back."""

    def script(path: str, seen: int) -> Said:
        return BUSY if path.endswith("2") and seen == 0 else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(
            service.url, totals(1, 30), max_requests=limit, concurrency=concurrency
        )

    assert len(service.paths) == limit
    assert harvest.stop.why == "max_requests"
    assert harvest.host is not None
    assert harvest.host.tally.sent == limit
    # The second article answers only when it is asked again.
    wasted = min(1, service.paths.count("/total/views/article/2"))
    assert len(harvest.replies) == limit - wasted
    assert harvest.failures == []


async def test_a_limit_that_suffices_is_no_stop() -> None:
    async with serving(FINE) as service:
        harvest = await Harvest().run(service.url, totals(1, 5), max_requests=5)

    assert len(harvest.replies) == 5
    assert not harvest.stop.is_set


async def test_the_tally_tells_what_was_sent_and_what_came() -> None:
    def script(path: str, seen: int) -> Said:
        if path.endswith("/3"):
            return http(404, {})
        return BUSY if path.endswith("/2") and seen == 0 else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, totals(1, 4))

    assert harvest.host is not None
    tally = harvest.host.tally
    assert (tally.sent, tally.first_attempts, tally.retries, tally.probes) == (5, 4, 1, 0)
    assert (tally.answered, tally.failed) == ({Endpoint.TOTAL: 3}, {"unknown_endpoint": 1})
    assert tally.received_bytes == 3 * len(b'{"totals": 7}')
    assert harvest.host.state == "running"


async def test_a_stop_before_the_start_sends_nothing() -> None:
    harvest = Harvest()
    harvest.stop.set("SIGINT")
    drawn = totals(1, 5)
    async with serving(FINE) as service:
        await harvest.run(service.url, drawn)

    assert service.paths == []
    assert next(drawn).entity_id == 1


async def test_who_backs_off_when_the_run_stops_gives_its_request_back() -> None:
    """A backoff of any length must not hold a stop up: this clock never gets there."""
    harvest = Harvest()
    harvest.clock.held = anyio.Event()

    def script(_path: str, _seen: int) -> Said:
        return BUSY

    async with serving(script) as service, anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_when_all_sleep, harvest, 3)
        await harvest.run(service.url, totals(1, 50), concurrency=3)

    assert len(service.paths) == 3
    assert harvest.replies == []
    assert harvest.failures == []


async def _stop_when_all_sleep(harvest: Harvest, sleepers: int) -> None:
    while len(harvest.clock.slept) < sleepers:
        await anyio.lowlevel.checkpoint()
    harvest.stop.set("SIGTERM")


async def test_who_waits_for_the_pace_when_the_run_stops_gives_its_request_back() -> None:
    harvest = Harvest()

    async def keep_and_stop(outcome: Reply | Failure) -> None:
        await harvest.keep(outcome)
        harvest.stop.set("SIGTERM")

    with anyio.fail_after(5):
        async with serving(FINE) as service:
            chosen = FetchSettings(service.url, "tests", requests_per_second=0.001, concurrency=4)
            async with open_host(chosen, SystemClock(), remember_pause=print) as host:
                await fetch(totals(1, 9), host, judge=judge, keep=keep_and_stop, stop=harvest.stop)

    assert len(service.paths) == len(harvest.replies) == 1


async def test_what_is_under_way_gets_the_grace_and_is_kept() -> None:
    """One answer comes within the grace, one never does; both were sent before the stop."""
    harvest = Harvest()
    harvest.clock.held = anyio.Event()

    def script(path: str, _seen: int) -> Said:
        if path.endswith("/3"):
            harvest.stop.set("SIGINT")
        return Said(b"", "hang") if path.endswith("/1") else FINE

    async def keep(outcome: Reply | Failure) -> None:
        await harvest.keep(outcome)
        if harvest.stop.is_set and harvest.clock.held:
            while not harvest.clock.slept:
                await anyio.lowlevel.checkpoint()
            harvest.clock.held.set()  # the grace is over

    with anyio.fail_after(5):
        async with (
            serving(script) as service,
            open_host(settings(service.url, 3), harvest.clock, remember_pause=print) as host,
        ):
            await fetch(totals(1, 50), host, judge=judge, keep=keep, stop=harvest.stop)

    assert "/total/views/article/3" in service.paths
    assert 3 in [each.request.entity_id for each in harvest.replies]
    assert harvest.clock.slept == [4.0]
    assert harvest.failures == []


async def test_what_fails_within_the_grace_is_not_tried_again() -> None:
    harvest = Harvest()
    harvest.clock.held = anyio.Event()

    def script(_path: str, _seen: int) -> Said:
        harvest.stop.set("SIGINT")
        return BUSY

    async with serving(script) as service:
        await harvest.run(service.url, totals(1, 9))

    assert len(service.paths) == 1
    assert harvest.failures == []
    assert set(harvest.clock.slept) <= {4.0}


async def test_who_keeps_is_never_cut_off() -> None:
    harvest = Harvest()

    async def keep(outcome: Reply | Failure) -> None:
        harvest.stop.set("SIGINT")
        for _ in range(50):  # the fake grace is long over by then
            await anyio.lowlevel.checkpoint()
        await harvest.keep(outcome)

    async with (
        serving(FINE) as service,
        open_host(settings(service.url), harvest.clock, remember_pause=print) as host,
    ):
        await fetch(totals(1, 50), host, judge=judge, keep=keep, stop=harvest.stop)

    assert len(harvest.replies) >= 1
    assert harvest.clock.slept == [4.0]


async def test_an_error_of_keep_ends_all_and_arrives_as_it_is() -> None:
    async def keep(_outcome: Reply | Failure) -> None:
        raise FULL

    with anyio.fail_after(5), pytest.raises(OutputError) as caught:
        async with (
            serving(FINE) as service,
            open_host(settings(service.url), FakeClock(), remember_pause=print) as host,
        ):
            await fetch(totals(1, 10_000), host, judge=judge, keep=keep, stop=Stop())

    assert caught.value is FULL
    assert len(service.paths) < 20


@pytest.mark.parametrize("error", [FULL, ZeroDivisionError("a mistake of ours")])
async def test_an_error_of_judge_or_of_the_plan_arrives_as_it_is(error: Exception) -> None:
    def judging(_request: Request, _body: bytes) -> int:
        raise error

    def plan() -> Iterator[Request]:
        yield from totals(1, 3)
        raise error

    async with (
        serving(FINE) as service,
        open_host(settings(service.url), FakeClock(), remember_pause=print) as host,
    ):
        for judged, requests in ((judging, totals(1, 9)), (judge, plan())):
            with anyio.fail_after(5), pytest.raises(type(error)) as caught:
                await fetch(requests, host, judge=judged, keep=Harvest().keep, stop=Stop())
            assert caught.value is error
            assert not isinstance(caught.value, HarvestError) or caught.value is FULL


async def test_a_more_urgent_stop_counts() -> None:
    stop = Stop()
    stop.set("until", lets_finish=True)
    stop.set("max_requests", lets_finish=True)
    assert (stop.why, stop.lets_finish) == ("until", True)
    stop.set("SIGINT")
    stop.set("SIGTERM")

    assert (stop.why, stop.lets_finish) == ("SIGINT", False)
    with anyio.fail_after(1):
        await stop.wait()
        await stop.wait_hurried()
