"""The pool: lazy drawing, retries, the limit of sends, errors of those it hands to."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest

from harvester.errors import HarvestError, OutputError
from harvester.fetch.host import open_host
from harvester.fetch.pool import fetch
from harvester.fetch.stop import Stop
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request
from harvester.model.terms import Endpoint
from tests.fetch.support_fetch import (
    FINE,
    FakeClock,
    Harvest,
    Said,
    http,
    judge,
    serving,
    settings,
    totals,
)

BUSY = http(500, {})
FULL = OutputError("no space left", where="output", fix="make room")


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
async def test_a_reply_that_no_retry_can_mend_fails_at_once(
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
    def judging(_request: Request, _body: bytes) -> ReplySummary:
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
