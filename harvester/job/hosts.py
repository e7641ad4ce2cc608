"""Whom a run asks: Figshare, another host, or the simulator that this package brings along."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date

from harvester.fetch.authorization import basic_authorization, token_authorization
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.governor import Pause
from harvester.fetch.host import Host, open_host_at
from harvester.fetch.origin import Origins, SendQuota
from harvester.job.credentials import credentials_hint, token_hint
from harvester.job.network import Network
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.model.secret import Secret
from harvester.version import __version__


@dataclass(frozen=True, slots=True)
class StatsHost:
    """Where statistics and listings are asked, and as whom.

    Attributes:
        url: of the statistics.
        credentials: `username:password`; None in the public scope.
        hint: where the credentials come from, in words that give nothing away.
        api_url: of the listings.
        token: for private listings; None: there is none.
        token_hint: where it comes from, likewise.
        network: the ways to both.
    """

    url: str
    credentials: Secret | None
    hint: str
    api_url: str
    token: Secret | None
    token_hint: str
    network: Network


async def stats_host(
    settings: JobSettings,
    snapshot: date,
    stack: AsyncExitStack,
    network: Network,
    credentials: Secret | None,
    token: Secret | None,
) -> StatsHost:
    """The hosts of a job; an embedded simulator serves until `stack` closes."""
    hints = (credentials_hint(settings), token_hint(settings))
    simulator = settings.simulator
    if simulator is None:
        urls = (settings.stats_url, settings.api_url)
        return StatsHost(urls[0], credentials, hints[0], urls[1], token, hints[1], network)
    # Only jobs on the simulator need its server: a run on Figshare starts sooner without it.
    from harvester.simulator.config import SimulatorConfig  # noqa: PLC0415
    from harvester.simulator.server import serving  # noqa: PLC0415

    slug = settings.institution or "demo"
    world = SimulatorConfig(
        seed=simulator.seed,
        articles=simulator.articles,
        institution=slug,
        institution_id=settings.institution_id,
        today=snapshot,
    )
    running = await stack.enter_async_context(serving(world))
    # It wants a token as Figshare does, and takes any.
    token = token or Secret("simulated")
    return StatsHost(running.url, credentials, hints[0], running.api_url, token, hints[1], network)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where one call of a run asks."""

    settings: JobSettings
    where: StatsHost
    origins: Origins

    def statistics(self) -> AbstractAsyncContextManager[Host]:
        """The session for statistics."""
        return open_host_at(self.origins, stats_settings(self.settings, self.where))

    def listings(self) -> AbstractAsyncContextManager[Host]:
        """The session for listings and single items."""
        return open_host_at(self.origins, api_settings(self.settings, self.where))


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

    return Origins(options.clock, remember, recall, SendQuota(options.max_requests))


def stats_settings(settings: JobSettings, host: StatsHost) -> FetchSettings:
    """How the statistics are asked."""
    secret = host.credentials
    how = FetchSettings(
        base_url=host.url,
        user_agent=_user_agent(settings.contact),
        authorization=basic_authorization(secret.reveal()) if secret else None,
        credentials_hint=host.hint,
        proxy=host.network.statistics.proxy,
    )
    return _limited(how, settings, host.network)


def api_settings(settings: JobSettings, host: StatsHost) -> FetchSettings:
    """How listings and single items are asked: the token goes with private listings alone."""
    how = FetchSettings(
        base_url=host.api_url,
        user_agent=_user_agent(settings.contact),
        authorization=token_authorization(host.token.reveal()) if host.token else None,
        authorizes_all=False,
        proxy=host.network.listings.proxy,
        credentials_name="token",
        credentials_hint=host.token_hint,
        credentials_note="it may have expired; an administrator of the institution makes a new "
        "one in Figshare, under Applications",
    )
    return _limited(how, settings, host.network)


def _limited(how: FetchSettings, settings: JobSettings, network: Network) -> FetchSettings:
    return replace(
        how,
        trust=network.trust,
        trusted=network.trusted,
        requests_per_second=settings.requests_per_second,
        concurrency=settings.concurrency,
        attempts=settings.attempts,
        timeout_seconds=settings.timeout_seconds,
        max_pause_seconds=settings.max_pause_seconds,
    )


def _user_agent(contact: str | None) -> str:
    whom = f"; {contact}" if contact else ""
    return f"figshare-stats-harvester/{__version__} (usage statistics{whom})"
