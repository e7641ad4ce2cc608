"""A job's folder held for making things anew: locked, of one age with its ledger, recovered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harvester.clock import Clock
from harvester.errors import HarvestError, OutputError
from harvester.job.ledger_age import check_ledger_age
from harvester.ledger.ledger import Ledger
from harvester.model.spool import Part
from harvester.replay.archive import Archive, is_body_part
from harvester.store.commit import recover
from harvester.store.folder import JobFolder


def _is_told_by_a_body(part: Part) -> bool:
    """A lost body cannot be told again by anyone; a lost row can, by its body."""
    return not is_body_part(part.path)


@contextmanager
def held(
    folder: JobFolder, clock: Clock, *, lost: Callable[[Part], bool] | None = None
) -> Iterator[Archive]:
    """Hold a job's folder for writing, recovered; a part that is gone can be made anew.

    Args:
        lost: as in `opened_archive`.

    Raises:
        OutputError: it is locked, its ledger is gone, damaged or older than the files, or it cannot
            be written.
    """
    with folder.locked(clock.now()):
        if folder.ledger.is_file():
            with Ledger(folder.ledger) as ledger:
                check_ledger_age(folder, ledger)
        with opened_archive(folder, lost=lost or _is_told_by_a_body) as archive:
            yield archive


@contextmanager
def opened_archive(
    folder: JobFolder, *, lost: Callable[[Part], bool] = _is_told_by_a_body
) -> Iterator[Archive]:
    """Open a job's folder that is locked already.

    Args:
        lost: whether to go on without a part that was decided, and is gone.
    """
    if not folder.ledger.is_file():
        raise OutputError(
            "the ledger is gone",
            where=str(folder.root),
            fix="make it anew from the responses first: harvester verify OUTPUT --repair",
        )
    with Ledger(folder.ledger) as ledger:
        try:
            folder.staging.mkdir(mode=0o700, exist_ok=True)
            recover(folder, ledger.publish_log, lost=lost)
            folder.probe()
            yield Archive(folder, ledger)
        except HarvestError:
            _clear(folder, ledger)
            raise
        _clear(folder, ledger)


def _clear(folder: JobFolder, ledger: Ledger) -> None:
    """Leave nothing in staging that nobody decided about."""
    if not ledger.publish_log.unfinished():
        for leftover in folder.staging.iterdir():
            leftover.unlink()
