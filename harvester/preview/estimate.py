"""What a run must ask before it can be planned, as far as that is known without asking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.discover.group_check import (
    groups_of_run,
    groups_to_ask,
    listed_groups,
    open_groups,
)
from harvester.discover.run_entities import listed_ids
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.model.entity import ascending
from harvester.model.limits import GROUPS_PER_COUNT
from harvester.model.listing import Listing
from harvester.model.terms import Kind


@dataclass(frozen=True, slots=True)
class StageEstimate:
    """What one stage before the plan (listing, metadata) costs in requests.

    Attributes:
        stage: `listing` or `metadata`.
        least: requests that it takes in any case.
        most: None: nobody knows before it is done.
        notes: what the numbers rest on, a sentence each.
    """

    stage: str
    least: int
    most: int | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """All stages before the plan, and the entities as far as they are known.

    Attributes:
        entities: ids by kind; of an earlier listing where this run's is not read yet.
        unknown: kinds that were never listed: what is asked of them cannot be counted.
    """

    entities: Mapping[Kind, Sequence[int]]
    stages: Sequence[StageEstimate] = ()
    unknown: Sequence[Kind] = ()

    @property
    def least(self) -> int:
        """Requests before the plan, in any case."""
        return sum(each.least for each in self.stages)

    @property
    def most(self) -> int | None:
        """Requests before the plan; None: nobody knows yet, and so of the plan itself."""
        numbers = [each.most for each in self.stages]
        return None if None in numbers else sum(number or 0 for number in numbers)


def estimate(settings: JobSettings, ledger: Ledger | None, snapshot: date) -> Estimate:
    """Look at what earlier calls have listed; sends and writes nothing."""
    entities: dict[Kind, Sequence[int]] = dict(settings.entities)
    stages, unknown, open_kinds = [], [], set[Kind]()
    for listing in settings.listings:
        # Groups are listed first.
        of_run = groups_of_run(settings, snapshot, entities.get(Kind.GROUP, ()))
        stage, ids = _listing(listing, ledger, snapshot, of_run)
        if ids is None:
            unknown.append(listing.kind)
        entities[listing.kind] = ascending((*entities[listing.kind], *(ids or ())))
        if stage.most != 0:
            open_kinds.add(listing.kind)
            stages.append(stage)
    stages = _joined(stages)
    if items := _items(settings, ledger, open_kinds):
        stages.append(items)
    return Estimate(entities, stages, unknown)


def _listing(
    listing: Listing, ledger: Ledger | None, snapshot: date, of_run: Collection[int]
) -> tuple[StageEstimate, Sequence[int] | None]:
    """What a listing takes, and the ids it is known to have; None: it was never read.

    Args:
        of_run: groups that are counted later, by the run.
    """
    present = ledger.listings.of(listing, snapshot) if ledger else None
    latest = ledger.listings.latest(listing) if ledger else None
    if ledger is None or (latest is None and not (present and present.is_complete)):
        return StageEstimate("listing", 1, None), None
    if present and present.is_complete:
        groups = groups_to_ask(ledger, open_groups(ledger, listing, present), snapshot, of_run)
        left = -(-len(groups) // GROUPS_PER_COUNT)
        return StageEstimate("listing", left, left), listed_ids(ledger, present)
    if latest is None:
        raise RuntimeError("a listing that was read has a reading")
    ids = ledger.listings.ids(latest)
    # Items come and go: a tenth more pages than the last time, and one.
    pages = max(1, latest.pages - (present.pages if present else 0))
    groups = groups_to_ask(ledger, listed_groups(ledger, listing, latest), snapshot, of_run)
    counts = -(-len(groups) // GROUPS_PER_COUNT)
    note = (
        f"{listing.kind.value}s are counted as they were listed on {latest.snapshot}: "
        f"{len(ids):,}; this run lists them again"
    )
    return StageEstimate("listing", 1, pages + counts + pages // 10 + 1, (note,)), ids


def _joined(stages: Sequence[StageEstimate]) -> list[StageEstimate]:
    """All listings as one stage."""
    if not stages:
        return []
    most = [each.most for each in stages]
    return [
        StageEstimate(
            "listing",
            sum(each.least for each in stages),
            None if None in most else sum(number or 0 for number in most),
            tuple(note for each in stages for note in each.notes),
        )
    ]


def _items(
    settings: JobSettings, ledger: Ledger | None, open_kinds: set[Kind]
) -> StageEstimate | None:
    """Metadata of ids that no listing has told of so far."""
    least = most = 0
    ids = settings.entities
    for kind in settings.metadata_kinds:
        unknown = ledger.entities.without_metadata(kind, ids[kind]) if ledger else ids[kind]
        most += len(unknown)
        # A listing that is still to be read may tell of all of them.
        least += 0 if kind in open_kinds else len(unknown)
    return StageEstimate("metadata", least, most) if most else None
