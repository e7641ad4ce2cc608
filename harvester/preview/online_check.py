"""`check --online`: a look at the service, before anything is harvested."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from dataclasses import replace

from harvester.job.credentials import demanded_token, read_credentials
from harvester.job.hosts import Hosts, origins_of, stats_host
from harvester.job.network import network_of
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.model.question import Question
from harvester.model.terms import Endpoint, Kind
from harvester.preview.estimate import estimate
from harvester.preview.findings import OnlineFinding
from harvester.preview.online_probes import MOST_REQUESTS, OnlineCheck

_RANKED = frozenset({Endpoint.TOTAL, Endpoint.TIMELINE})


async def look_online(settings: JobSettings, options: RunOptions) -> list[OnlineFinding]:
    """Find a wrong slug, refused credentials or token, ids of the wrong kind; try rankings.

    Raises:
        UsageError: credentials or a token are named and cannot be read, or a token is missing.
        ServiceError: Figshare blocks, is down, or asks for a long pause.
    """
    snapshot = settings.run_date(options.today, options.clock.now().date())
    password, token = read_credentials(settings), demanded_token(settings)
    network = network_of(settings)
    questions = [each.question for each in settings.wanted(snapshot)]
    uses = bool(password) and any(each.needs_credentials for each in questions)
    ranked = _ranked(questions) if password else None
    async with AsyncExitStack() as stack:
        ledger = stack.enter_context(_ledger(settings))
        ids = estimate(settings, ledger, snapshot).entities
        where = await stats_host(settings, snapshot, stack, network, password, token)
        options = replace(options, max_requests=MOST_REQUESTS)
        hosts = Hosts(settings, where, origins_of(ledger, _silent, options))
        return await OnlineCheck(hosts, snapshot, ids, uses, ranked).look()


def _ranked(questions: Sequence[Question]) -> Kind | None:
    """A kind of which rankings could tell something that the job asks item by item."""
    asked = {
        each.kind
        for each in questions
        if each.institution and not each.sub_item and each.endpoint in _RANKED
    }
    return next((kind for kind in Kind if kind in asked), None)


def _ledger(settings: JobSettings) -> AbstractContextManager[Ledger | None]:
    """The job's ledger, where it has run or counted before: it knows ids, and pauses."""
    return Ledger(settings.ledger) if settings.ledger.is_file() else nullcontext()


def _silent(_sentence: str) -> None:
    """A look is no part of the job's history."""
