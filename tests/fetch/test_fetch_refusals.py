"""A host that throttles, blocks, refuses or is down; and one that merely stumbles."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from fetching import (
    FINE,
    NOON,
    FakeClock,
    Harvest,
    Said,
    http,
    serving,
    timelines,
    totals,
)

from harvester.errors import ServiceError
from harvester.fetch.condition import Condition, Permit
from harvester.fetch.governor import Governor, Pause
from harvester.fetch.pace import Ceiling, Pace
from harvester.fetch.secret import Secret, basic_authorization
from harvester.fetch.settings import Manners
from harvester.fetch.tally import Tally
from harvester.fetch.words import Refusal, clock_time
from harvester.model.request import Request

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


async def test_a_request_that_alone_is_throttled_for_ever_is_given_up() -> None:
    def script(path: str, _seen: int) -> Said:
        return http(429, {}) if path.endswith("/1") else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, totals(1, 1000), concurrency=2)

    assert harvest.reasons == ["rate_limited"]
    assert len(harvest.replies) == 999


async def test_a_wall_is_probed_once_per_cool_down_and_then_stops_the_run() -> None:
    clock = FakeClock()

    def script(path: str, _seen: int) -> Said:
        return FINE if path.endswith("/1") and len(service.paths) == 1 else WALL

    async with serving(script, clock=clock) as service:
        harvest = Harvest(clock)
        with pytest.raises(ServiceError, match="Figshare blocks us") as caught:
            await harvest.run(service.url, totals(1, 50))

    assert caught.value.exit_code == 3
    assert len(harvest.replies) == 1
    assert [each - 1000 for each in service.times] == [0, 0, 60, 180]


async def test_a_wall_that_falls_costs_no_attempt() -> None:
    def script(_path: str, seen: int) -> Said:
        return [WALL, http(202, b"", kind="text/html"), FINE][min(seen, 2)]

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, totals(1, 1), attempts=1)

    assert len(harvest.replies) == 1


async def test_30_minutes_of_503_end_complete_and_burn_no_attempts() -> None:
    clock = FakeClock()

    def script(_path: str, _seen: int) -> Said:
        return BUSY if 1000 < clock.seconds < 2800 else FINE

    async with serving(script, clock=clock) as service:
        harvest = Harvest(clock)

        def plan() -> Iterator[Request]:
            for request in totals(1, 100):
                if request.entity_id == 20:
                    clock.seconds += 1  # the half-hour begins
                yield request

        await harvest.run(service.url, plan(), concurrency=4, max_pause_seconds=3600)

    assert len(harvest.replies) == 100
    assert harvest.failures == []
    down = [each for each in service.times if 1000 < each < 2800]
    assert len(down) < 25, "few probes, not thousands of retries"


async def test_a_host_that_stays_down_stops_the_run_with_every_request_given_back() -> None:
    async with serving(BUSY) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError, match="Figshare is not answering") as caught:
            await harvest.run(service.url, totals(1, 50), concurrency=4)

    assert caught.value.exit_code == 3
    assert "15 min" in str(caught.value)
    assert harvest.failures == []
    assert 900 < harvest.clock.seconds - 1000 < 1000


async def test_probes_are_no_attempts_where_nothing_has_ever_succeeded() -> None:
    """Down from the start, one worker: the one request is probe after probe, and is answered."""
    clock = FakeClock()

    def script(_path: str, _seen: int) -> Said:
        return BUSY if clock.seconds < 2800 else FINE

    async with serving(script) as service:
        harvest = Harvest(clock)
        await harvest.run(service.url, totals(1, 2), attempts=3, max_pause_seconds=3600)

    assert len(harvest.replies) == 2
    assert harvest.failures == []


async def test_a_gate_that_closes_while_the_pace_is_awaited_is_kept() -> None:
    clock, host = FakeClock(), Condition(5, 900.0)

    class Closing(Pace):
        async def take(self, now: float) -> None:
            if now == 1000.0:
                host.asked_to_pause(now, 1, 1, 30.0)

    pace = Closing(Ceiling(1.0, Manners()))
    governor = Governor(host, pace, Refusal("host", 900.0), clock, Tally(), print)

    assert await governor.admit() is Permit.GO
    assert clock.seconds == 1030.0


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_requests_the_host_cannot_answer_do_not_pass_for_its_death(
    concurrency: int,
) -> None:
    """A stretch of broken items, longer than there are workers: failed, and the run goes on."""

    def script(path: str, _seen: int) -> Said:
        return http(500, {}) if 20 <= int(path.rpartition("/")[2]) < 40 else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(
            service.url, totals(1, 60), concurrency=concurrency, max_pause_seconds=900
        )

    assert harvest.reasons == ["server_error"] * 20
    assert {each.attempts for each in harvest.failures} == {6}
    assert len(harvest.replies) == 40


async def test_refused_before_anything_succeeded_is_about_the_credentials() -> None:
    async with serving(FORBIDDEN) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError) as caught:
            await harvest.run(service.url, timelines(1, 9), credentials_hint="env FIGSHARE_STATS")

    assert len(service.paths) == 1
    assert "refuses the credentials" in caught.value.what
    assert "env FIGSHARE_STATS" in caught.value.fix
    assert harvest.failures == []


async def test_refused_alone_fails_alone() -> None:
    def script(path: str, _seen: int) -> Said:
        return FORBIDDEN if "article/5?" in path else LINE

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, timelines(1, 9), attempts=1)

    assert harvest.reasons == ["forbidden"]
    assert len(harvest.replies) == 8
    assert [sum(f"article/{n}?" in each for each in service.paths) for n in (4, 5)] == [2, 1]


async def test_credentials_that_expire_stop_the_run_after_one_probe() -> None:
    def script(_path: str, _seen: int) -> Said:
        return LINE if len(service.paths) <= 5 else FORBIDDEN

    async with serving(script) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError, match="refuses the credentials"):
            await harvest.run(service.url, timelines(1, 50), concurrency=1)

    assert len(harvest.replies) == 5
    assert len(service.paths) == 7
    assert "article/5?" in service.paths[6]


async def test_a_public_success_proves_nothing_about_credentials() -> None:
    def script(path: str, _seen: int) -> Said:
        return FINE if path.startswith("/total") else FORBIDDEN

    async with serving(script) as service:
        harvest = Harvest()

        def plan() -> Iterator[Request]:
            yield from totals(1, 3)
            yield from timelines(1, 3)

        with pytest.raises(ServiceError, match="refuses the credentials"):
            await harvest.run(service.url, plan())

    assert len(harvest.replies) == 3
    assert len(service.paths) == 4


CANARY = "kanarie:vögel-\"'%&/é"
FORMS = [
    CANARY,
    "vögel",
    base64.b64encode(CANARY.encode()).decode(),
    quote(CANARY, safe=""),
]


@pytest.mark.parametrize(
    "said",
    [
        FORBIDDEN,
        http(429, {}, "Retry-After: 99999"),
        BUSY,
        WALL,
        http(200, b"{}", "X-Long: " + "x" * 100_000),
        Said(b"", "reset"),
        http(302, b"", "Location: http://x.invalid/"),
    ],
)
async def test_no_error_and_no_outcome_shows_a_credential(
    said: Said, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    harvest = Harvest()
    shown: list[str] = []
    async with serving(said) as service:
        try:
            await harvest.run(
                service.url, totals(1, 2), authorization=basic_authorization(CANARY + "\n")
            )
        except ServiceError as error:
            shown += [repr(error), str(error), repr(error.__cause__), repr(error.__context__)]

    assert FORMS[2] in service.heads[0], "the credential was sent, without its newline"
    shown += [repr(harvest.failures), repr(harvest.host), caplog.text]
    for text in shown:
        assert not any(form in text for form in FORMS)


def test_a_secret_shows_only_when_asked() -> None:
    secret = Secret("hush")

    assert (repr(secret), str(secret), f"{secret}", secret.reveal()) == ("***",) * 3 + ("hush",)
    with pytest.raises(TypeError, match="never pickled"):
        secret.__reduce__()
    for wrong in ("no-colon", ":hush", ""):
        with pytest.raises(ValueError, match="username:password") as caught:
            basic_authorization(wrong)
        assert "hush" not in str(caught.value)


async def test_the_state_in_words() -> None:
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


def test_a_time_of_another_day_says_which() -> None:
    assert re.fullmatch(TIME, clock_time(NOON + timedelta(minutes=1), NOON))
    assert re.fullmatch(rf"2026-11-25 {TIME}", clock_time(NOON + timedelta(days=2), NOON))
    rounded_up = clock_time(NOON + timedelta(seconds=1), NOON)
    assert rounded_up == clock_time(NOON + timedelta(minutes=1), NOON)
