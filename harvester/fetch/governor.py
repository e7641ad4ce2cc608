"""One host's governor: every send asks it first and tells it afterwards.

It only waits and passes on; what is decided is decided in `condition.py` and `pace.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import anyio

from harvester.clock import Clock
from harvester.errors import ServiceError
from harvester.fetch.circuit import Closed, Condition, Halt, Permit, Wait
from harvester.fetch.rate_limiter import Pace
from harvester.fetch.retry import is_short_of_budget
from harvester.fetch.service_errors import Refusal
from harvester.fetch.tally import Tally
from harvester.fetch.verdict import Action, Verdict
from harvester.model.host_status import Plight, Why, in_words


@dataclass(frozen=True, slots=True)
class Pause:
    """What the host asked for, as it is remembered over restarts.

    Attributes:
        asked_seconds: how long the whole pause is; decides whether the spec allows it.
    """

    until: datetime
    asked_seconds: float


class Sent(NamedTuple):
    """One send, as the governor knows it.

    Attributes:
        ordinal: 1 for the first send of the host's life.
        is_probe: all other requests wait for what comes of it.
    """

    ordinal: int
    is_probe: bool


class Governor:
    """Lets requests go one by one, in the order they came."""

    def __init__(
        self,
        condition: Condition,
        pace: Pace | None,
        refusal: Refusal,
        clock: Clock,
        tally: Tally,
        remember_pause: Callable[[Pause | None], None],
    ) -> None:
        self._condition = condition
        self._pace = pace
        self._refusal = refusal
        self._clock = clock
        self._tally = tally
        self._remember_pause = remember_pause
        # First come, first served; and only the first of the queue ever sleeps.
        self._queue = anyio.Lock()
        self._nap: anyio.CancelScope | None = None
        self._is_remembered = False

    def resume(self, pause: Pause) -> None:
        """Go on with a pause that was asked for before this process began.

        Raises:
            ServiceError: it is not over, and longer than allowed.
        """
        now = self._clock.now()
        if pause.until <= now:
            self._remember_pause(None)
            return
        self._is_remembered = True
        if pause.asked_seconds > self._condition.max_pause_seconds:
            raise self._refusal.asked_too_long(pause.until, now)
        left = (pause.until - now).total_seconds()
        self._condition.close_gate(self._clock.monotonic() + left)

    @property
    def may_go_at_once(self) -> bool:
        """Whether there is nothing to wait for, so that `admit` need not be awaited."""
        return self._pace is None and self._condition.is_clear and not self._queue.locked()

    async def admit(self) -> Permit:
        """Wait for the turn of one send."""
        async with self._queue:
            while True:
                advice = self._condition.advice(self._clock.monotonic())
                if isinstance(advice, Wait):
                    await self._sleep(advice)
                    continue
                if self._pace:
                    await self._pace.take(self._clock.monotonic())
                    # The gate may have closed while the pace was awaited.
                    advice = self._condition.advice(self._clock.monotonic())
                    if isinstance(advice, Wait):
                        continue
                if advice is Permit.PROBE:
                    self._condition.begin_probe()
                return advice

    def withdraw(self, permit: Permit) -> None:
        """A permit was not used."""
        if permit is Permit.PROBE:
            self._condition.end_probe()
            self._wake()

    def hear(self, sent: Sent, verdict: Verdict) -> None:
        """Learn what came of a send.

        Raises:
            ServiceError: nothing more may be sent, or nothing works.
        """
        condition = self._condition
        if verdict.action is Action.ACCEPT:
            if condition.is_clear:
                return
            condition.succeeded(sent.ordinal, is_probe=sent.is_probe)
            if self._is_remembered and condition.gate_until == 0.0:
                self._is_remembered = False
                self._remember_pause(None)
        else:
            self._hear_trouble(sent, verdict)
        self._wake()

    @property
    def state(self) -> str:
        """How the host fares, in words."""
        return in_words(self.plight, self._clock.now())

    @property
    def plight(self) -> Plight | None:
        """What keeps requests back, or slow; None: nothing."""
        now, condition = self._clock.monotonic(), self._condition
        if now < condition.gate_until:
            why = Why.ASKED if condition.gate_was_asked else Why.LIMITED
            return Plight(why, self._moment(condition.gate_until))
        if condition.closed and condition.next_probe is not None:
            why = {Closed.SILENCE: Why.SILENCE, Closed.WALL: Why.WALL}[condition.closed]
            return Plight(why, self._moment(condition.next_probe))
        whole_at = self._pace.whole_at(now) if self._pace else None
        if whole_at is not None:
            return Plight(Why.SLOWED, self._moment(whole_at))
        if not condition.is_clear and is_short_of_budget(self._tally, condition.manners):
            return Plight(Why.REPEATS)
        return None

    def _moment(self, monotonic: float) -> datetime:
        return self._clock.now() + timedelta(seconds=monotonic - self._clock.monotonic())

    def _hear_trouble(self, sent: Sent, verdict: Verdict) -> None:
        now = self._clock.monotonic()
        condition = self._condition
        match verdict.action:
            case Action.STOP:
                raise self._refusal.certificate(verdict.sentence)
            case Action.PAUSE:
                halt = self._pause(now, sent, verdict)
            case Action.BLOCKED:
                self._tally.blocked += 1
                is_news, halt = condition.blocked(now, sent.ordinal, self._tally.sent)
                if is_news:
                    self._cut(condition.next_probe or now)
            case _ if verdict.is_silence:
                halt = condition.failed(now, is_probe=sent.is_probe)
            case _:
                halt = condition.answered(now, is_probe=sent.is_probe)
        if halt:
            raise self._halted(halt, now, verdict)

    def _pause(self, now: float, sent: Sent, verdict: Verdict) -> Halt | None:
        condition = self._condition
        self._tally.limited += 1
        gate_before = max(condition.gate_until, now)
        is_new, halt = condition.asked_to_pause(
            now, sent.ordinal, self._tally.sent, verdict.pause_seconds
        )
        if sent.is_probe:
            condition.end_probe()
        if is_new:
            self._tally.pauses += 1
            self._cut(condition.gate_until)
        if condition.gate_until > gate_before:
            self._tally.paused_seconds += condition.gate_until - gate_before
            length = condition.gate_until - now
            self._is_remembered = True
            self._remember_pause(Pause(self._clock.now() + timedelta(seconds=length), length))
        return halt

    def _cut(self, opens_at: float) -> None:
        if self._pace:
            self._pace.cut(opens_at)

    def _halted(self, halt: Halt, now: float, verdict: Verdict) -> ServiceError:
        condition = self._condition
        match halt:
            case Halt.ASKED_TOO_LONG:
                moment = self._clock.now()
                until = moment + timedelta(seconds=condition.gate_until - now)
                return self._refusal.asked_too_long(until, moment)
            case Halt.BLOCKED:
                return self._refusal.blocked(verdict.sentence)
            case Halt.NO_SUCCESS:
                since = now if condition.trouble_since is None else condition.trouble_since
                return self._refusal.no_success(now - since, verdict.sentence)

    async def _sleep(self, wait: Wait) -> None:
        """Wait until then, or until something has come that may change the advice."""
        try:
            with anyio.CancelScope() as self._nap:
                if wait.until is None:
                    await anyio.sleep_forever()
                else:
                    await self._clock.sleep(max(0.0, wait.until - self._clock.monotonic()))
        finally:
            self._nap = None

    def _wake(self) -> None:
        if self._nap:
            self._nap.cancel()
