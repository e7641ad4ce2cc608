"""The pace: aiolimiter's bucket under a ceiling that a busy host can lower for a while."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from aiolimiter import AsyncLimiter

from harvester.fetch.fetch_settings import PolitenessPolicy

# A wake-up comes 0.1 to 5 ms late. A bucket that holds what falls due in 5 ms makes up for it.
_CATCH_UP_SECONDS = 0.005
# And this much slower yet, so that R + 1 sends span a little more than a second, always.
_MARGIN = 0.001
# Shares are sums of twentieths, which no float holds exactly.
_ROUNDING = 1e-9


def bucket(per_second: float) -> AsyncLimiter:
    """A limiter that never lets more than `per_second` through in any one second.

    AsyncLimiter(R, 1), the form that its documentation shows, lets 2R through in the first
    second. A bucket of size b that leaks r a second lets at most b + r·T through in any time T;
    b is 1 + 0.005 R here and r is 0.994 R, so R + 1 sends span (R + 1 - b) / r = 1.001 s. This
    holds at every rate, and 0.994 R is sustained.
    """
    size = 1 + _CATCH_UP_SECONDS * per_second
    leak = per_second * (1 - _CATCH_UP_SECONDS - _MARGIN)
    return AsyncLimiter(size, size / leak)


@dataclass(slots=True)
class AdaptiveRate:
    """The rate now allowed: cut by bursts of 429, recovering slowly. Decides; waits for nothing.

    Attributes:
        per_second: the configured rate, never exceeded.
        share: how much of it is allowed now.
    """

    per_second: float
    politeness: PolitenessPolicy
    share: float = 1.0
    _grows_at: float = 0.0

    def cut(self, now: float) -> None:
        """A burst of 429 or block pages came."""
        self.share = max(self.politeness.least, self.share * self.politeness.cut)
        self._grows_at = now + self.politeness.recovery_seconds

    def rate(self, now: float) -> float:
        """Sends a second allowed at this moment."""
        while self.share < 1 and now >= self._grows_at:
            self.share = min(1.0, self.share + self.politeness.recovery_step)
            self._grows_at += self.politeness.recovery_seconds
        return self.per_second * self.share

    def whole_at(self, now: float) -> float | None:
        """When all of the rate is allowed again, unless asked to slow down before; None: now."""
        self.rate(now)
        if self.share >= 1:
            return None
        politeness = self.politeness
        steps = ceil((1 - self.share) / politeness.recovery_step - _ROUNDING)
        return self._grows_at + (steps - 1) * politeness.recovery_seconds


class RateLimiter:
    """Waits until the next send is due. One waiter at a time: the governor keeps the queue."""

    def __init__(self, ceiling: AdaptiveRate) -> None:
        self._ceiling = ceiling
        self._rate = ceiling.per_second
        self._bucket = bucket(self._rate)

    def cut(self, now: float) -> None:
        """Go slower from the next send on."""
        self._ceiling.cut(now)

    def whole_at(self, now: float) -> float | None:
        """When it is as configured again; None: it is."""
        return self._ceiling.whole_at(now)

    async def take(self, now: float) -> None:
        """Wait for the moment of the next send."""
        rate = self._ceiling.rate(now)
        if rate != self._rate:
            self._rate = rate
            self._bucket = bucket(rate)
            # Begun full: an empty one would let a send follow the last one at once.
            await self._bucket.acquire(self._bucket.max_rate)
        await self._bucket.acquire()
