"""A run as somebody who watches it sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harvester.fetch.host import Host
from harvester.fetch.tally import Tally
from harvester.model.reply import Failure, Reply
from harvester.model.terms import Endpoint


@dataclass(slots=True)
class Progress:
    """Counters that grow while a run goes on.

    Attributes:
        folder: where it writes.
        planned: requests of the whole run at most, by endpoint; exact for stages that are over.
        settled: those with an outcome, by endpoint; those of earlier calls included.
        failed: of them the failed ones.
        pace: requests a second; None: unlimited.
        skips: whether answers may still save requests: what is planned is planned at most.
        tally: what was sent by this call.
    """

    run_id: str
    folder: Path
    planned: dict[Endpoint, int]
    settled: Counter[Endpoint]
    failed: int
    pace: float | None
    skips: bool = False
    tally: Tally = field(default_factory=Tally)
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

    @property
    def most(self) -> int:
        """Requests of the whole run, at most."""
        return max(sum(self.planned.values()), self.settled.total())

    @property
    def left(self) -> int:
        """Requests without an outcome, at most."""
        return self.most - self.settled.total()

    @property
    def seconds_left(self) -> float | None:
        """At the pace, or at the mean speed so far where there is no limit; None: unknown yet."""
        speed = self.pace or self.tally.mean_per_second
        return self.left / speed if speed else None
