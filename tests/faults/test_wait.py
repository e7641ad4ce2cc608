"""Long waits, with time in the hand: an hour of Retry-After, half an hour of 503, walls.

The sockets are real, the hours are not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import harvester
from harvester.harvest.result import RunResult
from harvester.job.options import RunOptions
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.server import Simulator, serving
from tests.faults.support_clock import Weather
from tests.faults.support_faults import WALLS, Fault, failures, small_world, spec_of, whole
from tests.support.command_line import Job
from tests.support.everything import FIRST
from tests.support.thorough import few_of

pytestmark = pytest.mark.anyio


@dataclass
class Stage:
    """A job, its service, and the clock of the one who runs it."""

    simulator: Simulator
    job: Job

    def suffers(self, *faults: Fault) -> None:
        config = self.simulator.config
        self.simulator.reconfigure(config.patched({"faults": list(faults)}))

    def limits(self, **limits: Any) -> None:
        self.job.spec["limits"] |= limits
        self.job.write(self.job.spec)

    @property
    def sent(self) -> int:
        return len(self.simulator.history)

    async def run(self, clock: Weather) -> RunResult:
        options = RunOptions(today=FIRST, clock=clock)
        return await harvester.run_async(harvester.load_job(self.job.path), options)

    def whole(self) -> None:
        whole(self.job, self.simulator.truth)


@asynccontextmanager
async def stage(folder: Path, *faults: Fault, **limits: Any) -> AsyncIterator[Stage]:
    config: SimulatorConfig = small_world().patched({"faults": list(faults)})
    async with serving(config) as simulator:
        job = Job(folder, spec_of(folder, simulator.url, simulator.truth))
        found = Stage(simulator, job)
        found.limits(concurrency=1, **limits)
        yield found


def limited(retry_after: str | None, *, status: int = 429, at: int = 10) -> Fault:
    return {"name": "status", "status": status, "retry_after": retry_after, "requests": [at]}


@pytest.mark.parametrize(
    ("retry_after", "status", "seconds"),
    [
        pytest.param("3600", 429, 3600, id="an hour"),
        pytest.param("3600", 503, 3600, id="an hour, with 503", marks=pytest.mark.thorough),
        pytest.param("date:3600", 429, 3600, id="a date in an hour"),
        pytest.param("date:-3600", 429, 60, id="a date in the past"),
        pytest.param("soon", 429, 60, id="garbage"),
        pytest.param("-5", 429, 60, id="less than nothing", marks=pytest.mark.thorough),
        pytest.param("1e3", 429, 60, id="a number of another kind", marks=pytest.mark.thorough),
        pytest.param("", 429, 60, id="empty", marks=pytest.mark.thorough),
        pytest.param(None, 429, 60, id="no time named"),
    ],
)
async def test_everybody_waits_as_long_as_asked_and_it_costs_no_attempt(
    tmp_path: Path, retry_after: str | None, status: int, seconds: float
) -> None:
    async with stage(
        tmp_path, limited(retry_after, status=status), attempts=1, max_pause_minutes=90
    ) as here:
        clock = Weather(look=lambda: here.sent)
        result = await here.run(clock)
        here.whole()

    assert result.exit_code == 0
    (receipt,) = result.receipts
    assert (receipt.limited, receipt.pauses) == (1, 1)
    # A date is whole seconds, and a moment had passed when it was read.
    assert seconds - 2 <= receipt.paused_seconds <= seconds + 2
    assert receipt.sent == here.sent
    silent = {sent for at, sent in clock.watched if at < seconds - 2}
    assert max(silent) == 10, "sent before the time"
    assert here.sent == len(set(targets(here))) + 1


async def test_an_hour_of_retry_after_stops_the_run_and_survives_the_restart(
    tmp_path: Path,
) -> None:
    """Stop with 3; before the hour is over stop at once, afterwards complete; no attempt lost."""
    async with stage(tmp_path, limited("3600"), attempts=1) as here:
        first = await here.run(Weather())
        sent = here.sent
        early = Weather()
        early.passes(3590)
        again = await here.run(early)
        assert here.sent == sent == 10, "asked again before the time"
        late = Weather()
        late.passes(3601)
        last = await here.run(late)
        here.whole()

    assert [each.exit_code for each in (first, again, last)] == [3, 3, 0]
    assert "Figshare asks us to wait until " in str(first.problem)
    assert str(again.problem) == str(first.problem)
    assert last.failed == {}
    # The requests that the first call had answered were not sent again.
    assert here.sent == len(set(targets(here))) + 1


def targets(here: Stage) -> list[str]:
    return [entry.target for entry in here.simulator.history]


async def test_a_gate_that_may_be_kept_is_kept_by_the_next_call(tmp_path: Path) -> None:
    """Ten minutes asked for, and the process ends after one: the next waits for nine."""
    async with stage(tmp_path, limited("600"), attempts=1) as here:
        options = RunOptions(today=FIRST, clock=Weather(), max_requests=10)
        paused = await harvester.run_async(harvester.load_job(here.job.path), options)
        assert (paused.exit_code, here.sent) == (5, 10)
        clock = Weather()
        clock.passes(60)
        result = await here.run(clock)
        here.whole()

    assert result.exit_code == 0
    assert clock.slept[0] == 540


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"name": "status", "status": 503}, id="503"),
        pytest.param({"name": "status", "status": 500}, id="500", marks=pytest.mark.thorough),
        pytest.param({"name": "reset_before"}, id="resets", marks=pytest.mark.thorough),
        pytest.param({"name": "half_body"}, id="half bodies"),
    ],
)
async def test_half_an_hour_of_trouble_costs_few_requests_and_fails_none(
    tmp_path: Path, fault: Fault
) -> None:
    """Half bodies are no silence: there each request fails on its own account, after its tries."""
    down: Fault = {**fault, "rate": 1, "after": 12}
    is_silence = fault["name"] != "half_body"
    attempts = 6 if is_silence else 100
    async with stage(tmp_path, down, max_pause_minutes=60, attempts=attempts) as here:
        clock = Weather((1800, here.suffers))
        result = await here.run(clock)
        here.whole()

    assert result.exit_code == 0
    assert result.failed == {}
    in_vain = sum(entry.fault is not None for entry in here.simulator.history)
    assert in_vain <= (25 if is_silence else 100), "few probes, not thousands of retries"
    assert clock.seconds >= 1800


async def test_without_one_success_for_longer_than_allowed_the_run_stops(tmp_path: Path) -> None:
    """30 minutes of 503 where 15 are allowed: exit 3, nothing failed; and afterwards complete."""
    async with stage(tmp_path, {"name": "status", "status": 503, "rate": 1, "after": 12}) as here:
        clock = Weather()
        stopped = await here.run(clock)
        assert stopped.exit_code == 3
        assert "nothing succeeded for 15 min" in str(stopped.problem)
        assert 900 <= clock.seconds < 1000
        assert stopped.failed == {}
        assert stopped.states == {"done": 12} or sum(stopped.states.values()) == 12
        assert failures(here.job) == set()

        here.suffers()
        clock.passes(900)
        result = await here.run(clock)
        here.whole()

    assert result.exit_code == 0


@pytest.mark.parametrize("name", few_of(WALLS, "html_200", "waf_405"))
async def test_a_block_page_that_goes_away_is_waited_for(tmp_path: Path, name: str) -> None:
    """Two minutes of block pages: everybody waits, one probes, nothing fails."""
    async with stage(tmp_path, {"name": name, "rate": 1, "after": 12}, attempts=1) as here:
        result = await here.run(Weather((100, here.suffers)))
        here.whole()

    assert result.exit_code == 0
    (receipt,) = result.receipts
    assert receipt.blocked == sum(entry.fault is not None for entry in here.simulator.history) == 2
    assert receipt.probes == 2


@pytest.mark.parametrize("name", few_of(WALLS, "html_200", "waf_405"))
async def test_a_block_page_that_stays_stops_the_run(tmp_path: Path, name: str) -> None:
    """Three block pages with no success between: it is a person's turn. Nothing of them stays."""
    async with stage(tmp_path, {"name": name, "rate": 1, "after": 12}, attempts=1) as here:
        stopped = await here.run(Weather())
        assert stopped.exit_code == 3
        assert "Figshare blocks us" in str(stopped.problem)
        assert "ask Figshare's support" in str(stopped.problem)
        assert here.sent == 15
        assert failures(here.job) == set()

        here.suffers()
        result = await here.run(Weather())
        here.whole()

    assert result.exit_code == 0
