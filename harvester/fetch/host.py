"""One host, opened for a run: its session, its governor, its tally."""

from __future__ import annotations

import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

from harvester.clock import Clock
from harvester.fetch.client import Client
from harvester.fetch.condition import Condition
from harvester.fetch.governor import Governor, Pause
from harvester.fetch.pace import Ceiling, Pace
from harvester.fetch.settings import FetchSettings
from harvester.fetch.tally import Tally
from harvester.fetch.witness import Witnesses
from harvester.fetch.words import Refusal


@dataclass(slots=True)
class Host:
    """What all stages of a run share about one host; `fetch` may be called on it many times.

    Attributes:
        dice: gives random numbers in [0, 1).
    """

    settings: FetchSettings
    clock: Clock
    client: Client
    governor: Governor
    refusal: Refusal
    tally: Tally
    dice: Callable[[], float]
    witnesses: Witnesses = field(default_factory=Witnesses)

    @property
    def state(self) -> str:
        """How the host fares, in words for the display: `running`, or why not."""
        return self.governor.state

    @property
    def is_spent(self) -> bool:
        """Whether the limit of sends is reached."""
        limit = self.settings.max_requests
        return limit is not None and self.tally.sent >= limit


@asynccontextmanager
async def open_host(
    settings: FetchSettings,
    clock: Clock,
    *,
    remember_pause: Callable[[Pause | None], None],
    pause: Pause | None = None,
    dice: Callable[[], float] = random.random,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Host]:
    """Hold one host's session.

    Args:
        remember_pause: told of every pause the host asks for, and None when one is over; what
            it was last told is handed back as `pause` by the next process.
        tls: certificates to trust in place of the machine's; for tests.

    Raises:
        ServiceError: the pause asked for earlier is not over, and longer than allowed.
    """
    tally = Tally()
    rate = settings.requests_per_second
    refusal = Refusal(_origin(settings.base_url), settings.max_pause_seconds)
    condition = Condition(silence_threshold(settings), settings.max_pause_seconds, settings.manners)
    pace = Pace(Ceiling(rate, settings.manners)) if rate else None
    governor = Governor(condition, pace, refusal, clock, tally, remember_pause)
    if pause:
        governor.resume(pause)
    async with Client(settings, tls) as client:
        yield Host(settings, clock, client, governor, refusal, tally, dice)


def silence_threshold(settings: FetchSettings) -> int:
    """How many failures in a row mean that the host is down.

    Fewer than one request has attempts, so that none is given up for the host's sake; but
    with many under way at once each has failed only once or twice before so many are counted,
    and then more are asked for, so that a host that merely stumbles is not taken for dead.
    """
    return max(1, min(5, settings.attempts - 1), min(20, settings.concurrency))


def _origin(base_url: str) -> str:
    return str(URL(base_url).origin())
