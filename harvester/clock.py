"""Now and sleep, in one place, so that tests hold time in their hands."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

import anyio


class Clock(Protocol):
    """What the shell needs of time."""

    def now(self) -> datetime:
        """The wall clock, in UTC: for labels and for pauses that outlive the process."""

    def monotonic(self) -> float:
        """Seconds that only ever grow: for waiting."""

    async def sleep(self, seconds: float) -> None:
        """Wait; cancellable."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment of this machine."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in anyio; cancellable."""
        await anyio.sleep(seconds)
