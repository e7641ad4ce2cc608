"""The settings of a job: what its spec comes to, resolved once.

The spec stops here. Whoever runs, previews or discovers a job sees these settings alone; what a
user wrote is asked for again only where it is kept (`planned_spec`, `resolved_spec`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

import orjson

from harvester.errors import UsageError
from harvester.model.listing import Listing
from harvester.model.question import Wanted
from harvester.model.terms import Endpoint, Kind
from harvester.spec import resolve
from harvester.spec.job_listings import (
    gathers,
    institution_id,
    listings,
    metadata_kinds,
    needs_token,
)
from harvester.spec.jobspec import JobSpec
from harvester.spec.source import ProxyVariable, SecretPlace

# What these tell has the date it was read on; no period can ask for another.
_AS_OF_NOW = {Endpoint.TOTAL: "totals", Endpoint.TOP: "rankings", Endpoint.COUNT: "counts"}


@dataclass(frozen=True, slots=True)
class SimulatedWorld:
    """The embedded simulator that a job asks instead of Figshare."""

    seed: int
    articles: int


@dataclass(frozen=True, slots=True)
class JobSettings:
    """One job, ready to be run.

    Attributes:
        folder: where it writes: `<output.path>/<name>`.
        institution: the slug of the institution scope; None: the public scope.
        institution_id: Figshare's number of the institution whose listings are read.
        stats_url, api_url: where statistics and listings are asked.
        simulator: the world that is asked instead; None: a service of its own.
        stays_home: whether no request leaves this machine.
        proxy: where the proxy is found, its URL, or `none`; None: the environment says.
        ca_file: certificates that are trusted in place of others; None: the environment says.
        credentials, token: where the secrets are found; None: the spec names no place.
        entities: ids by kind, from the spec and its files, ascending, each once; a kind that
            is only listed has none.
        listings: what it lists, groups first.
        metadata_kinds: the kinds whose single items are asked for their metadata.
        gathers: whether a run must ask for its entities before it can be planned.
        needs_token: whether it reads a private listing of Figshare's.
        skips: whether evidence may save requests (`planner.skip_unneeded`).
        combined_totals, ranked_totals, settle_days: of `planner`.
        requests_per_second: the pace of each origin; None: unlimited.
        max_pause_seconds: the longest wait for the service.
        contact: goes into the User-Agent; None: nobody is named.
        keeps_raw: whether the bodies of replies are kept in responses/.
    """

    name: str
    folder: Path
    institution: str | None
    institution_id: int
    stats_url: str
    api_url: str
    simulator: SimulatedWorld | None
    stays_home: bool
    proxy: ProxyVariable | str | None
    ca_file: Path | None
    credentials: SecretPlace | None
    token: SecretPlace | None
    entities: Mapping[Kind, Sequence[int]]
    listings: Sequence[Listing]
    metadata_kinds: Sequence[Kind]
    gathers: bool
    needs_token: bool
    skips: bool
    combined_totals: bool
    ranked_totals: bool
    settle_days: int
    requests_per_second: float | None
    concurrency: int
    attempts: int
    timeout_seconds: float
    max_pause_seconds: float
    contact: str | None
    keeps_raw: bool
    _spec: JobSpec = field(repr=False, compare=False)

    @classmethod
    def of(cls, job: JobSpec) -> Self:
        """Resolve a spec.

        Raises:
            UsageError: it was loaded without its files of ids.
        """
        source, planner, limits = job.source, job.planner, job.limits
        world = source.simulator
        pace = limits.requests_per_second
        return cls(
            name=job.name,
            folder=job_folder(job),
            institution=source.institution,
            institution_id=institution_id(job),
            stats_url=source.stats_url,
            api_url=source.api_url,
            simulator=SimulatedWorld(world.seed, world.articles) if world else None,
            stays_home=source.stays_home,
            proxy=source.proxy,
            ca_file=Path(source.ca_file) if source.ca_file else None,
            credentials=source.credentials,
            token=source.token,
            entities=resolve.entity_ids(job),
            listings=tuple(listings(job)),
            metadata_kinds=tuple(metadata_kinds(job)),
            gathers=gathers(job),
            needs_token=needs_token(job),
            skips=planner.skip_unneeded,
            combined_totals=planner.combined_totals,
            ranked_totals=planner.ranked_totals,
            settle_days=planner.settle_days,
            requests_per_second=None if isinstance(pace, str) else pace,
            concurrency=limits.concurrency,
            attempts=limits.attempts,
            timeout_seconds=limits.timeout_seconds,
            max_pause_seconds=limits.max_pause_minutes * 60,
            contact=limits.contact,
            keeps_raw=job.output.raw,
            _spec=job,
        )

    @property
    def address(self) -> str:
        """The host as URLs in the datasets name it; the simulator's port changes each time."""
        return "http://simulator.localhost" if self.simulator else self.stats_url

    @property
    def ledger(self) -> Path:
        """Where its ledger is, if it has one."""
        return self.folder / "_harvest" / "ledger.sqlite"

    def wanted(self, snapshot: date) -> list[Wanted]:
        """What a run of this date asks, in stage order, each with windows that do not touch."""
        return resolve.wanted(self._spec, snapshot)

    def sourced(self, kind: Kind, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Each id with where it comes from: `ids`, `file` or `discover`, the first that has it."""
        return resolve.sourced(self._spec, kind, ids)

    def run_date(self, today: date | None, now: date) -> date:
        """The date that a new run gets, UTC.

        Args:
            today: the date that was asked for; None: the clock's.
            now: the clock's.

        Raises:
            UsageError: it is not the clock's, and the job asks a service whose numbers are those
                of the clock's day.
        """
        if today is None or today == now or self.stays_home:
            return today or now
        if today > now:
            raise UsageError(
                f"--today {today} lies in the future",
                where="--today",
                fix="the future can only be asked of the simulator",
            )
        asked = {each.question.endpoint for each in self.wanted(today)}
        if read_now := " and ".join(_AS_OF_NOW[each] for each in _AS_OF_NOW if each in asked):
            raise UsageError(
                f"--today {today} lies in the past, but {read_now} tell what is counted up to now: "
                "they would be kept under a date they were not read on",
                where="--today",
                fix="leave --today out; the days before it are asked by timelines and breakdowns, "
                "whose period says which",
            )
        return today

    def planned_spec(self) -> dict[str, Any]:
        """The parts of the spec that decide what is asked, as the user wrote them.

        A file of ids stands here as the ids it held: where it lies does not matter, what was in
        it does. The ledger keeps this with each run: its form must not change.
        """
        written: dict[str, Any] = self._spec.model_dump(mode="json")
        for kind, held in self._spec.entities.items():
            if held.file:
                written["entities"][kind.value]["file"] = list(resolve.file_ids(self._spec, kind))
        return {key: written[key] for key in ("entities", "dimensions", "planner")}

    def resolved_spec(self) -> bytes:
        """The spec as it was understood, as JSON; it holds no secret, only where secrets are.

        Keys younger than the first folders stand in it only where they are given: a finished job
        that is run again changes no byte of what an older version wrote.
        """
        whole = self._spec.model_dump(mode="json")
        for key in ("proxy", "ca_file"):
            if whole["source"][key] is None:
                del whole["source"][key]
        return orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n"

    def source_identity(self) -> str:
        """What makes two sources the same: a folder never holds numbers of two.

        The embedded simulator is known by its world, not by its port. The ledger keeps this.
        """
        who: dict[str, Any] = {"institution": self.institution}
        if self._spec.source.simulator:
            who["simulator"] = self._spec.source.simulator.model_dump(mode="json")
        else:
            who |= {"stats_url": self.stats_url, "api_url": self.api_url}
        return orjson.dumps(who, option=orjson.OPT_SORT_KEYS).decode()


def job_folder(job: JobSpec) -> Path:
    """Where a job writes; known also where its files of ids were not read."""
    return Path(job.output.path) / job.name


def read_resolved_spec(text: bytes) -> JobSpec:
    """The spec that `resolved_spec` wrote; ids that a file held are not in it.

    Raises:
        ValueError: it is damaged.
    """
    whole = orjson.loads(text)
    entities = whole.get("entities") if isinstance(whole, dict) else None
    for held in entities.values() if isinstance(entities, dict) else ():
        # Where ids come from a file or a listing none are written; in a spec that is a mistake.
        if isinstance(held, dict) and held.get("ids") == []:
            del held["ids"]
    return JobSpec.model_validate(whole)
