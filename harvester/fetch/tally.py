"""What was sent and what came of it: for the display, and for the politeness receipt."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counters of one host since the run began; only `fetch` writes them.

    Attributes:
        sent: all sends, retries and probes included.
        first_attempts: requests sent for the first time.
        retries: sends of a request that was sent before.
        probes: repeats of an answered request, to see whether the host or its credentials
            are all right.
        accepted: accepted replies, those to probes included.
        answered: accepted replies by stage.
        failed: given-up requests by reason.
        limited: replies that asked to slow down (429, or 503 with Retry-After).
        blocked: block pages.
        pauses: pauses of the whole host that were kept.
        paused_seconds: how long they were together.
        received_bytes: of accepted bodies, content encoding undone.
        most_in_a_second: highest number of sends in any second.
    """

    sent: int = 0
    first_attempts: int = 0
    retries: int = 0
    probes: int = 0
    accepted: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    limited: int = 0
    blocked: int = 0
    pauses: int = 0
    paused_seconds: float = 0.0
    received_bytes: int = 0
    most_in_a_second: int = 0
    _first_at: float = 0.0
    _last_at: float = 0.0
    _second: deque[float] = field(default_factory=deque, repr=False)

    def send(self, now: float) -> None:
        """Count one send at this monotonic moment."""
        second = self._second
        if not self.sent:
            self._first_at = now
        self.sent += 1
        self._last_at = now
        second.append(now)
        while second[0] <= now - 1.0:
            second.popleft()
        if len(second) > self.most_in_a_second:  # noqa: PLR1730 - on the hot path
            self.most_in_a_second = len(second)

    @property
    def seconds(self) -> float:
        """From the first send to the last."""
        return self._last_at - self._first_at

    @property
    def mean_per_second(self) -> float:
        """Sends a second from the first to the last; 0.0 before the second send."""
        span = self.seconds
        return (self.sent - 1) / span if span > 0 else 0.0
