"""The services of a run: statistics and listings, at one origin or at two."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from harvester.fetch.governor import Pause
from harvester.fetch.host import Host, open_host_at
from harvester.fetch.origin import Allowance, Origins
from harvester.fetch.secret import basic_authorization, token_authorization
from harvester.fetch.settings import FetchSettings
from harvester.harvest.source import StatsHost
from harvester.job.options import RunOptions
from harvester.job.settings import pace_of
from harvester.ledger.ledger import Ledger
from harvester.spec.jobspec import JobSpec
from harvester.version import __version__


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where one call of a run asks."""

    job: JobSpec
    where: StatsHost
    origins: Origins

    def statistics(self) -> AbstractAsyncContextManager[Host]:
        """The session for statistics."""
        return open_host_at(self.origins, stats_settings(self.job, self.where))

    def listings(self) -> AbstractAsyncContextManager[Host]:
        """The session for listings and single items."""
        return open_host_at(self.origins, api_settings(self.job, self.where))


def origins_of(ledger: Ledger | None, say: Callable[[str], None], options: RunOptions) -> Origins:
    """The origins of one call: sends are counted together, pauses remembered in the ledger.

    Args:
        ledger: None: the job has none yet.
        say: writes a line into the job's log.
    """

    def remember(name: str, pause: Pause | None) -> None:
        if ledger:
            ledger.remember_pause(name, (pause.until, pause.asked_seconds) if pause else None)
        say(f"{name}: wait until {pause.until:%FT%TZ}" if pause else f"{name}: go on")

    def recall(name: str) -> Pause | None:
        kept = ledger.pause(name) if ledger else None
        return Pause(*kept) if kept else None

    return Origins(options.clock, remember, recall, Allowance(options.max_requests))


def stats_settings(job: JobSpec, host: StatsHost) -> FetchSettings:
    """How the statistics are asked."""
    secret = host.credentials
    settings = FetchSettings(
        base_url=host.url,
        user_agent=_user_agent(job),
        authorization=basic_authorization(secret.reveal()) if secret else None,
        credentials_hint=host.hint,
    )
    return _limited(settings, job)


def api_settings(job: JobSpec, host: StatsHost) -> FetchSettings:
    """How listings and single items are asked: the token goes with private listings alone."""
    settings = FetchSettings(
        base_url=host.api_url,
        user_agent=_user_agent(job),
        authorization=token_authorization(host.token.reveal()) if host.token else None,
        authorizes_all=False,
        credentials_name="token",
        credentials_hint=host.token_hint,
        credentials_note="it may have expired; an administrator of the institution makes a new "
        "one in Figshare, under Applications",
    )
    return _limited(settings, job)


def _limited(settings: FetchSettings, job: JobSpec) -> FetchSettings:
    limits = job.limits
    return replace(
        settings,
        requests_per_second=pace_of(job),
        concurrency=limits.concurrency,
        attempts=limits.attempts,
        timeout_seconds=limits.timeout_seconds,
        max_pause_seconds=limits.max_pause_minutes * 60,
    )


def _user_agent(job: JobSpec) -> str:
    contact = f"; {job.limits.contact}" if job.limits.contact else ""
    return f"figshare-stats-harvester/{__version__} (usage statistics{contact})"
