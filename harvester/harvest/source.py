"""Whom a run asks: Figshare, another host, or the simulator that this package brings along."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date

from harvester.job.settings import credentials_hint, token_hint
from harvester.model.secret import Secret
from harvester.spec.jobspec import JobSpec
from harvester.spec.listings import institution_id


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
    """

    url: str
    credentials: Secret | None
    hint: str
    api_url: str
    token: Secret | None
    token_hint: str


async def stats_host(
    job: JobSpec,
    snapshot: date,
    credentials: Secret | None,
    stack: AsyncExitStack,
    token: Secret | None = None,
) -> StatsHost:
    """The hosts of a job; an embedded simulator serves until `stack` closes."""
    hints = (credentials_hint(job), token_hint(job))
    simulator = job.source.simulator
    if simulator is None:
        source = job.source
        return StatsHost(source.stats_url, credentials, hints[0], source.api_url, token, hints[1])
    # Only jobs on the simulator need its server: a run on Figshare starts sooner without it.
    from harvester.simulator.config import SimulatorConfig  # noqa: PLC0415
    from harvester.simulator.server import serving  # noqa: PLC0415

    slug = job.source.institution or "demo"
    world = SimulatorConfig(
        seed=simulator.seed,
        articles=simulator.articles,
        institution=slug,
        institution_id=institution_id(job),
        today=snapshot,
    )
    running = await stack.enter_async_context(serving(world))
    # It wants a token as Figshare does, and takes any.
    return StatsHost(
        running.url, credentials, hints[0], running.api_url, token or Secret("simulated"), hints[1]
    )
