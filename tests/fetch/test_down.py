"""A host that is down, and one that merely cannot answer some requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harvester.errors import ServiceError
from harvester.model.request import Request
from tests.fetch.support_fetch import (
    FINE,
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
