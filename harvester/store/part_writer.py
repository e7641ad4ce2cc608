"""One Parquet file, written aside and on disk before anyone decides about it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.durable import sync_file
from harvester.model.rows import DATE, INT, LONG, TEXT, Dataset
from harvester.model.spool import Part
from harvester.store.columns import WORD, dictionary_encoded, dictionary_schema

# Bounds the memory of a part while it is written, and of whoever reads it by row group.
ROWS_PER_GROUP = 50_000
# zstd 3 makes parts 0.6 % smaller for 10 us more a reply; 9 gains 5 % for twice the CPU (measured).
LEVEL = 1
# Numbers that mostly grow or repeat by small steps: 3.6 instead of 5.3 bytes a row, measured.
_DELTA = {LONG, INT, DATE}
# Numbers that jump, most of them small: as a dictionary half of what their steps take.
_JUMPING = {"value", "unlisted", "articles"}


class PartWriter:
    """Streams tables into `staging/`; `finish` makes the bytes durable and says what they are.

    A part that is given up takes its file away; what a crash leaves, recovery deletes.

    Arrow's writer, thrown away open, writes the end of its file then, whenever that is. So a file
    that was given up is closed below it; and whoever stages under the same name later makes a
    file of his own, into which no forgotten writer can reach.
    """

    def __init__(self, staging: Path, staged: str, path: str, dataset: Dataset) -> None:
        self._file = staging / staged
        self._file.unlink(missing_ok=True)
        self._staged = staged
        self._path = path
        self._dataset = dataset
        self._rows = 0
        self._is_finished = False
        schema = dictionary_schema(dataset)
        delta = [f.name for f in schema if f.type in _DELTA and f.name not in _JUMPING]
        plain = {f.name for f in schema if pa.types.is_binary(f.type)}
        self._sink = pa.OSFile(str(self._file), "wb")
        self._writer = pq.ParquetWriter(
            self._sink,
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
        self._let_go()
        if not self._is_finished:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def __del__(self) -> None:
        if hasattr(self, "_writer"):
            self._let_go()

    def _let_go(self) -> None:
        # On a full disk a second try would fail, too, and print its stack over the sentence that
        # the user is told.
        self._writer.is_open = False
        self._sink.close()

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        self._rows += table.num_rows
        self._writer.write_table(
            dictionary_encoded(table, self._dataset), row_group_size=ROWS_PER_GROUP
        )

    def finish(self) -> Part:
        """Close, fsync, hash. Only now may the ledger hear of it."""
        self._writer.close()
        self._sink.close()
        self._is_finished = True
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
