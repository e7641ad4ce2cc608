"""The wish to stop, from whoever has it: a signal, a time of day, a limit of sends."""

from __future__ import annotations

from datetime import datetime

import anyio

from harvester.clock import Clock

# Why a run was stopped, as `Stop.set` was told.
UNTIL, SIGINT, SIGTERM, SIGHUP = "until", "SIGINT", "SIGTERM", "SIGHUP"


class Stop:
    """Set once from outside (a signal, a time of day) or by the limit of sends; never taken back.

    From then on nothing more is sent. Set it in the event loop's own thread.

    Attributes:
        why: the word it was set with; empty: go on.
        lets_finish: requests under way may take as long as they need; otherwise they are
            cut off after the grace.
    """

    def __init__(self) -> None:
        self.why = ""
        self.lets_finish = False
        self._stopped = anyio.Event()
        self._hurried = anyio.Event()

    def set(self, why: str, *, lets_finish: bool = False) -> None:
        """Stop. A second call counts only where it is more urgent than the first."""
        if self.why and (lets_finish or not self.lets_finish):
            return
        self.why, self.lets_finish = why, lets_finish
        self._stopped.set()
        if not lets_finish:
            self._hurried.set()

    @property
    def is_set(self) -> bool:
        """Whether anyone wants to stop."""
        return bool(self.why)

    async def wait(self) -> None:
        """Return when it is set."""
        await self._stopped.wait()

    async def wait_hurried(self) -> None:
        """Return when it is set and requests under way are not to take their time."""
        await self._hurried.wait()


async def stop_at(clock: Clock, stop: Stop, moment: datetime) -> None:
    """Stop at this moment; requests under way may take as long as they need."""
    await clock.sleep(max(0.0, (moment - clock.now()).total_seconds()))
    stop.set(UNTIL, lets_finish=True)
