"""`check --online` and `check --count`: looking, and listing, before anything is harvested."""

from __future__ import annotations

from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import date

from harvester.discover.discovery import Gathering
from harvester.discover.summary import Gathered, gathered
from harvester.errors import ServiceError
from harvester.fetch.stop import Stop
from harvester.harvest.result import Ending, ending_of
from harvester.harvest.run import demanded_token
from harvester.harvest.source import stats_host
from harvester.job.hosts import Hosts, origins_of
from harvester.job.log import Log
from harvester.job.options import RunOptions
from harvester.job.readiness import check_ready
from harvester.job.settings import job_folder, read_credentials, run_date
from harvester.job.workspace import opened
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.preview.estimate import foresee
from harvester.preview.findings import Finding
from harvester.preview.online_probes import MOST_REQUESTS, Online
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import needs_credentials, wanted


@dataclass(frozen=True, slots=True)
class Counted:
    """What `check --count` came to.

    Attributes:
        problem: why Figshare was left alone before the listings were complete.
        why: why it was interrupted; empty: it was not.
    """

    gathered: Gathered
    ending: Ending
    problem: ServiceError | None
    why: str


async def look_online(job: JobSpec, options: RunOptions) -> list[Finding]:
    """Find a wrong slug, refused credentials, a refused token, ids of the wrong kind.

    Raises:
        UsageError: credentials or a token are named and cannot be read, or a token is missing.
        ServiceError: Figshare blocks, is down, or asks for a long pause.
    """
    snapshot = run_date(job, options.today, options.clock.now().date())
    password, token = read_credentials(job), demanded_token(job)
    uses = bool(password) and needs_credentials(wanted(job, snapshot))
    async with AsyncExitStack() as stack:
        ledger = stack.enter_context(_ledger(job))
        ids = foresee(job, ledger, snapshot).entities
        where = await stats_host(job, snapshot, password, stack, token)
        options = replace(options, max_requests=MOST_REQUESTS)
        hosts = Hosts(job, where, origins_of(ledger, _silent, options))
        return await Online(hosts, snapshot, ids, uses).look()


def _ledger(job: JobSpec) -> AbstractContextManager[Ledger | None]:
    """The job's ledger, where it has run or counted before: it knows ids, and pauses."""
    path = job_folder(job) / "_harvest" / "ledger.sqlite"
    return Ledger(path) if path.is_file() else nullcontext()


def _silent(_sentence: str) -> None:
    """A look is no part of the job's history."""


async def count_entities(job: JobSpec, options: RunOptions) -> Counted:
    """List all that the job discovers, resumably; the next run of the date takes it over.

    Raises:
        UsageError: the token is missing, or the folder belongs to another source.
        OutputError: the output cannot be written, is locked by a run, or is damaged.
    """
    options = replace(options, stop=options.stop or Stop())
    today = run_date(job, options.today, options.clock.now().date())
    token = demanded_token(job)
    with opened(job, options.clock.now()) as out:
        check_ready(job, out)
        snapshot = _snapshot(out.ledger.runs.latest(), today)
        async with AsyncExitStack() as stack:
            where = await stats_host(job, snapshot, None, stack, token)
            log = Log(out.folder.log, options.clock)
            hosts = Hosts(job, where, origins_of(out.ledger, log.say, options))
            problem = await Gathering(job, out, hosts, options).to_the_end(snapshot)
        found = gathered(out.ledger, snapshot, None)
    why = options.stop.why if options.stop else ""
    is_over = problem is None and not why
    return Counted(found, ending_of(problem, why, {}, is_over=is_over), problem, why)


def _snapshot(latest: Run | None, today: date) -> date:
    """The date of the run that would take the listing over."""
    is_open = latest is not None and latest.state is RunState.UNFINISHED and latest.gathers
    return latest.snapshot if latest and is_open else today
