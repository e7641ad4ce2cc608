"""One Parquet file, written aside and on disk before anyone decides about it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.durable import sync_file
from harvester.model.rows import DATE, INT, LONG, TEXT, Dataset
from harvester.model.spooled import Part
from harvester.store.columns import WORD
from harvester.store.words import packed, packed_schema

# Bounds the memory of a part while it is written, and of whoever reads it by row group.
ROWS_PER_GROUP = 50_000
# zstd 3 costs little more than 1 here; 9 gains 5 % for twice the CPU (measured in research).
LEVEL = 1
# Numbers that mostly grow or repeat by small steps: 3.6 instead of 5.3 bytes a row, measured.
_DELTA = {LONG, INT, DATE}
# Numbers that jump, most of them small: as a dictionary half of what their steps take.
_JUMPING = {"value", "unlisted", "articles"}


class PartWriter:
    """Streams tables into `staging/`; `finish` makes the bytes durable and says what they are.

    A part that is not finished leaves a file that recovery deletes.
    """

    def __init__(self, staging: Path, staged: str, path: str, dataset: Dataset) -> None:
        self._file = staging / staged
        # A part that was given up may be closed late, and would write its end into this one, were
        # they the same file under the same name.
        self._file.unlink(missing_ok=True)
        self._staged = staged
        self._path = path
        self._dataset = dataset
        self._rows = 0
        schema = packed_schema(dataset)
        delta = [f.name for f in schema if f.type in _DELTA and f.name not in _JUMPING]
        plain = {f.name for f in schema if pa.types.is_binary(f.type)}
        self._writer = pq.ParquetWriter(
            self._file,
            schema,
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=[name for name in schema.names if name not in plain | {*delta}],
            column_encoding=dict.fromkeys(delta, "DELTA_BINARY_PACKED") or None,
            write_page_checksum=True,
            # The least and the greatest text of a row group help no reader: rows are sorted by
            # entity. Comparing all of it took a quarter of the time of writing.
            write_statistics=[f.name for f in schema if f.type not in {TEXT, WORD}],
            # Arrow's own schema would have words read as dictionaries; Parquet's has the types.
            store_schema=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer.is_open and error is None:
            self._writer.close()

    def __del__(self) -> None:
        # Still open only when something failed. Arrow would write the end of the file here, fail
        # once more on a full disk, and print the stack over the sentence that the user is told.
        if writer := getattr(self, "_writer", None):
            writer.is_open = False

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        self._rows += table.num_rows
        self._writer.write_table(packed(table, self._dataset), row_group_size=ROWS_PER_GROUP)

    def finish(self) -> Part:
        """Close, fsync, hash. Only now may the ledger hear of it."""
        self._writer.close()
        size = sync_file(self._file)
        return Part(self._path, self._staged, self._rows, size, sha256_of(self._file))


class Staging:
    """Hands out writers for the parts of one publish, numbered in the order they are begun.

    Recovery puts parts in place in that order.
    """

    def __init__(self, folder: Path, publish: int) -> None:
        self._folder = folder
        self._publish = publish
        self._begun = 0

    def part(self, path: str, dataset: Dataset) -> PartWriter:
        """Begin a part that will lie at `path` below the job's folder."""
        self._begun += 1
        staged = f"{self._publish:05d}-{self._begun:05d}.parquet"
        return PartWriter(self._folder, staged, path, dataset)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
