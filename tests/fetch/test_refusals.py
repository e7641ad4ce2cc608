"""A host that blocks or refuses: is it us, our credentials, or this one request?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harvester.errors import ServiceError
from harvester.model.request import Request
from harvester.model.secret import Secret
from tests.fetch.support_fetch import (
    FINE,
    FakeClock,
    Harvest,
    Said,
    http,
    serving,
    timelines,
    totals,
)

BUSY = http(503, {})
WALL = http(200, "<html>Are you a robot?</html>", kind="text/html")
FORBIDDEN = http(403, {"data": None, "code": "Forbidden", "message": "Unauthorized request"})
GATEWAY = http(403, {"message": "Forbidden"})
CAPTCHA = http(405, b"", "X-Amzn-Waf-Action: captcha")
LINE = http(200, {"timeline": {}})
TIME = r"\d\d:\d\d \S+"


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


async def test_a_refusal_before_any_success_stops_the_run_for_its_credentials() -> None:
    async with serving(FORBIDDEN) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError) as caught:
            await harvest.run(service.url, timelines(1, 9), credentials_hint="env FIGSHARE_STATS")

    assert len(service.paths) == 1
    assert "refuses the credentials" in caught.value.what
    assert "env FIGSHARE_STATS" in caught.value.fix
    assert harvest.failures == []


async def test_a_request_that_alone_is_refused_fails_alone() -> None:
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


async def test_a_gateway_that_refuses_who_sends_no_credentials_is_not_about_credentials() -> None:
    async with serving(GATEWAY) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError, match="a gateway or firewall") as caught:
            await harvest.run(service.url, totals(1, 9))

    assert len(service.paths) == 1
    assert "credential" not in str(caught.value)
    assert harvest.failures == []


async def test_a_gateway_that_refuses_one_request_fails_it_alone() -> None:
    def script(path: str, _seen: int) -> Said:
        return GATEWAY if path.endswith("/5") else FINE

    async with serving(script) as service:
        harvest = await Harvest().run(service.url, totals(1, 9))

    assert harvest.reasons == ["forbidden"]
    assert len(harvest.replies) == 8


async def test_a_gateway_that_begins_to_refuse_everything_stops_after_one_probe() -> None:
    def script(_path: str, _seen: int) -> Said:
        return FINE if len(service.paths) <= 5 else GATEWAY

    async with serving(script) as service:
        harvest = Harvest()
        with pytest.raises(ServiceError, match="a gateway or firewall") as caught:
            await harvest.run(service.url, totals(1, 50))

    assert (len(harvest.replies), len(service.paths), harvest.failures) == (5, 7, [])
    assert "credential" not in str(caught.value)


async def test_a_gateway_that_refuses_credentials_is_about_them() -> None:
    async with serving(GATEWAY) as service:
        with pytest.raises(ServiceError, match="refuses the credentials"):
            await Harvest().run(
                service.url, totals(1, 9), authorization=Secret("Basic Zm9vOmJhcg==")
            )


async def test_a_captcha_in_mid_run_stops_it_and_fails_nothing() -> None:
    """The header is judged, whatever the status: neither page nor body comes with it."""
    clock = FakeClock()

    def script(_path: str, _seen: int) -> Said:
        return FINE if len(service.paths) <= 5 else CAPTCHA

    async with serving(script, clock=clock) as service:
        harvest = Harvest(clock)
        with pytest.raises(ServiceError, match="wants a captcha"):
            await harvest.run(service.url, totals(1, 200), attempts=1)

    assert (len(harvest.replies), harvest.failures) == (5, [])
    assert [each - 1000 for each in service.times] == [0, 0, 0, 0, 0, 0, 60, 180]
