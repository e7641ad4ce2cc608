"""One origin (scheme, host and port): its pace, its pauses and its tally, whoever asks there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from yarl import URL

from harvester.clock import Clock
from harvester.fetch.circuit import HostCircuit
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.governor import Governor, Pause
from harvester.fetch.rate_limiter import AdaptiveRate, RateLimiter
from harvester.fetch.service_errors import ServiceErrors
from harvester.fetch.tally import Tally
from harvester.model.host_status import HostStatus


@dataclass(slots=True)
class Origin:
    """What all who ask at one origin share."""

    governor: Governor
    service_errors: ServiceErrors
    tally: Tally


@dataclass(slots=True)
class SendQuota:
    """How often a whole run may send (`--max-requests`); retries and probes count.

    Attributes:
        limit: None: as often as it takes.
    """

    limit: int | None = None
    sent: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be sent."""
        return self.limit is not None and self.sent >= self.limit


# Told the origin's host and port, and what is to be remembered of it.
Remember = Callable[[str, Pause | None], None]


@dataclass(slots=True)
class Origins:
    """The origins of one run. Two services at the same host and port share one pace.

    Attributes:
        remember: told of every pause an origin asks for, and None when one is over.
        recall: what was last remembered of a host and port, by an earlier process.
    """

    clock: Clock
    remember: Remember
    recall: Callable[[str], Pause | None]
    send_quota: SendQuota = field(default_factory=SendQuota)
    _known: dict[str, Origin] = field(default_factory=dict)

    def at(self, settings: FetchSettings) -> Origin:
        """The origin of these settings; the first who come set its pace.

        Raises:
            ServiceError: the pause asked for earlier is not over, and longer than allowed.
        """
        name = str(URL(settings.base_url).origin())
        if name not in self._known:
            netloc = URL(settings.base_url).authority
            self._known[name] = new_origin(
                settings,
                self.clock,
                lambda pause: self.remember(netloc, pause),
                self.recall(netloc),
            )
        return self._known[name]

    @property
    def tallies(self) -> dict[str, Tally]:
        """What was sent where, by origin."""
        return {name: origin.tally for name, origin in self._known.items()}

    @property
    def host_statuses(self) -> dict[str, HostStatus]:
        """The origins that are not well."""
        told = {name: origin.governor.host_status for name, origin in self._known.items()}
        return {name: host_status for name, host_status in told.items() if host_status}


def new_origin(
    settings: FetchSettings,
    clock: Clock,
    remember_pause: Callable[[Pause | None], None],
    pause: Pause | None,
) -> Origin:
    """An origin that nobody has asked yet.

    Args:
        remember_pause: told of every pause it asks for, and None when one is over; what it was
            last told is handed back as `pause` by the next process.

    Raises:
        ServiceError: the pause asked for earlier is not over, and longer than allowed.
    """
    tally = Tally()
    rate = settings.requests_per_second
    service_errors = ServiceErrors(
        str(URL(settings.base_url).origin()),
        settings.max_pause_seconds,
        settings.proxy.address if settings.proxy else None,
        settings.trusted,
    )
    circuit = HostCircuit(
        silence_threshold(settings), settings.max_pause_seconds, settings.politeness
    )
    pace = RateLimiter(AdaptiveRate(rate, settings.politeness)) if rate else None
    governor = Governor(circuit, pace, service_errors, clock, tally, remember_pause)
    if pause:
        governor.resume(pause)
    return Origin(governor, service_errors, tally)


def silence_threshold(settings: FetchSettings) -> int:
    """How many failures in a row mean that the host is down.

    Fewer than one request has attempts, so that none is given up for the host's sake; but
    with many under way at once each has failed only once or twice before so many are counted,
    and then more are asked for, so that a host that merely stumbles is not taken for dead.
    """
    return max(1, min(5, settings.attempts - 1), min(20, settings.concurrency))
