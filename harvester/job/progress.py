"""A run as somebody who watches it sees it: before its plan, and while it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harvester.clock import Clock
from harvester.fetch.host import Host
from harvester.fetch.tally import Tally
from harvester.job.progress_snapshot import ProgressSnapshot, Speed, Stage
from harvester.model.host_status import HoldReason, HostStatus
from harvester.model.reply import Failure, Reply
from harvester.model.terms import Endpoint

# While it lasts nothing is asked, or one request at a time.
_STANDSTILL = {
    HoldReason.RETRY_AFTER,
    HoldReason.THROTTLED,
    HoldReason.UNREACHABLE,
    HoldReason.BLOCKED,
}
_TIMED = {HoldReason.RETRY_AFTER, HoldReason.THROTTLED}


@dataclass(slots=True)
class Progress:
    """Counters of a run that grow while it goes on, for whoever displays it.

    Attributes:
        folder: where it writes.
        planned: requests of the whole run at most, by endpoint; exact for stages that are over.
        least: the same at least.
        settled: those with an outcome, by endpoint; those of earlier calls included.
        failed: of them the failed ones.
        pace: requests a second; None: unlimited.
        skips: whether answers may still save requests: what is planned is planned at most.
        tally: what was sent by this call.
        spared: tells how many stretches of days needed no request so far, by reason.
    """

    run_id: str
    folder: Path
    planned: dict[Endpoint, int]
    least: dict[Endpoint, int]
    settled: Counter[Endpoint]
    failed: int
    pace: float | None
    clock: Clock
    spared: Callable[[], Counter[str]]
    skips: bool = False
    tally: Tally = field(default_factory=Tally)
    _speed: Speed = field(default_factory=Speed)
    _host: Host | None = None

    def watch(self, host: Host) -> None:
        """From now on, show how this host fares."""
        self._host, self.tally = host, host.tally

    @property
    def state(self) -> str:
        """How the service fares, in words: `running`, or why not."""
        return self._host.state if self._host else "running"

    def kept(self, outcomes: Iterable[Reply | Failure]) -> None:
        """Count outcomes that have become durable."""
        for outcome in outcomes:
            self.settled[outcome.request.question.endpoint] += 1
            self.failed += isinstance(outcome, Failure)

    def observe(self) -> None:
        """Look at the clock: how fast it goes. Called now and then."""
        host_status = self._host_status
        waits = bool(host_status and host_status.why in _STANDSTILL)
        self._speed.observe(self.clock.monotonic(), self.settled.total(), waits=waits)

    @property
    def progress_snapshot(self) -> ProgressSnapshot:
        """How far it is now."""
        stages = [
            Stage(each.value, self.settled[each], self.least.get(each, 0), most)
            for each, most in sorted(self.planned.items(), key=_place)
            if most or self.settled[each]
        ]
        return ProgressSnapshot(
            self.run_id,
            stages,
            failed=self.failed,
            repeats=self.tally.retries,
            not_needed=dict(self.spared()),
            pace=self.pace,
            per_second=self._speed.per_second,
            state=self.state,
            wait_seconds=self._wait_seconds,
        )

    @property
    def _host_status(self) -> HostStatus | None:
        return self._host.governor.host_status if self._host else None

    @property
    def _wait_seconds(self) -> float:
        host_status = self._host_status
        if host_status is None or host_status.until is None or host_status.why not in _TIMED:
            return 0.0
        return max(0.0, (host_status.until - self.clock.now()).total_seconds())


def _place(stage: tuple[Endpoint, int]) -> int:
    return list(Endpoint).index(stage[0])


class Service(Protocol):
    """What is asked."""

    @property
    def state(self) -> str:
        """How it fares, in words."""


@dataclass(slots=True)
class DiscoveryProgress:
    """Words and numbers that change while listings and metadata are read.

    Attributes:
        run_id: None: it is a count, not a run.
        doing: in words, such as `listing articles`; empty: it has just begun.
        pages: read so far of the present listing.
        listed: ids it has so far; of metadata, items that are still to come.
        pace: requests a second; None: unlimited.
    """

    run_id: str | None
    folder: Path
    pace: float | None
    doing: str = ""
    pages: int = 0
    listed: int = 0
    _service: Service | None = None

    def watch(self, service: Service) -> None:
        """From now on, show how this service fares."""
        self._service = service

    @property
    def state(self) -> str:
        """How the service fares, in words: `running`, or why not."""
        return self._service.state if self._service else "running"
