"""`check --count`: all that a job discovers is listed, before anything is harvested."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date

from harvester.discover.discovery import Discovery
from harvester.discover.discovery_summary import DiscoverySummary, discovery_summary
from harvester.errors import ServiceError
from harvester.fetch.stop import Stop
from harvester.job.credentials import demanded_token
from harvester.job.ending import Ending, ending_of
from harvester.job.hosts import Hosts, origins_of, stats_host
from harvester.job.log import Log
from harvester.job.network import network_of
from harvester.job.options import RunOptions
from harvester.job.readiness import check_ready
from harvester.job.settings import JobSettings
from harvester.job.workspace import open_workspace
from harvester.ledger.runs import Run, RunState


@dataclass(frozen=True, slots=True)
class CountResult:
    """What `check --count` came to.

    Attributes:
        problem: why Figshare was left alone before the listings were complete.
        why: why it was interrupted; empty: it was not.
    """

    gathered: DiscoverySummary
    ending: Ending
    problem: ServiceError | None
    why: str


async def count_entities(settings: JobSettings, options: RunOptions) -> CountResult:
    """List all that the job discovers, resumably; the next run of the date takes it over.

    Raises:
        UsageError: the token is missing, or the folder belongs to another source.
        OutputError: the output cannot be written, is locked by a run, or is damaged.
    """
    options = replace(options, stop=options.stop or Stop())
    today = settings.run_date(options.today, options.clock.now().date())
    token, network = demanded_token(settings), network_of(settings)
    with open_workspace(settings, options.clock.now()) as out:
        check_ready(settings, out)
        snapshot = _snapshot(out.ledger.runs.latest(), today)
        async with AsyncExitStack() as stack:
            where = await stats_host(settings, snapshot, stack, network, None, token)
            log = Log(out.folder.log, options.clock)
            hosts = Hosts(settings, where, origins_of(out.ledger, log.say, options))
            problem = await Discovery(settings, out, hosts, options).to_the_end(snapshot)
        found = discovery_summary(out.ledger, snapshot, None)
    why = options.stop.why if options.stop else ""
    is_over = problem is None and not why
    ending = ending_of(problem, why, {}, is_over=is_over)
    if ending is Ending.COMPLETE and found.is_marred:
        ending = Ending.WITH_FAILURES
    return CountResult(found, ending, problem, why)


def _snapshot(latest: Run | None, today: date) -> date:
    """The date of the run that would take the listing over."""
    is_open = latest is not None and latest.state is RunState.UNFINISHED and latest.gathers
    return latest.snapshot if latest and is_open else today
