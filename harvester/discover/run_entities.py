"""The entities of a run: their ids, their rows in the ledger, and the entities/ dataset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from harvester.job.settings import JobSettings
from harvester.job.workspace import Workspace
from harvester.ledger.ledger import Ledger
from harvester.ledger.listing_losses import StillThere
from harvester.ledger.listings import ListingScan
from harvester.ledger.runs import Run
from harvester.model.entity import ascending
from harvester.model.terms import Kind
from harvester.store.commit import commit
from harvester.store.entities_part import write_entities
from harvester.store.folder import output_errors_named
from harvester.store.part_writer import Staging


def entities_of(settings: JobSettings, ledger: Ledger, snapshot: date) -> dict[Kind, Sequence[int]]:
    """The ids of a run: those of the spec and its files, and those listed on its date."""
    return {kind: ids_of(settings, ledger, snapshot, kind) for kind in settings.entities}


def ids_of(settings: JobSettings, ledger: Ledger, snapshot: date, kind: Kind) -> Sequence[int]:
    """The ids of a run, of one kind."""
    ids = settings.entities.get(kind, ())
    for listing in settings.listings:
        if listing.kind is kind and (scan := ledger.listings.of(listing, snapshot)):
            ids = ascending((*ids, *listed_ids(ledger, scan)))
    return ids


def listed_ids(ledger: Ledger, scan: ListingScan) -> Sequence[int]:
    """The ids that a reading of a listing brings to a run of its date."""
    listed = ledger.listings.ids(scan)
    # What a listing lost all at once, and is not known to be gone, is asked all the same.
    if scan.loss and scan.loss.answers is not StillThere.NO:
        listed += ledger.listing_losses.missing_ids(scan.number)
    return listed


def enter_entities(settings: JobSettings, ledger: Ledger, run: Run) -> None:
    """Give every entity of a run its row, with its source and whether it is listed."""
    for kind, ids in run.entities.items():
        ledger.entities.enter(kind, settings.sourced(kind, ids))
    for listing in settings.listings:
        scan = ledger.listings.of(listing, run.snapshot)
        if scan and scan.is_complete:
            ledger.listings.mark(listing, scan)


def publish_entities(out: Workspace, run: Run, kinds: Iterable[Kind]) -> None:
    """Write the part of each kind anew; one that would not change is left alone.

    Raises:
        OutputError: it could not be written.
    """
    folder, ledger = out.folder, out.ledger
    with output_errors_named(folder.root):
        number = ledger.publish_log.next_number()
        staging = Staging(folder.staging, number)
        known = {part.path: part.sha256 for part in ledger.publish_log.parts()}
        parts = []
        for kind in kinds:
            part = write_entities(staging, kind, ledger.entities.lines(kind))
            if known.get(part.path) == part.sha256:
                (folder.staging / part.staged).unlink()
            else:
                parts.append(part)
        if parts:
            commit(folder, ledger.publish_log, run.number, number, parts)
