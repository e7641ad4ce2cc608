"""`check --resolve`: DOIs that hold no id are looked up, one request each, and kept."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import anyio

from harvester.discover.entries import read_bearers
from harvester.errors import ServiceError, chief
from harvester.fetch.call import ApiCall
from harvester.fetch.host import Host
from harvester.fetch.listing_calls import doi_call
from harvester.fetch.pool import run_calls
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome
from harvester.fetch.stop import Stop
from harvester.id_files.resolved_dois import DoiList, DoiStatus, ResolvedDoi, open_list
from harvester.job.ending import Ending, ending_of
from harvester.job.hosts import Hosts, origins_of, stats_host
from harvester.job.load_job import OpenDois
from harvester.job.network import network_of
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.model.doi import OpaqueDoi
from harvester.model.terms import Kind


@dataclass(slots=True)
class LookupProgress:
    """How far a look-up is.

    Attributes:
        of: how many DOIs have no answer when it begins.
        statuses: of the answers that came.
        failed: DOIs without an answer, each with a sentence.
        host: None until it is asked.
    """

    of: int
    statuses: dict[DoiStatus, int] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    host: Host | None = None

    @property
    def answered(self) -> int:
        """How many answers came."""
        return sum(self.statuses.values())


@dataclass(frozen=True, slots=True)
class LookupResult:
    """What a look-up came to.

    Attributes:
        problem: why Figshare was left alone before the end.
        why: why it was interrupted; empty: it was not.
    """

    progress: LookupProgress
    ending: Ending
    problem: ServiceError | None
    why: str


Watch = Callable[[LookupProgress], Coroutine[Any, Any, None]]


async def look_up_dois(
    settings: JobSettings, files: Sequence[OpenDois], options: RunOptions, watch: Watch
) -> LookupResult:
    """Look up the DOIs of all files; answers of a call that was killed are not asked again.

    Raises:
        UsageError: a file stands where a list is to be written.
        OutputError: a list cannot be written, or another look-up holds it.
    """
    options = replace(options, stop=options.stop or Stop())
    snapshot = settings.run_date(options.today, options.clock.now().date())
    network = network_of(settings)
    problem: ServiceError | None = None
    async with AsyncExitStack() as stack:
        lists = [(each, stack.enter_context(open_list(each.list, each.kind))) for each in files]
        progress = LookupProgress(sum(len(_unknown(each, held)) for each, held in lists))
        ledger = stack.enter_context(_ledger(settings))
        where = await stats_host(settings, snapshot, stack, network, None, None)
        hosts = Hosts(settings, where, origins_of(ledger, _silent, options))
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(watch, progress)
                for each, held in lists:
                    await _look_up(each, held, hosts, progress, options.stop or Stop())
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            error = chief(group)
            if not isinstance(error, ServiceError):
                raise error from None
            problem = error
    why = options.stop.why if options.stop else ""
    failed = {"failed": len(progress.failed)}
    ending = ending_of(problem, why, failed, is_over=problem is None and not why)
    return LookupResult(progress, ending, problem, why)


def _unknown(file: OpenDois, held: DoiList) -> list[OpaqueDoi]:
    return [each for each in file.dois if each.key not in held.known]


async def _look_up(
    file: OpenDois, held: DoiList, hosts: Hosts, progress: LookupProgress, stop: Stop
) -> None:
    unknown = _unknown(file, held)
    if not unknown or stop.is_set:
        return

    async def keep(doi: OpaqueDoi, outcome: CallOutcome) -> None:
        if outcome.reason:
            progress.failed.append((doi.doi, outcome.sentence))
            return
        answer = resolved(doi, read_bearers(doi, outcome.answer.body))
        held.keep(answer)
        progress.statuses[answer.status] = progress.statuses.get(answer.status, 0) + 1

    async with hosts.listings() as host:
        progress.host = host
        call = partial(_call, host.settings.base_url, file.kind)
        requests: Iterator[OpaqueDoi] = iter(unknown)
        await run_calls(requests, call, host, keep=keep, stop=stop)


def _call(base_url: str, kind: Kind, doi: OpaqueDoi) -> ApiCall:
    def judge(answer: Response) -> int:
        return len(read_bearers(doi, answer.body))

    return doi_call(base_url, kind, doi.doi, judge)


def resolved(doi: OpaqueDoi, bearers: Sequence[int]) -> ResolvedDoi:
    """What the items that bear a DOI say about it."""
    if len(bearers) == 1:
        return ResolvedDoi(doi, bearers[0], DoiStatus.FOUND)
    return ResolvedDoi(doi, None, DoiStatus.AMBIGUOUS if bearers else DoiStatus.NOT_FOUND)


def _ledger(settings: JobSettings) -> AbstractContextManager[Ledger | None]:
    """The job's ledger, where it has run or counted before: it knows pauses."""
    return Ledger(settings.ledger) if settings.ledger.is_file() else nullcontext()


def _silent(_sentence: str) -> None:
    """A look-up is no part of the job's history."""
