"""A ledger that is older than the files beside it: put back from a backup, or of another folder.

A run that trusted it would ask again what is here, and a rebuild would remove what it never heard
of. `verify --repair` takes in what the files tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from harvester.errors import OutputError
from harvester.ledger.ledger import Ledger
from harvester.model.part_names import PART_NAME, RUN_ID
from harvester.model.rows import PARTITION_KEYS, Dataset
from harvester.store.folder import JobFolder
from harvester.store.layout import read_manifest

_REPAIR = (
    "take in what the files tell: harvester verify OUTPUT --repair; or put the ledger back that "
    "belongs to them"
)


def check_ledger_age(folder: JobFolder, ledger: Ledger) -> None:
    """See that the ledger knows every run and part whose files are here.

    Raises:
        OutputError: it does not: what it has not heard of, and what to do.
    """
    found = list(younger_files(folder, ledger))
    if found:
        others = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
        raise OutputError(
            f"the ledger is older than the files beside it: it does not know {found[0]}{others}",
            where=str(folder.root),
            fix=_REPAIR,
        )


def younger_files(folder: JobFolder, ledger: Ledger) -> Iterator[str]:
    """Parts with names that we give, and the run of the manifest, that the ledger does not know."""
    root = folder.root
    known = {part.path for part in ledger.publish_log.parts()}
    for dataset in Dataset:
        depth = len(PARTITION_KEYS[dataset])
        for path in sorted((root / dataset).glob("*/" * depth + "*.parquet")):
            name = path.relative_to(root).as_posix()
            if name not in known and _is_ours(dataset, path.name):
                yield name
    run_id = read_manifest(folder.manifest).run_id
    if run_id and run_id not in ledger.runs.ids().values():
        yield f"run {run_id}, which wrote _harvest/manifest.json"


def _is_ours(dataset: Dataset, name: str) -> bool:
    if dataset is Dataset.REQUESTS:
        return bool(RUN_ID.fullmatch(name.removesuffix(".parquet")))
    return bool(PART_NAME.fullmatch(name))
