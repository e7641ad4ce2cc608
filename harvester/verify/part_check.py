"""The parts on disk against the ledger's table of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.machine_limits import refuse_limit
from harvester.model.rows import Dataset, is_schema_of
from harvester.model.spool import Part
from harvester.verify.finding import Finding, error

REPAIR = "harvester verify OUTPUT --repair"
_ROWS_PER_BATCH = 50_000


def checked_part(root: Path, part: Part, *, pages: bool = False) -> Finding | None:
    """What is wrong with one part: existence, size, SHA-256, Parquet, rows, schema.

    Args:
        root: the job's folder.
        pages: read every page and check it, too; a right SHA-256 says nothing of bytes that
            were wrong when they were hashed.
    """
    path = root / part.path
    try:
        size = path.stat().st_size
        if size != part.bytes:
            how = "cut off" if size < part.bytes else "longer than it was"
            what = f"the file is {how}: {size:,} bytes, the ledger says {part.bytes:,}"
            return error("file-size", what, part.path, REPAIR)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if sha256 != part.sha256:
            return error("file-sha256", _changed(path), part.path, REPAIR)
        return _parquet(path, part, pages=pages)
    except FileNotFoundError:
        return error("file-missing", "the file is gone", part.path, REPAIR)
    except (OSError, pa.ArrowException) as problem:
        refuse_limit(problem)
        what = f"the file cannot be read: {one_line(problem)}"
        return error("file-unreadable", what, part.path, REPAIR)


def dataset_of(path: str) -> Dataset | None:
    """The dataset of a path below the job's folder; None: it is in none."""
    name = path.partition("/")[0]
    return Dataset(name) if name in set(Dataset) else None


def read_all_pages(path: Path) -> None:
    """Decode a file whole, with its page checksums.

    Raises:
        pyarrow.ArrowException, OSError: it is damaged.
    """
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for _ in file.iter_batches(_ROWS_PER_BATCH):
            pass


def one_line(problem: Exception) -> str:
    """A foreign error for a sentence."""
    return " ".join(str(problem).split())[:200]


def _parquet(path: Path, part: Part, *, pages: bool) -> Finding | None:
    dataset = dataset_of(part.path)
    with pq.ParquetFile(path) as file:
        rows, schema = file.metadata.num_rows, file.schema_arrow.remove_metadata()
    if rows != part.rows:
        what = f"the file holds {rows:,} rows, the ledger says {part.rows:,}"
        return error("file-rows", what, part.path, REPAIR)
    if dataset and not is_schema_of(dataset, schema):
        what = f"its columns are not those of {dataset}"
        return error("file-schema", what, part.path, REPAIR)
    if pages:
        read_all_pages(path)
    return None


def _changed(path: Path) -> str:
    """What kind of change a wrong SHA-256 shows."""
    try:
        read_all_pages(path)
    except (OSError, pa.ArrowException) as problem:
        refuse_limit(problem)
        return f"bytes of the file have changed, and it does not read: {one_line(problem)}"
    return "the file was changed: it reads as Parquet, but it is not the one that was written"
