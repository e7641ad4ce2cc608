"""`probe`: what the documentation leaves open, asked of the real service in few requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, replace

from harvester.errors import ServiceError
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.host import open_host_at
from harvester.job.credentials import read_credentials, read_token
from harvester.job.hosts import api_settings, origins_of, stats_host, stats_settings
from harvester.job.network import network_of
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.model.terms import Kind
from harvester.preview.estimate import estimate
from harvester.preview.probe_ask import Ask
from harvester.preview.probe_findings import ProbeFinding, ProbeVerdict, UntoldError
from harvester.preview.probe_scout import ProbeScout
from harvester.preview.probe_session import MOST_PROBE_REQUESTS, ProbeSession
from harvester.preview.probe_subjects import ProbeSubjects
from harvester.preview.probe_table import OPEN_QUESTIONS, OpenQuestion

_ATTEMPTS = 3
_UNTOLD_MEANS = "nothing changes: it goes on being assumed"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a probe found out.

    Attributes:
        session: what was sent and answered, for those who keep it.
        requests: sent in all, repeats included.
    """

    subjects: ProbeSubjects
    findings: Sequence[ProbeFinding]
    session: ProbeSession
    requests: int

    @property
    def error(self) -> ServiceError | None:
        """Why nothing more was sent, if so."""
        return self.session.error


async def probe(settings: JobSettings, options: RunOptions) -> ProbeResult:
    """Ask all open questions that the job's scope can ask; writes nothing.

    Args:
        options: its `max_requests` may lower the limit of a probe, and raises it never.

    Raises:
        UsageError: credentials, a token, a proxy or certificates cannot be read.
        ServiceError: a pause that Figshare asked for earlier is not over.
    """
    clock = options.clock.now()
    snapshot = settings.run_date(options.today, clock.date())
    password, token = read_credentials(settings), read_token(settings)
    network = network_of(settings)
    async with AsyncExitStack() as stack:
        ledger = stack.enter_context(_ledger(settings))
        where = await stats_host(settings, snapshot, stack, network, password, token)
        most = min(options.max_requests or MOST_PROBE_REQUESTS, MOST_PROBE_REQUESTS)
        options = replace(options, max_requests=most)
        origins = origins_of(ledger, _silent, options)
        stats, api = [
            await stack.enter_async_context(open_host_at(origins, _brief(each)))
            for each in (stats_settings(settings, where), api_settings(settings, where))
        ]
        # The embedded simulator demands no password.
        has_password = bool(password) or settings.simulator is not None
        session = ProbeSession.between(
            stats, api, has_password=has_password, has_token=bool(where.token)
        )
        ids = estimate(settings, ledger, snapshot).entities
        scout = ProbeScout(session, settings, ids, _parents(ledger))
        subjects = ProbeSubjects(
            settings.institution, Kind.ARTICLE, snapshot,
            is_ranked=has_password and settings.institution is not None,
            now=clock if clock.date() == snapshot else None,
        )  # fmt: skip
        subjects, findings = await _asked(session, scout, subjects)
        return ProbeResult(subjects, findings, session, origins.send_quota.sent)


async def _asked(
    session: ProbeSession, scout: ProbeScout, subjects: ProbeSubjects
) -> tuple[ProbeSubjects, Sequence[ProbeFinding]]:
    session.about = "choosing"
    subjects = await scout.with_item(subjects)
    findings = []
    for question in OPEN_QUESTIONS:
        session.about = question.id
        if question.is_about_groups:
            subjects = await scout.with_family(subjects)
        findings.append(await _finding(question, session, subjects))
    return subjects, findings


async def _finding(
    question: OpenQuestion, session: ProbeSession, subjects: ProbeSubjects
) -> ProbeFinding:
    asks: Mapping[str, Ask] = {}
    try:
        asks = question.asks(subjects)
        answers = {name: await session.ask(ask) for name, ask in asks.items()}
        verdict, seen = question.judge(subjects, answers)
    except UntoldError as error:
        verdict, seen = ProbeVerdict.UNTOLD, str(error)
    means = {
        ProbeVerdict.AS_ASSUMED: question.if_so,
        ProbeVerdict.OTHERWISE: question.if_not,
        ProbeVerdict.UNTOLD: _UNTOLD_MEANS,
    }[verdict]
    asked = [ask.path for ask in asks.values() if ask in session.sent]
    return ProbeFinding(question.id, question.assumed, question.where, asked, verdict, seen, means)


def _parents(ledger: Ledger | None) -> Mapping[int, int]:
    """The group above each, as an earlier listing told; empty: it was never read."""
    if ledger is None:
        return {}
    groups = [row.entity for row in ledger.entities.lines(Kind.GROUP)]
    known = {each.id: each.parent_id or 0 for each in groups}
    return known if any(known.values()) else {}


def _ledger(settings: JobSettings) -> AbstractContextManager[Ledger | None]:
    """The job's ledger, where it has run or counted before: it knows ids, and pauses."""
    return Ledger(settings.ledger) if settings.ledger.is_file() else nullcontext()


def _brief(settings: FetchSettings) -> FetchSettings:
    """Who must try often learns nothing of the service any more."""
    return replace(settings, attempts=min(_ATTEMPTS, settings.attempts), concurrency=1)


def _silent(_sentence: str) -> None:
    """A probe is no part of the job's history."""
