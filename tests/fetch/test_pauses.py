"""Pauses that the host asks for: obeyed by all, free of attempts, remembered."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from harvester.errors import ServiceError
from harvester.fetch.circuit import HostCircuit, Permit
from harvester.fetch.fetch_settings import PolitenessPolicy
from harvester.fetch.governor import Governor, Pause
from harvester.fetch.rate_limiter import AdaptiveRate, RateLimiter
from harvester.fetch.service_errors import ServiceErrors
from harvester.fetch.tally import Tally
from harvester.model.host_status import clock_time
from tests.fetch.support_fetch import (
    FINE,
    NOON,
    FakeClock,
    Harvest,
    Said,
    http,
    serving,
    totals,
)

BUSY = http(503, {})
WALL = http(200, "<html>Are you a robot?</html>", kind="text/html")
FORBIDDEN = http(403, {"data": None, "code": "Forbidden", "message": "Unauthorized request"})
LINE = http(200, {"timeline": {}})
TIME = r"\d\d:\d\d \S+"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 120", 120),
        ("Retry-After: Mon, 23 Nov 2026 09:02:00 GMT\r\nDate: Mon, 23 Nov 2026 09:00:00 GMT", 120),
        ("Retry-After: garbage", 60),
        ("Retry-After: -1", 60),
        ("X-None: 1", 60),
    ],
)
async def test_429_silences_the_whole_host_and_costs_no_attempt(
    header: str, seconds: float
) -> None:
    clock = FakeClock()

    def script(path: str, seen: int) -> Said:
        return http(429, {}, header) if path.endswith("/5") and seen == 0 else FINE

    async with serving(script, clock=clock) as service:
        harvest = await Harvest(clock).run(service.url, totals(1, 20), attempts=1)

    assert len(harvest.replies) == 20
    at = service.paths.index("/total/views/article/5")
    assert service.times[at + 1] - service.times[at] == seconds
    assert harvest.pauses == [
        Pause(NOON + timedelta(seconds=seconds), float(seconds)),
        None,
    ]
    assert harvest.host is not None
    assert (harvest.host.tally.limited, harvest.host.tally.pauses) == (1, 1)
    assert harvest.host.tally.paused_seconds == seconds


async def test_503_with_retry_after_is_a_pause_too() -> None:
    def script(_path: str, seen: int) -> Said:
        return http(503, {}, "Retry-After: 9") if seen < 3 else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, totals(1, 1), attempts=1)

    assert harvest.clock.slept == [9, 9, 9]


async def test_a_pause_longer_than_allowed_stops_with_its_end_and_so_does_a_rerun() -> None:
    async with serving(http(429, {}, "Retry-After: 3600")) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError) as first:
            await harvest.run(service.url, totals(1, 9))
        (pause,) = harvest.pauses
        again = Harvest(pause=pause)
        again.clock.seconds += 3000
        with pytest.raises(ServiceError) as second:
            await again.run(service.url, totals(1, 9))

    assert first.value.exit_code == 3
    assert re.search(f"Figshare asks us to wait until {TIME}, longer than", str(first.value))
    assert str(second.value) == str(first.value)
    assert len(service.paths) == 1


async def test_a_rerun_waits_for_what_is_left_of_a_pause_it_may_keep() -> None:
    async with serving(FINE) as service:
        harvest = Harvest(pause=Pause(NOON + timedelta(seconds=100), 600.0))
        await harvest.run(service.url, totals(1, 3))
        over = Harvest(pause=Pause(NOON - timedelta(seconds=1), 36_000.0))
        await over.run(service.url, totals(1, 3))

    assert harvest.clock.slept == [100]
    assert harvest.pauses == [None]
    assert over.clock.slept == []


@pytest.mark.parametrize("header", ["604801", "1700000000", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_a_retry_after_beyond_a_week_stops_even_where_a_week_is_allowed(header: str) -> None:
    async with serving(http(429, {}, f"Retry-After: {header}")) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError, match="to wait more than a week, at least until"):
            await harvest.run(service.url, totals(1, 9), max_pause_seconds=604_800.0)

    assert len(service.paths) == 1
    (pause,) = harvest.pauses
    assert pause is not None
    # A mistake of the service keeps nobody out for years.
    assert pause.until <= NOON + timedelta(days=7, minutes=1)


async def test_a_pause_remembered_before_the_clock_was_set_back_lasts_as_long_as_was_asked() -> (
    None
):
    """The clock ran a year ahead when the pause was asked for; it was set right since."""
    async with serving(FINE) as service:
        harvest = Harvest(pause=Pause(NOON + timedelta(days=365), 600.0))
        await harvest.run(service.url, totals(1, 3))
        stopped = Harvest(pause=Pause(NOON + timedelta(days=365), 3600.0))
        with pytest.raises(ServiceError):
            await stopped.run(service.url, totals(1, 3))

    assert harvest.clock.slept == [600]
    assert harvest.pauses == [Pause(NOON + timedelta(seconds=600), 600.0), None]
    # Kept with its new end: else each call would begin the hour anew.
    assert stopped.pauses == [Pause(NOON + timedelta(seconds=3600), 3600.0)]


async def test_a_request_that_alone_is_throttled_for_ever_is_given_up() -> None:
    def script(path: str, _seen: int) -> Said:
        return http(429, {}) if path.endswith("/1") else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, totals(1, 1000), concurrency=2)

    assert harvest.reasons == ["rate_limited"]
    assert len(harvest.replies) == 999


async def test_a_gate_that_closes_while_the_pace_is_awaited_is_kept() -> None:
    clock, host = FakeClock(), HostCircuit(5, 900.0)

    class Closing(RateLimiter):
        async def take(self, now: float) -> None:
            if now == 1000.0:
                host.asked_to_pause(now, 1, 1, 30.0)

    pace = Closing(AdaptiveRate(1.0, PolitenessPolicy()))
    governor = Governor(host, pace, ServiceErrors("host", 900.0), clock, Tally(), print)

    assert await governor.admit() is Permit.GO
    assert clock.seconds == 1030.0


async def test_the_hosts_state_is_told_in_words_while_it_is_unwell() -> None:
    """What the display shows while the host is unwell."""
    seen: set[str] = set()
    harvest = Harvest()

    class Watching(FakeClock):
        async def sleep(self, seconds: float) -> None:
            if harvest.host:
                seen.add(re.sub(TIME, "TIME", harvest.host.state))
            await super().sleep(seconds)

    def script(path: str, seen: int) -> Said:
        if path.endswith("/2") and seen == 0:
            return http(429, {}, "Retry-After: 30")
        if path.endswith("/3") and seen == 0:
            return http(429, {})
        if path.endswith("/4") and seen == 0:
            return WALL
        return BUSY if path.endswith("/5") and seen < 5 else FINE

    harvest.clock = Watching()
    async with serving(script) as service:
        await harvest.run(service.url, totals(1, 9))

    assert seen == {
        "Figshare asks us to wait until TIME",
        "Figshare asks us to slow down, waiting until TIME",
        "Figshare answers with a block page, next try TIME",
        "Figshare is not answering, next try TIME",
        "running",
    }


def test_a_pause_that_ends_another_day_names_the_day() -> None:
    assert re.fullmatch(TIME, clock_time(NOON + timedelta(minutes=1), NOON))
    assert re.fullmatch(rf"2026-11-25 {TIME}", clock_time(NOON + timedelta(days=2), NOON))
    rounded_up = clock_time(NOON + timedelta(seconds=1), NOON)
    assert rounded_up == clock_time(NOON + timedelta(minutes=1), NOON)
