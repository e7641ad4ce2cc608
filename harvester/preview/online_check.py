"""`check --online`: a look at the service, before anything is harvested."""

from __future__ import annotations

from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from dataclasses import replace

from harvester.harvest.run import demanded_token
from harvester.job.hosts import Hosts, origins_of, stats_host
from harvester.job.options import RunOptions
from harvester.job.settings import job_folder, read_credentials, run_date
from harvester.ledger.ledger import Ledger
from harvester.preview.estimate import foresee
from harvester.preview.findings import Finding
from harvester.preview.online_probes import MOST_REQUESTS, Online
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import needs_credentials, wanted


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
