"""How politely a host was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was sent to one host, by one call of `run` or by several together.

    Attributes:
        host: its origin (scheme, host and port).
        sent: all requests as the host counts them, repeats and probes included.
        repeats: sends of a request that was sent before.
        probes: repeats of an answered request, to see whether the host is well again.
        limited: replies that asked to slow down (429, or 503 with Retry-After).
        blocked: block pages.
        pauses: pauses of everybody that were kept.
        paused_seconds: how long they were together.
        seconds: from the first send to the last, of each call, added up.
        busiest: most sends in any second.
        calls: so many calls of `run` are in it.
    """

    host: str
    sent: int
    repeats: int = 0
    probes: int = 0
    limited: int = 0
    blocked: int = 0
    pauses: int = 0
    paused_seconds: float = 0.0
    seconds: float = 0.0
    busiest: int = 0
    calls: int = 1

    @property
    def mean_per_second(self) -> float:
        """Sends a second while it was asked; 0.0 where there was no second send."""
        return (self.sent - self.calls) / self.seconds if self.seconds > 0 else 0.0

    def __add__(self, other: Receipt) -> Receipt:
        """The two together; `other` is of the same host."""
        return Receipt(
            self.host,
            self.sent + other.sent,
            self.repeats + other.repeats,
            self.probes + other.probes,
            self.limited + other.limited,
            self.blocked + other.blocked,
            self.pauses + other.pauses,
            self.paused_seconds + other.paused_seconds,
            self.seconds + other.seconds,
            max(self.busiest, other.busiest),
            self.calls + other.calls,
        )


def by_host(receipts: Iterable[Receipt]) -> list[Receipt]:
    """One for each host, in the order in which they first come."""
    found: dict[str, Receipt] = {}
    for each in receipts:
        found[each.host] = found[each.host] + each if each.host in found else each
    return list(found.values())
