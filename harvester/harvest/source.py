"""Whom a run asks: Figshare, another host, or the simulator that this package brings along."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date

from harvester.harvest.facts import credentials_hint
from harvester.spec.jobspec import JobSpec


@dataclass(frozen=True, slots=True)
class StatsHost:
    """Where statistics are asked, and as whom.

    Attributes:
        credentials: `username:password`; None in the public scope.
        hint: where the credentials come from, in words that give nothing away.
    """

    url: str
    credentials: str | None
    hint: str


async def stats_host(
    job: JobSpec, snapshot: date, credentials: str | None, stack: AsyncExitStack
) -> StatsHost:
    """The host of a job's statistics; an embedded simulator serves until `stack` closes."""
    hint = credentials_hint(job)
    simulator = job.source.simulator
    if simulator is None:
        return StatsHost(job.source.stats_url, credentials, hint)
    # Only jobs on the simulator need its server: a run on Figshare starts sooner without it.
    from harvester.simulator.config import SimulatorConfig  # noqa: PLC0415
    from harvester.simulator.server import serving  # noqa: PLC0415

    slug = job.source.institution or "demo"
    world = SimulatorConfig(
        seed=simulator.seed, articles=simulator.articles, institution=slug, today=snapshot
    )
    running = await stack.enter_async_context(serving(world))
    return StatsHost(running.url, credentials, hint)
