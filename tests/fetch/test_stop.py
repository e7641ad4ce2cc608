"""Stopping: nothing more is sent, what is under way is kept if it makes it."""

from __future__ import annotations

import anyio
import anyio.lowlevel

from harvester.clock import SystemClock
from harvester.errors import OutputError
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.host import open_host
from harvester.fetch.pool import fetch
from harvester.fetch.stop import Stop
from harvester.model.reply import Failure, Reply
from tests.fetch.support_fetch import FINE, Harvest, Said, http, judge, serving, settings, totals

BUSY = http(500, {})
FULL = OutputError("no space left", where="output", fix="make room")


async def test_a_stop_before_the_start_sends_nothing() -> None:
    harvest = Harvest()
    harvest.stop.set("SIGINT")
    drawn = totals(1, 5)
    async with serving(FINE) as service:
        await harvest.run(service.url, drawn)

    assert service.paths == []
    assert next(drawn).entity_id == 1


async def test_a_worker_backing_off_when_the_run_stops_gives_its_request_back() -> None:
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


async def test_a_worker_waiting_for_the_pace_when_the_run_stops_gives_its_request_back() -> None:
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


async def test_a_request_under_way_when_the_run_stops_gets_the_grace_and_is_kept() -> None:
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


async def test_a_request_that_fails_within_the_grace_is_not_tried_again() -> None:
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


async def test_a_reply_being_kept_is_not_cut_off_when_the_grace_is_over() -> None:
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


async def test_a_more_urgent_stop_replaces_a_milder_one() -> None:
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
