"""What a call of `run` may ask for beside the spec."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from harvester.clock import Clock, SystemClock
from harvester.fetch.stop import Stop
from harvester.job.progress import DiscoveryProgress, Progress
from harvester.model.dates import Window


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How one call of `run` differs from a plain one.

    Attributes:
        today: the run's date; None: the clock's, in UTC. In the future only with the simulator.
        until: pause at this moment, resumable.
        max_requests: pause after sending so many, retries included, resumable.
        refresh: settled days to read again, both ends included.
        new_run: give up an unfinished run and begin the next.
        refetch: ask anew what lay in parts that are gone or changed, and no response tells; heeded
            by `harvester.run` and the command line, before the run itself.
        watch: shown the run while it goes on; cancelled at its end.
        watch_gathering: shown what goes before its plan; likewise.
        stop: set from outside to end the run in good order.
    """

    today: date | None = None
    until: datetime | None = None
    max_requests: int | None = None
    refresh: Window | None = None
    new_run: bool = False
    refetch: bool = False
    watch: Callable[[Progress], Coroutine[Any, Any, None]] | None = None
    watch_gathering: Callable[[DiscoveryProgress], Coroutine[Any, Any, None]] | None = None
    stop: Stop | None = None
    clock: Clock = field(default_factory=SystemClock)
