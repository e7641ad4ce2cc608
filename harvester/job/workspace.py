"""A job's folder, opened for writing: locked, checked, recovered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from harvester.durable import write_whole
from harvester.errors import OutputError, UsageError
from harvester.job.ledger_age import check_ledger_age
from harvester.job.settings import JobSettings
from harvester.ledger.database import MEND
from harvester.ledger.ledger import Ledger
from harvester.model.rows import Dataset
from harvester.store.commit import recover
from harvester.store.folder import JobFolder, output_errors_named
from harvester.version import __version__

# The ledger's note while it is made anew from files: what it says may not be whole.
REPAIRING = "repairing"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A job's folder and its ledger, locked and recovered, for as long as somebody writes."""

    folder: JobFolder
    ledger: Ledger


@contextmanager
def open_workspace(settings: JobSettings, now: datetime) -> Iterator[Workspace]:
    """Hold a job's folder for one run, with whatever a crash left behind carried out.

    Raises:
        OutputError: it is locked, damaged or cannot be written.
        UsageError: it belongs to another source.
    """
    folder = JobFolder(settings.folder)
    folder.create()
    with folder.locked(now):
        _refuse_orphans(folder)
        _refuse_shared_ledger(folder)
        with Ledger(folder.ledger) as ledger:
            check_source(settings, folder, ledger)
            _refuse_half_mended(folder, ledger)
            check_ledger_age(folder, ledger)
            recover(folder, ledger.publish_log)
            yield Workspace(folder, ledger)


def _refuse_orphans(folder: JobFolder) -> None:
    """Rows without their ledger would all be harvested, and stand there, a second time."""
    if not folder.ledger.exists() and any((folder.root / each).is_dir() for each in Dataset):
        raise OutputError(
            "the ledger is gone, but the datasets are here",
            where=str(folder.root),
            fix=f"put it back from a backup, or {MEND}",
        )


def _refuse_shared_ledger(folder: JobFolder) -> None:
    """A hard-linked copy is no backup: two jobs would write into one ledger."""
    if folder.ledger.exists() and folder.ledger.stat().st_nlink > 1:
        raise OutputError(
            "the ledger has a second name elsewhere (a hard link), and would be changed there, too",
            where=str(folder.ledger),
            fix="make it a file of its own: cp ledger.sqlite own && mv own ledger.sqlite; how to "
            "back a folder up stands in docs/backup.md",
        )


def _refuse_half_mended(folder: JobFolder, ledger: Ledger) -> None:
    if ledger.get_meta(REPAIRING):
        raise OutputError(
            "the ledger was being made anew, and that was interrupted",
            where=str(folder.root),
            fix="let it end: harvester verify OUTPUT --repair",
        )


def check_source(settings: JobSettings, folder: JobFolder, ledger: Ledger) -> None:
    """One folder, one source: numbers of two would look like one series.

    Raises:
        UsageError: it belongs to another.
    """
    ours = settings.source_identity()
    theirs = ledger.get_meta("source")
    if theirs is None:
        ledger.set_meta("source", ours)
        ledger.set_meta("created_by", f"harvester {__version__}")
    elif theirs != ours:
        raise UsageError(
            f"this folder holds numbers of another source: {theirs}, the spec says {ours}",
            where=str(folder.root),
            fix="choose another `name` in the spec, or put the source back",
        )
    _check_institution(settings, ledger)


def _check_institution(settings: JobSettings, ledger: Ledger) -> None:
    """One folder, one institution's listings: who is not in another's did not vanish."""
    if not settings.listings:
        return
    ours = str(settings.institution_id)
    theirs = ledger.get_meta("institution_id")
    if theirs is None:
        ledger.set_meta("institution_id", ours)
    elif theirs != ours:
        raise UsageError(
            f"this folder lists institution {theirs}, the spec says {ours}",
            where="source.institution_id",
            fix="choose another `name` in the spec, or put the number back",
        )


def write_resolved_spec(settings: JobSettings, folder: JobFolder) -> None:
    """Keep the spec as it was understood; it holds no secret, only where secrets are."""
    text = settings.resolved_spec()
    with output_errors_named(folder.root):
        if folder.resolved_spec.is_file() and folder.resolved_spec.read_bytes() == text:
            return
        write_whole(folder.resolved_spec, text, beside=folder.staging / "spec.json")
