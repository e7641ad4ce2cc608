"""How far a run is at one moment, and how long it will go on: plain numbers, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

# The ledger's note of how far the run is that is going on.
STANDING = "standing"


# A speed is told after so many seconds of work, and looks back so far.
_SHORTEST_SECONDS = 5.0
_LONGEST_SECONDS = 120.0
# Nearer to the pace than this it is the pace: the time left must not flicker.
_AS_GOOD_AS_PACE = 0.9


@dataclass(slots=True)
class Speed:
    """Outcomes a second lately, while nothing kept requests back: from it the time left is told.

    Attributes:
        per_second: None: not known yet.
    """

    _seen: deque[tuple[float, int]] = field(default_factory=deque)
    _worked: float = 0.0
    _last: float | None = None

    def observe(self, now: float, settled: int, *, waits: bool) -> None:
        """Take note of how many outcomes there are; time spent waiting does not count."""
        if self._last is not None and not waits:
            self._worked += now - self._last
        self._last = now
        self._seen.append((self._worked, settled))
        while self._seen[0][0] < self._worked - _LONGEST_SECONDS:
            self._seen.popleft()

    @property
    def per_second(self) -> float | None:
        """The mean of the last two minutes of work."""
        if not self._seen:
            return None
        seconds = self._seen[-1][0] - self._seen[0][0]
        number = self._seen[-1][1] - self._seen[0][1]
        return number / seconds if seconds >= _SHORTEST_SECONDS and number else None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run as the display shows it: done, at least, at most.

    Attributes:
        settled: requests with an outcome.
        least, most: requests of the whole stage; they differ while answers may spare some.
    """

    name: str
    settled: int
    least: int
    most: int

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to ask."""
        return self.settled >= self.most

    @property
    def is_exact(self) -> bool:
        """Whether no answer can spare anything any more."""
        return max(self.least, self.settled) >= self.most


@dataclass(frozen=True, slots=True)
class ProgressSnapshot:
    """How far a run is at one moment, as the ledger keeps it and every display draws it.

    Attributes:
        not_needed: stretches of days that needed no request so far, by reason.
        pace: requests a second at most; None: unlimited.
        per_second: outcomes a second lately; None: not known.
        state: how the service fares, in words: `running`, or why not.
        wait_seconds: how long nothing will be asked.
    """

    run_id: str
    stages: Sequence[Stage]
    failed: int = 0
    repeats: int = 0
    not_needed: Mapping[str, int] = field(default_factory=dict)
    pace: float | None = None
    per_second: float | None = None
    state: str = "running"
    wait_seconds: float = 0.0

    @property
    def settled(self) -> int:
        """Requests with an outcome."""
        return sum(each.settled for each in self.stages)

    @property
    def most(self) -> int:
        """Requests of the whole run at most."""
        return sum(max(each.most, each.settled) for each in self.stages)

    @property
    def is_exact(self) -> bool:
        """Whether no answer can spare anything any more."""
        return all(each.is_exact for each in self.stages)

    @property
    def left(self) -> tuple[int, int]:
        """Requests without an outcome: the fewest and the most."""
        least = sum(max(0, each.least - each.settled) for each in self.stages)
        return least, self.most - self.settled

    @property
    def speed(self) -> float | None:
        """Requests a second to reckon with: the pace, unless the service is slower."""
        if self.pace and (not self.per_second or self.per_second >= _AS_GOOD_AS_PACE * self.pace):
            return self.pace
        return self.per_second

    @property
    def seconds_left(self) -> tuple[float, float] | None:
        """The shortest and the longest time to the end, waiting included; None: not known yet."""
        if not self.speed:
            return None
        least, most = self.left
        return least / self.speed + self.wait_seconds, most / self.speed + self.wait_seconds

    def with_settled(self, settled: Mapping[str, int], failed: int) -> ProgressSnapshot:
        """The same with newer numbers."""
        stages = [replace(each, settled=settled.get(each.name, 0)) for each in self.stages]
        return replace(self, stages=stages, failed=failed)

    def as_json(self) -> dict[str, Any]:
        """For another process, and for log systems."""
        return asdict(self)


def read_snapshot(text: str) -> ProgressSnapshot | None:
    """What another process has written; None: it cannot be read."""
    try:
        told = orjson.loads(text)
        return ProgressSnapshot(**{**told, "stages": [Stage(**each) for each in told["stages"]]})
    except (ValueError, KeyError, TypeError):
        return None
