"""One call, sent until it is answered, given up or given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import anyio

from harvester.errors import ParseError, ServiceError
from harvester.fetch.call import ApiCall
from harvester.fetch.circuit import Permit
from harvester.fetch.governor import Sent
from harvester.fetch.host import Host
from harvester.fetch.response import Arrival, Response
from harvester.fetch.retry import backoff_seconds, is_short_of_budget
from harvester.fetch.stop import Stop
from harvester.fetch.verdict import Action, Verdict, misshapen, verdict


class Phase(Enum):
    """What a worker is at: it decides what a stop does to it."""

    WAITING = "waiting"  # gives its request back at once
    FLYING = "flying"  # gets the grace
    KEEPING = "keeping"  # is never cut off


class Worker:
    """One of the workers that send, as a stop sees it.

    Attributes:
        phase: what it is at.
        scope: cancelled when it is to be cut off.
    """

    __slots__ = ("phase", "scope")

    def __init__(self) -> None:
        self.phase = Phase.WAITING
        self.scope = anyio.CancelScope()


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How a call ended: with an answer, or given up for a reason.

    Attributes:
        at: when the last arrival was complete.
        attempts: how often it was sent, at least 1.
        rows: how much the answer holds, as its judge says; 0 when it was given up.
        reason: a short stable word for why it was given up; empty: it was answered.
        sentence: the same for people.
    """

    attempt_result: Arrival
    at: datetime
    attempts: int
    rows: int
    reason: str = ""
    sentence: str = ""

    @property
    def answer(self) -> Response:
        """What was answered."""
        if self.reason or not isinstance(self.attempt_result, Response):
            raise TypeError("a call that was given up has no answer")
        return self.attempt_result


@dataclass(slots=True)
class _Asking:
    """How far one call has come.

    Attributes:
        sends: attempts, whatever came of them.
        failures: those of them that count against the limit of attempts.
        pauses: how often it was told to slow down while others succeeded.
        walls: how often it met a block page while others succeeded.
        accepted: replies the host had given, to anyone, when this call was last put off.
    """

    sends: int = 0
    failures: int = 0
    pauses: int = 0
    walls: int = 0
    accepted: int = -1


@dataclass(slots=True)
class _Heard:
    """One send and what came of it, and when."""

    sent: Sent
    attempt_result: Arrival
    at: datetime
    verdict: Verdict
    rows: int


