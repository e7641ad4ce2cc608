"""The state of one host (up, unreachable, blocked, pausing) and what it allows to be sent.

Three things can keep requests back. A *gate* has a time at which it opens for everybody (429,
Retry-After). *Silence* (transport errors, 5xx) and a *wall* (block pages) have none: after a
cool-down one request probes while all others wait. None of them uses up anybody's attempts.

All moments are seconds of one monotonic clock; sends are told apart by their ordinal, 1 for the
first, because two of them can share a moment and their order still matters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from harvester.fetch.fetch_settings import PolitenessPolicy


class Halt(Enum):
    """Why a run must stop: a person must look, or come back later."""

    ASKED_TOO_LONG = "asked too long"
    BLOCKED = "blocked"
    NO_SUCCESS = "no success"


class Closed(Enum):
    """Why the circuit is closed, so that one probe stands in for all requests."""

    UNREACHABLE = "silence"
    BLOCKED = "wall"


class Permit(Enum):
    """What may be sent now."""

    GO = "go"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be sent before this moment; None: before the probe under way has ended."""

    until: float | None


@dataclass(slots=True)
class _Closure:
    why: Closed
    after: int  # the last send before it
    cool_down: float
    next_probe: float
    is_probing: bool = False


@dataclass(slots=True)
class HostCircuit:
    """The circuit breaker and gate of one host: decides on times that are handed in.

    Attributes:
        threshold: failures in a row that mean silence.
        max_pause_seconds: without one success for longer: halt.
        gate_until: when the gate opens; in the past: it is open.
        gate_was_asked: the host itself named that time.
        trouble_since: the first reply since the last success that was none; None: all is well.
        is_clear: nothing but successes lately: any request may go at once.
    """

    threshold: int
    max_pause_seconds: float
    politeness: PolitenessPolicy = field(default_factory=PolitenessPolicy)
    gate_until: float = 0.0
    gate_was_asked: bool = False
    trouble_since: float | None = None
    is_clear: bool = True
    _gate_after: int = 0
    _nameless: int = 0
    _in_a_row: int = 0
    _walls: int = 0
    _closure: _Closure | None = None
    _raised_threshold: int = 0

    @property
    def closed(self) -> Closed | None:
        """Why only probes are sent; None: they are not the only ones."""
        return self._closure.why if self._closure else None

    @property
    def next_probe(self) -> float | None:
        """When the next probe goes out; None: no need for one."""
        return self._closure.next_probe if self._closure else None

    def close_gate(self, until: float) -> None:
        """Honour a pause that was asked for before this process began."""
        self.gate_until, self.gate_was_asked, self.is_clear = until, True, False

    def advice(self, now: float) -> Permit | Wait:
        """What may be sent now. Changes nothing."""
        if now < self.gate_until:
            return Wait(self.gate_until)
        if self._closure is None:
            return Permit.GO
        if self._closure.is_probing:
            return Wait(None)
        if now < self._closure.next_probe:
            return Wait(self._closure.next_probe)
        return Permit.PROBE

    def begin_probe(self) -> None:
        """A probe goes out; one of the four methods below is told what came of it."""
        if self._closure:
            self._closure.is_probing = True

    def end_probe(self) -> None:
        """The probe ended without telling anything: the next one may go."""
        if self._closure:
            self._closure.is_probing = False

    def succeeded(self, ordinal: int, *, is_probe: bool = False) -> None:
        """An accepted reply came to this send."""
        self.trouble_since = None
        self._in_a_row = 0
        if not is_probe:
            self._raised_threshold = 0
        closure = self._closure
        # What was sent before a wall went up says nothing about the wall.
        if closure and (closure.why is Closed.UNREACHABLE or ordinal > closure.after):
            self._open(is_probe=is_probe)
        if ordinal > self._gate_after:
            self._nameless = 0
            self.gate_until = 0.0
        if self._closure is None:
            self._walls = 0
            self.is_clear = self.gate_until == 0.0

    def answered(self, now: float, *, is_probe: bool = False) -> Halt | None:
        """The host answered, if not as it should: it is there, though this is no success."""
        self._in_a_row = 0
        if is_probe and self._closure:
            self._open(is_probe=True)
        return self._trouble(now)

    def failed(self, now: float, *, is_probe: bool = False) -> Halt | None:
        """No answer, or an error of the host's own."""
        halt = self._trouble(now)
        closure = self._closure
        if closure:
            if is_probe:
                cool_down = min(2 * closure.cool_down, self.politeness.longest_cool_down_seconds)
                self._close(closure.why, now, max(cool_down, closure.cool_down), closure.after)
            return halt
        self._in_a_row += 1
        if self._in_a_row >= max(self.threshold, self._raised_threshold):
            self._close(Closed.UNREACHABLE, now, self.politeness.first_cool_down_seconds, 0)
        return halt

    def blocked(self, now: float, ordinal: int, latest: int) -> tuple[bool, Halt | None]:
        """A block page came.

        Args:
            latest: the ordinal of the latest send.

        Returns:
            Whether it is news (replies to what was under way when the wall went up are not),
            and whether to halt.
        """
        closure = self._closure
        if closure and closure.why is Closed.BLOCKED and ordinal <= closure.after:
            return False, self._trouble(now)
        halt = self._trouble(now)
        self._walls += 1
        if self._walls >= self.politeness.blocks_in_a_row:
            return True, Halt.BLOCKED
        cool_down = self.politeness.block_cool_down_seconds * 2.0 ** (self._walls - 1)
        self._close(Closed.BLOCKED, now, cool_down, latest)
        return True, halt

    def asked_to_pause(
        self, now: float, ordinal: int, latest: int, seconds: float | None
    ) -> tuple[bool, Halt | None]:
        """The host asks everybody to wait: 429, or 503 with Retry-After.

        Args:
            latest: the ordinal of the latest send.
            seconds: how long; None: it does not say.

        Returns:
            Whether a new burst begins (replies to what was under way when the gate closed
            belong to the burst that closed it), and whether to halt.
        """
        halt = self._trouble(now)
        is_new = ordinal > self._gate_after
        length = self._pause_seconds(seconds, is_new=is_new)
        if now + length > self.gate_until:
            self.gate_until, self.gate_was_asked = now + length, seconds is not None
        if is_new:
            self._gate_after = latest
        if seconds is not None and seconds > self.max_pause_seconds:
            return is_new, Halt.ASKED_TOO_LONG
        return is_new, halt

    def _pause_seconds(self, asked: float | None, *, is_new: bool) -> float:
        if asked is not None:
            return max(asked, self.politeness.shortest_pause_seconds)
        if not is_new:
            return 0.0
        self._nameless += 1
        doubled = self.politeness.first_pause_seconds * 2.0 ** min(self._nameless - 1, 30)
        return min(doubled, self.max_pause_seconds)

    def _trouble(self, now: float) -> Halt | None:
        self.is_clear = False
        if self.trouble_since is None:
            self.trouble_since = now
        return Halt.NO_SUCCESS if now - self.trouble_since > self.max_pause_seconds else None

    def _close(self, why: Closed, now: float, cool_down: float, after: int) -> None:
        # The last probe before a halt goes out when the halt is due, not long after.
        due = (now if self.trouble_since is None else self.trouble_since) + self.max_pause_seconds
        next_probe = max(min(now + cool_down, due), now + 1.0)
        self._closure = _Closure(why, after, cool_down, next_probe)

    def _open(self, *, is_probe: bool) -> None:
        if is_probe and self._closure and self._closure.why is Closed.UNREACHABLE:
            # The host is there, so those who failed in a row were failing for reasons of their
            # own: it takes more of them to doubt the host again.
            self._raised_threshold = 2 * max(self.threshold, self._raised_threshold)
        self._closure = None
