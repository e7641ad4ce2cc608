"""One host's governor: every send asks it first and tells it afterwards.

It only waits and passes on; what is decided is decided in `circuit.py` and `rate_limiter.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import anyio

from harvester.clock import Clock
from harvester.errors import ServiceError
from harvester.fetch.circuit import Closed, Halt, HostCircuit, Permit, Wait
from harvester.fetch.rate_limiter import RateLimiter
from harvester.fetch.retry import is_short_of_budget
from harvester.fetch.service_errors import ServiceErrors
from harvester.fetch.tally import Tally
from harvester.fetch.verdict import Action, Verdict
from harvester.model.host_status import HoldReason, HostStatus, in_words


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
    """Admits the requests to one host one by one, in the order they came: gate, circuit, pace."""

    def __init__(
        self,
        circuit: HostCircuit,
        pace: RateLimiter | None,
        service_errors: ServiceErrors,
        clock: Clock,
        tally: Tally,
        remember_pause: Callable[[Pause | None], None],
    ) -> None:
        self._circuit = circuit
        self._pace = pace
        self._service_errors = service_errors
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
        latest = now + timedelta(seconds=pause.asked_seconds)
        if pause.until > latest:
            # The clock was set back since: a pause lasts no longer than was asked.
            pause = Pause(latest, pause.asked_seconds)
            self._remember_pause(pause)
        if pause.asked_seconds > self._circuit.max_pause_seconds:
            raise self._service_errors.asked_too_long(pause.until, now)
        left = (pause.until - now).total_seconds()
        self._circuit.close_gate(self._clock.monotonic() + left)

    @property
    def may_go_at_once(self) -> bool:
        """Whether there is nothing to wait for, so that `admit` need not be awaited."""
        return self._pace is None and self._circuit.is_clear and not self._queue.locked()

    async def admit(self) -> Permit:
        """Wait for the turn of one send."""
        async with self._queue:
            while True:
                advice = self._circuit.advice(self._clock.monotonic())
                if isinstance(advice, Wait):
                    await self._sleep(advice)
                    continue
                if self._pace:
                    await self._pace.take(self._clock.monotonic())
                    # The gate may have closed while the pace was awaited.
                    advice = self._circuit.advice(self._clock.monotonic())
                    if isinstance(advice, Wait):
                        continue
                if advice is Permit.PROBE:
                    self._circuit.begin_probe()
                return advice

    def withdraw(self, permit: Permit) -> None:
        """A permit was not used."""
        if permit is Permit.PROBE:
            self._circuit.end_probe()
            self._wake()

    def record(self, sent: Sent, verdict: Verdict) -> None:
        """Learn what came of a send.

        Raises:
            ServiceError: nothing more may be sent, or nothing works.
        """
        circuit = self._circuit
        if verdict.action is Action.ACCEPT:
            if circuit.is_clear:
                return
            circuit.succeeded(sent.ordinal, is_probe=sent.is_probe)
            if self._is_remembered and circuit.gate_until == 0.0:
                self._is_remembered = False
                self._remember_pause(None)
        else:
            self._hear_trouble(sent, verdict)
        self._wake()

    @property
    def state(self) -> str:
        """How the host fares, in words."""
        return in_words(self.host_status, self._clock.now())

    @property
    def host_status(self) -> HostStatus | None:
        """What keeps requests back, or slow; None: nothing."""
        now, circuit = self._clock.monotonic(), self._circuit
        if now < circuit.gate_until:
            why = HoldReason.RETRY_AFTER if circuit.gate_was_asked else HoldReason.THROTTLED
            return HostStatus(why, self._moment(circuit.gate_until))
        if circuit.closed and circuit.next_probe is not None:
            why = {Closed.UNREACHABLE: HoldReason.UNREACHABLE, Closed.BLOCKED: HoldReason.BLOCKED}[
                circuit.closed
            ]
            through = self._service_errors.proxy if circuit.closed is Closed.UNREACHABLE else None
            return HostStatus(why, self._moment(circuit.next_probe), str(through or ""))
        whole_at = self._pace.whole_at(now) if self._pace else None
        if whole_at is not None:
            return HostStatus(HoldReason.SLOWED, self._moment(whole_at))
        if not circuit.is_clear and is_short_of_budget(self._tally, circuit.politeness):
            return HostStatus(HoldReason.RETRY_BUDGET)
        return None

    def _moment(self, monotonic: float) -> datetime:
        return self._clock.now() + timedelta(seconds=monotonic - self._clock.monotonic())

    def _hear_trouble(self, sent: Sent, verdict: Verdict) -> None:
        now = self._clock.monotonic()
        circuit = self._circuit
        match verdict.action:
            case Action.STOP:
                raise self._service_errors.stopped(verdict.reason, verdict.sentence)
            case Action.PAUSE:
                halt = self._pause(now, sent, verdict)
            case Action.BLOCKED:
                self._tally.blocked += 1
                is_news, halt = circuit.blocked(now, sent.ordinal, self._tally.sent)
                if is_news:
                    self._cut(circuit.next_probe or now)
            case _ if verdict.is_silence:
                halt = circuit.failed(now, is_probe=sent.is_probe)
            case _:
                halt = circuit.answered(now, is_probe=sent.is_probe)
        if halt:
            raise self._halted(halt, now, verdict)

    def _pause(self, now: float, sent: Sent, verdict: Verdict) -> Halt | None:
        circuit = self._circuit
        self._tally.limited += 1
        gate_before = max(circuit.gate_until, now)
        is_new, halt = circuit.asked_to_pause(
            now, sent.ordinal, self._tally.sent, verdict.pause_seconds
        )
        if sent.is_probe:
            circuit.end_probe()
        if is_new:
            self._tally.pauses += 1
            self._cut(circuit.gate_until)
        if circuit.gate_until > gate_before:
            self._tally.paused_seconds += circuit.gate_until - gate_before
            length = circuit.gate_until - now
            self._is_remembered = True
            self._remember_pause(Pause(self._clock.now() + timedelta(seconds=length), length))
        return halt

    def _cut(self, opens_at: float) -> None:
        if self._pace:
            self._pace.cut(opens_at)

    def _halted(self, halt: Halt, now: float, verdict: Verdict) -> ServiceError:
        circuit = self._circuit
        match halt:
            case Halt.ASKED_TOO_LONG:
                moment = self._clock.now()
                until = moment + timedelta(seconds=circuit.gate_until - now)
                return self._service_errors.asked_too_long(until, moment)
            case Halt.BLOCKED:
                return self._service_errors.blocked(verdict.sentence)
            case Halt.NO_SUCCESS:
                since = now if circuit.trouble_since is None else circuit.trouble_since
                return self._service_errors.no_success(now - since, verdict.sentence)

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
