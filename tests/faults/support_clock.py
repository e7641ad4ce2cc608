"""Time in the hand, and what happens in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import anyio.lowlevel

NOON = datetime(2026, 7, 2, 12, 0, tzinfo=UTC)

Event = tuple[float, Callable[[], None]]


class Weather:
    """A clock that passes only where somebody waits for it, and then at once.

    Attributes:
        seconds: since noon.
        slept: every wait there was.
        watched: what `look` said at each moment that anybody asked for, in order.
    """

    def __init__(self, *events: Event, look: Callable[[], int] | None = None) -> None:
        """Begin at noon.

        Args:
            events: what happens so many seconds later.
            look: counts something, such as the requests that have arrived.
        """
        self.seconds = 0.0
        self.slept: list[float] = []
        self.watched: list[tuple[float, int]] = []
        self._events = sorted(events, key=lambda event: event[0])
        self._look = look

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        if self._look:
            self.watched.append((self.seconds, self._look()))
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        self.slept.append(seconds)
        await anyio.lowlevel.checkpoint()
        self.passes(until - self.seconds)

    def passes(self, seconds: float) -> None:
        """Let time pass, and happen what is due."""
        self.seconds = max(self.seconds, self.seconds + seconds)
        while self._events and self._events[0][0] <= self.seconds:
            _, happens = self._events.pop(0)
            happens()
