"""One service, opened for a run: its session, and the origin it shares with others."""

from __future__ import annotations

import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from harvester.clock import Clock
from harvester.fetch.client import Client
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.governor import Governor, Pause
from harvester.fetch.known_good import KnownGoodCalls
from harvester.fetch.origin import Origin, Origins, SendQuota, new_origin
from harvester.fetch.service_errors import ServiceErrors
from harvester.fetch.tally import Tally


@dataclass(slots=True)
class Host:
    """What all stages of a run share about one service; it may be asked many times.

    Attributes:
        chance: gives random numbers in [0, 1).
        known_good: of this session: another one may hold other credentials.
    """

    settings: FetchSettings
    clock: Clock
    client: Client
    origin: Origin
    send_quota: SendQuota
    chance: Callable[[], float]
    known_good: KnownGoodCalls = field(default_factory=KnownGoodCalls)
    governor: Governor = field(init=False)
    service_errors: ServiceErrors = field(init=False)
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        self.governor = self.origin.governor
        self.service_errors = self.origin.service_errors
        self.tally = self.origin.tally

    @property
    def state(self) -> str:
        """How the host fares, in words for the display: `running`, or why not."""
        return self.governor.state


@asynccontextmanager
async def open_host(
    settings: FetchSettings,
    clock: Clock,
    *,
    remember_pause: Callable[[Pause | None], None],
    pause: Pause | None = None,
    chance: Callable[[], float] = random.random,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Host]:
    """Hold the session of a service that is alone at its origin.

    Args:
        remember_pause: as in `new_origin`; likewise `pause`.
        tls: certificates to trust in place of the machine's; for tests.

    Raises:
        ServiceError: the pause asked for earlier is not over, and longer than allowed.
    """
    origin = new_origin(settings, clock, remember_pause, pause)
    async with Client(settings, tls) as client:
        yield Host(settings, clock, client, origin, SendQuota(settings.max_requests), chance)


@asynccontextmanager
async def open_host_at(origins: Origins, settings: FetchSettings) -> AsyncIterator[Host]:
    """Hold the session of a service at one of a run's origins.

    Raises:
        ServiceError: the pause asked for earlier is not over, and longer than allowed.
    """
    origin = origins.at(settings)
    async with Client(settings) as client:
        yield Host(settings, origins.clock, client, origin, origins.send_quota, random.random)
