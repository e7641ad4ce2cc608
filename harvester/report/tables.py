"""A job's folder as SQL tables: read-only, in bounded memory, also beside a live run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from harvester.errors import OutputError
from harvester.model.rows import Dataset
from harvester.model.terms import Kind
from harvester.report.sql_types import COLUMNS
from harvester.store.data_files import data_files, select_sql
from harvester.store.views import view_statements

# DuckDB's own share; with Python, Arrow and the page beside it a report stays below 1 GB.
_MEMORY = "400MB"
_THREADS = 2
_ROWS_PER_BATCH = 50_000


class Tables:
    """Every dataset of the contract as a table of its name; one that the job lacks is empty.

    The views of `store/views.py` stand beside them, so that a page says what `data.sql` does.

    Attributes:
        present: the datasets that the folder has.
    """

    def __init__(self, folder: Path, spill: Path) -> None:
        """Open a folder.

        Args:
            spill: where DuckDB may put what does not fit into memory.
        """
        self.folder = folder
        self.present: set[str] = set()
        self._db = duckdb.connect()
        self._db.execute("SET TimeZone = 'UTC'")
        self._db.execute(f"SET memory_limit = '{_MEMORY}'")
        self._db.execute(f"SET threads = {_THREADS}")
        self._db.execute("SET preserve_insertion_order = false")
        self._db.execute("SET temp_directory = ?", [str(spill)])
        for name in COLUMNS:
            self._db.execute(f"CREATE VIEW {name} AS {self._select(name)}")
        everything = {(name, kind) for name in COLUMNS for kind in ("", *Kind)}
        for view, select in view_statements(everything):
            self._db.execute(f"CREATE VIEW {view} AS {select}")

    def do(self, sql: str, values: Sequence[object] = ()) -> None:
        """Carry out a statement, such as CREATE TEMP TABLE.

        Raises:
            OutputError: a file of the folder cannot be read.
        """
        with _damage_named(self.folder):
            self._db.execute(sql, list(values))

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """A small result, whole.

        Raises:
            OutputError: a file of the folder cannot be read.
        """
        with _damage_named(self.folder):
            return self._db.execute(sql, list(values)).fetchall()

    def one(self, sql: str, values: Sequence[object] = ()) -> tuple[Any, ...]:
        """The only row of a result."""
        return self.rows(sql, values)[0]

    def batches(self, sql: str, values: Sequence[object] = ()) -> Iterator[pa.RecordBatch]:
        """A large result, a batch at a time.

        Raises:
            OutputError: a file of the folder cannot be read.
        """
        with _damage_named(self.folder):
            yield from self._db.sql(sql, params=list(values)).to_arrow_reader(_ROWS_PER_BATCH)

    def close(self) -> None:
        """Let go of the files."""
        self._db.close()

    def _select(self, name: str) -> str:
        """The dataset under its declared columns; what a file lacks is null."""
        declared = COLUMNS[name]
        source = self._source(name)
        has: set[str] = set()
        if source:
            self.present.add(name)
            has = {str(row[0]) for row in self.rows(f"DESCRIBE SELECT * FROM {source}")}
        columns = [
            f'CAST("{column}" AS {kind}) AS "{column}"'
            if column in has
            else f'CAST(NULL AS {kind}) AS "{column}"'
            for column, kind in declared.items()
        ]
        return f"SELECT {', '.join(columns)}" + (f" FROM {source}" if source else " WHERE false")

    def _source(self, name: str) -> str | None:
        dataset = Dataset(name)
        files = data_files(self.folder, dataset) if (self.folder / name).is_dir() else []
        return f"({select_sql(self._db, files, dataset)})" if files else None


@contextmanager
def opened_tables(folder: Path) -> Iterator[Tables]:
    """Open a job's folder for reading; what was spilled is gone afterwards.

    Raises:
        OutputError: a file of the folder cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="harvester-") as spill:
        tables = Tables(folder, Path(spill))
        try:
            yield tables
        finally:
            tables.close()


@contextmanager
def _damage_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise  # our own SQL is wrong, not the folder
    except duckdb.OutOfMemoryException:
        raise  # the machine gives no more, and the folder is sound
    except duckdb.Error as error:
        raise OutputError(
            f"a file of the output cannot be read: {str(error).splitlines()[0]}",
            where=str(folder),
            fix="see whether the disk is sound, then let `harvester verify` find what is damaged",
        ) from error
