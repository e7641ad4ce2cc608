"""The entities/ dataset, put in place by the commit protocol."""

from __future__ import annotations

from collections.abc import Iterable

from harvester.job.workspace import Opened
from harvester.ledger.runs import Run
from harvester.model.terms import Kind
from harvester.store.commit import commit
from harvester.store.entities import write_entities
from harvester.store.folder import output_errors_named
from harvester.store.parts import Staging


def publish_entities(out: Opened, run: Run, kinds: Iterable[Kind]) -> None:
    """Write the part of each kind anew; one that would not change is left alone.

    Raises:
        OutputError: it could not be written.
    """
    folder, ledger = out.folder, out.ledger
    with output_errors_named(folder.root):
        number = ledger.publishes.next_number()
        staging = Staging(folder.staging, number)
        known = {part.path: part.sha256 for part in ledger.publishes.parts()}
        parts = []
        for kind in kinds:
            part = write_entities(staging, kind, ledger.entities.lines(kind))
            if known.get(part.path) == part.sha256:
                (folder.staging / part.staged).unlink()
            else:
                parts.append(part)
        if parts:
            commit(folder, ledger.publishes, run.number, number, parts)