class Sender:
    """Sends calls: admitted, tried, judged, retried, until each has an outcome."""

    def __init__(self, host: Host, stop: Stop) -> None:
        self._host = host
        self._stop = stop
        # One doubt about the credentials at a time: the answer holds for all who wait.
        self._doubt = anyio.Lock()

    async def ask(self, call: ApiCall, worker: Worker) -> CallOutcome | None:
        """Send until there is an outcome; None: the run stops, the call is given back.

        Raises:
            ServiceError: nothing more may be sent, to anyone.
        """
        asking = _Asking()
        governor = self._host.governor
        while True:
            permit = self._used(Permit.GO) if governor.may_go_at_once else await self._permit()
            if permit is None:
                return None
            if permit is Permit.PROBE and (known_good := self._host.known_good.latest):
                self._host.tally.probes += 1
                await self._send(known_good, permit, worker)
                continue
            self._count(asking)
            recorded = await self._send(call, permit, worker)
            if recorded.verdict.action is Action.ACCEPT:
                return self._answered(call, recorded, asking)
            reason = await self._settle(call, recorded, asking, worker)
            if reason is not None:
                return self._given_up(recorded, asking, reason)

    async def _permit(self) -> Permit | None:
        """The right to send once; None: nothing more is sent."""
        if self._stop.is_set:
            return None
        return self._used(await self._host.governor.admit())

    def _used(self, permit: Permit) -> Permit | None:
        """A permit as it may be used when the stop and the limit of sends are looked at."""
        if self._host.send_quota.is_spent:
            # Those under way were counted: what they bring is not thrown away.
            self._stop.set("max_requests", lets_finish=True)
        if self._stop.is_set:
            self._host.governor.withdraw(permit)
            return None
        return permit

    def _count(self, asking: _Asking) -> None:
        asking.sends += 1
        if asking.sends == 1:
            self._host.tally.first_attempts += 1
        else:
            self._host.tally.retries += 1

    async def _send(self, call: ApiCall, permit: Permit, worker: Worker) -> _Heard:
        """Send once. From the permit to here nothing is awaited: the limits are exact."""
        host = self._host
        host.tally.send(host.clock.monotonic())
        host.send_quota.sent += 1
        sent = Sent(host.tally.sent, permit is Permit.PROBE)
        worker.phase = Phase.FLYING
        attempt_result = await host.client.attempt(call)
        worker.phase = Phase.WAITING
        at = host.clock.now()
        judged, rows = _judged(call, attempt_result, at)
        if judged.action is Action.ACCEPT:
            host.tally.accepted += 1
            # Only a 200 shows that the service does what it is asked to.
            if attempt_result.status == 200:
                host.known_good.remember(call, sent.ordinal)
        host.governor.record(sent, judged)
        return _Heard(sent, attempt_result, at, judged, rows)

    async def _settle(
        self, call: ApiCall, recorded: _Heard, asking: _Asking, worker: Worker
    ) -> str | None:
        """Decide what a reply that is not accepted means for its call.

        Returns:
            The reason to give it up for; None: try again, now that it was waited.
        """
        judged = recorded.verdict
        is_refused = judged.action is Action.REFUSED
        if judged.action is Action.FAIL or (
            is_refused and await self._is_only_this(call, recorded, worker)
        ):
            return judged.reason
        if judged.action in {Action.PAUSE, Action.BLOCKED}:
            return judged.reason if self._is_hopeless(judged.action, asking) else None
        if recorded.sent.is_probe:
            # It went out in place of all: that the host is down is not held against it.
            return None
        asking.failures += 1
        if asking.failures >= self._host.settings.attempts:
            return judged.reason
        await self._back_off(asking.failures)
        return None

    def _is_hopeless(self, action: Action, asking: _Asking) -> bool:
        """Whether the host answers everyone but this call; a pause is no attempt."""
        settings = self._host.settings
        is_alone = self._is_alone(asking)
        if action is Action.PAUSE:
            asking.pauses += is_alone
            return asking.pauses >= settings.politeness.lone_pauses
        asking.walls += is_alone
        return asking.walls >= settings.attempts

    def _is_alone(self, asking: _Asking) -> bool:
        """Whether others have succeeded since this call was last put off."""
        before, asking.accepted = asking.accepted, self._host.tally.accepted
        return 0 <= before < asking.accepted

    async def _back_off(self, failures: int) -> None:
        host = self._host
        if self._stop.is_set:
            return
        is_short = is_short_of_budget(host.tally, host.settings.politeness)
        seconds = backoff_seconds(failures, host.chance(), is_short_of_budget=is_short)
        await host.clock.sleep(seconds)

    async def _is_only_this(self, call: ApiCall, recorded: _Heard, worker: Worker) -> bool:
        """Whether a refusal is about this call alone, and not about the credentials or us.

        Returns:
            False: it could not be found out; try again.

        Raises:
            ServiceError: it is about the credentials; without any, about who asks.
        """
        host = self._host
        refused_at = host.tally.sent
        async with self._doubt:
            known_good, ordinal = host.known_good.against(call)
            if ordinal > refused_at:
                return True
            if known_good is None:
                raise self._refused(call, recorded.verdict)
            permit = await self._permit()
            if permit is None:
                return False
            host.tally.probes += 1
            again = await self._send(known_good, permit, worker)
            if again.verdict.action is Action.REFUSED:
                raise self._refused(call, again.verdict)
            return again.verdict.action is Action.ACCEPT

    def _refused(self, call: ApiCall, refusal: Verdict) -> ServiceError:
        """What a refusal of everything is about; nobody looks for credentials that none sent."""
        host = self._host
        if call.needs_credentials or host.settings.authorization:
            return host.service_errors.credentials(refusal.sentence, host.settings)
        return host.service_errors.refused(refusal.sentence)

    def _answered(self, call: ApiCall, recorded: _Heard, asking: _Asking) -> CallOutcome:
        tally = self._host.tally
        tally.answered[call.stage] += 1
        if isinstance(recorded.attempt_result, Response):
            tally.received_bytes += len(recorded.attempt_result.body)
        return CallOutcome(recorded.attempt_result, recorded.at, asking.sends, recorded.rows)

    def _given_up(self, recorded: _Heard, asking: _Asking, reason: str) -> CallOutcome:
        self._host.tally.failed[reason] += 1
        sentence = recorded.verdict.sentence
        return CallOutcome(recorded.attempt_result, recorded.at, asking.sends, 0, reason, sentence)


def _judged(call: ApiCall, attempt_result: Arrival, at: datetime) -> tuple[Verdict, int]:
    judged = verdict(attempt_result, at, call.answers)
    if judged.action is not Action.ACCEPT or not isinstance(attempt_result, Response):
        return judged, 0
    try:
        return judged, call.judge(attempt_result)
    except ParseError as error:
        return misshapen(error.what), 0
