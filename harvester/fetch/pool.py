"""Requests in, outcomes out, a fixed number at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Generic, TypeVar

import anyio

from harvester.errors import ServiceError, chief
from harvester.fetch.call import ApiCall
from harvester.fetch.failure_streak import FailureStreak
from harvester.fetch.host import Host
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome, Phase, Sender, Worker
from harvester.fetch.stop import Stop
from harvester.fetch.url import Writer
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request

R = TypeVar("R")

# What a body says; raises ParseError when it does not answer the question.
Judge = Callable[[Request, bytes], ReplySummary]
# Returns when the outcome is durable.
Keep = Callable[[Reply | Failure], Awaitable[None]]


async def fetch(
    requests: Iterator[Request],
    host: Host,
    *,
    judge: Judge,
    keep: Keep,
    stop: Stop,
    streak: FailureStreak | None = None,
) -> None:
    """Ask requests for statistics: `run_calls`, with their replies and failures kept.

    A failure is kept when something else has succeeded, at the latest when this returns; where
    all fail alike it is not kept at all.

    Args:
        streak: goes on from what was asked before; None: these requests are the first.

    Raises:
        ServiceError: as `run_calls`, and where everything fails alike.
        HarvestError: as `run_calls`.
    """
    streak = streak or FailureStreak()
    writer = Writer(host.settings.base_url)

    def call(asked: _Asked) -> ApiCall:
        request = asked.request
        question = request.question

        def judged(answer: Response) -> int:
            asked.summary = judge(request, answer.body)
            return asked.summary.rows

        return ApiCall(
            writer.address(request),
            judged,
            question.endpoint,
            question.needs_credentials,
            writer.body(request),
        )

    async def kept(asked: _Asked, settled: CallOutcome) -> None:
        # Whoever reads of one on disk finds the success that confirms it there, too.
        for outcome in streak.record(_outcome(asked, settled)):
            await keep(outcome)
        if streak.all_alike and settled.reason:
            address = writer.address(asked.request)
            raise host.service_errors.all_alike(len(streak.failures), streak.in_words, address)

    await run_calls(map(_Asked, requests), call, host, keep=kept, stop=stop)
    for outcome in streak.release():
        await keep(outcome)


class _Asked:
    """A request for statistics under way, and what its last accepted body says."""

    __slots__ = ("request", "summary")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.summary = ReplySummary(0)


async def run_calls(
    requests: Iterator[R],
    call: Callable[[R], ApiCall],
    host: Host,
    *,
    keep: Callable[[R, CallOutcome], Awaitable[None]],
    stop: Stop,
    workers: int | None = None,
) -> None:
    """Ask every request and hand over every outcome, until there are none or the run stops.

    Workers pull from the one iterator, so a request is drawn when one is free to ask it, in the
    iterator's order. Each waits for `keep` before it draws again: a slow disk slows the network
    down, and memory does not grow with the plan. With one worker the next request may depend on
    what came of the last.

    When `stop` is set nothing more is sent. Who waits gives its request back, without an
    outcome; who is under way gets the grace and is kept if it makes it. `stop` may also be set
    here: `max_requests` when more sends would be needed than allowed.

    Args:
        workers: so many at once; None: as the host's settings say.

    Raises:
        ServiceError: the host refuses, blocks, is down, or asks for too long a pause; whatever
            was under way had the grace to finish and was kept.
            `keep` may raise one as well.
        HarvestError: whatever else `keep`, a judge or the iterator raise (a judge: all but
            ParseError) cancels the rest and is raised as it is.
    """
    pool = _Pool(requests, call, host, keep, stop)
    await pool.run(workers or host.settings.concurrency)


def _outcome(asked: _Asked, settled: CallOutcome) -> Reply | Failure:
    request, attempt_result = asked.request, settled.attempt_result
    if settled.reason:
        return Failure(
            request,
            settled.reason,
            settled.sentence,
            attempt_result.status,
            settled.attempts,
            settled.at,
            attempt_result.body if isinstance(attempt_result, Response) else None,
        )
    answer = settled.answer
    return Reply(
        request,
        answer.status,
        answer.content_type,
        answer.body,
        settled.at,
        settled.attempts,
        asked.summary,
    )


class _Pool(Generic[R]):
    def __init__(
        self,
        requests: Iterator[R],
        call: Callable[[R], ApiCall],
        host: Host,
        keep: Callable[[R, CallOutcome], Awaitable[None]],
        stop: Stop,
    ) -> None:
        self._requests = requests
        self._call = call
        self._host = host
        self._keep = keep
        self._sender = Sender(host, stop)
        self._stop = stop
        self._workers: list[Worker] = []
        self._service_errors: ServiceError | None = None

    async def run(self, workers: int) -> None:
        error: BaseException | None = None
        try:
            async with anyio.create_task_group() as watch:
                watch.start_soon(self._watch)
                async with anyio.create_task_group() as crew:
                    for _ in range(workers):
                        worker = Worker()
                        self._workers.append(worker)
                        crew.start_soon(self._work, worker)
                watch.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            error = chief(group)
        if error or self._service_errors:
            raise error or self._service_errors or AssertionError

    async def _work(self, worker: Worker) -> None:
        with worker.scope:
            while not self._stop.is_set:
                request = next(self._requests, None)
                if request is None:
                    return
                try:
                    outcome = await self._sender.ask(self._call(request), worker)
                    if outcome is None:
                        return
                    worker.phase = Phase.KEEPING
                    await self._keep(request, outcome)
                except ServiceError as error:
                    self._refuse(error)
                    return
                worker.phase = Phase.WAITING

    def _refuse(self, error: ServiceError) -> None:
        """End the run for the host's sake; who wanted to stop before has been heard."""
        if not self._stop.is_set:
            self._service_errors = error
            self._stop.set("service")

    async def _watch(self) -> None:
        """Bring a stop to the workers: at once, and again when the grace is over."""
        await self._stop.wait()
        self._cut_off(Phase.WAITING)
        await self._stop.wait_hurried()
        await self._host.clock.sleep(self._host.settings.grace_seconds)
        self._cut_off(Phase.FLYING)

    def _cut_off(self, phase: Phase) -> None:
        for worker in self._workers:
            if worker.phase is phase:
                worker.scope.cancel()
