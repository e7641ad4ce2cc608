"""Requests in, outcomes out, a fixed number at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import anyio

from harvester.errors import ServiceError, chief
from harvester.fetch.ask import Asker, Judge, Phase, Worker
from harvester.fetch.host import Host
from harvester.fetch.stop import Stop
from harvester.model.reply import Failure, Reply
from harvester.model.request import Request

# Returns when the outcome is durable.
Keep = Callable[[Reply | Failure], Awaitable[None]]


async def fetch(
    requests: Iterator[Request], host: Host, *, judge: Judge, keep: Keep, stop: Stop
) -> None:
    """Ask every request and hand over every outcome, until there are none or the run stops.

    Workers pull from the one iterator, so a request is drawn when one is free to ask it, in the
    iterator's order. Each waits for `keep` before it draws again: a slow disk slows the network
    down, and memory does not grow with the plan.

    When `stop` is set nothing more is sent. Who waits gives its request back, without an
    outcome; who is under way gets the grace and is kept if it makes it. `stop` may also be set
    here: `max_requests` when more sends would be needed than allowed.

    Raises:
        ServiceError: the host refuses, blocks, is down, or asks for too long a pause; whatever
            was under way had the grace to finish and was kept.
        HarvestError: whatever `keep`, `judge` or the iterator raise (`judge`: all but
            ParseError) cancels the rest and is raised as it is.
    """
    pool = _Pool(requests, host, keep, Asker(host, judge, stop), stop)
    await pool.run()


class _Pool:
    def __init__(
        self, requests: Iterator[Request], host: Host, keep: Keep, asker: Asker, stop: Stop
    ) -> None:
        self._requests = requests
        self._host = host
        self._keep = keep
        self._asker = asker
        self._stop = stop
        self._workers: list[Worker] = []
        self._refusal: ServiceError | None = None

    async def run(self) -> None:
        error: BaseException | None = None
        try:
            async with anyio.create_task_group() as watch:
                watch.start_soon(self._watch)
                async with anyio.create_task_group() as crew:
                    for _ in range(self._host.settings.concurrency):
                        worker = Worker()
                        self._workers.append(worker)
                        crew.start_soon(self._work, worker)
                watch.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            error = chief(group)
        if error or self._refusal:
            raise error or self._refusal or AssertionError

    async def _work(self, worker: Worker) -> None:
        with worker.scope:
            while not self._stop.is_set:
                request = next(self._requests, None)
                if request is None:
                    return
                try:
                    outcome = await self._asker.ask(request, worker)
                except ServiceError as error:
                    self._refuse(error)
                    return
                if outcome is None:
                    return
                worker.phase = Phase.KEEPING
                await self._keep(outcome)
                worker.phase = Phase.WAITING

    def _refuse(self, error: ServiceError) -> None:
        """End the run for the host's sake; who wanted to stop before has been heard."""
        if not self._stop.is_set:
            self._refusal = error
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
