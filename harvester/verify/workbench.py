"""DuckDB over the parts of a job, in bounded memory: what is more goes to a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from harvester.model.rows import Dataset
from harvester.store.data_files import select_sql

_MEMORY = "96MB"


class Workbench:
    """Each dataset as a view of its name, over the files that can be read."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, files: Mapping[Dataset, Sequence[Path]]
    ) -> None:
        self._db = db
        self.datasets = {dataset for dataset, paths in files.items() if paths}
        for dataset in self.datasets:
            selected = select_sql(db, files[dataset], dataset)
            db.execute(f"CREATE VIEW {dataset.value} AS {selected}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._db.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        """The only row of a query."""
        return self.rows(sql)[0]

    def take(self, name: str, table: pa.Table) -> None:
        """Make a table of these rows, in the place of one of the same name."""
        self._db.register("incoming", table)
        self._db.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
        self._db.unregister("incoming")

    def values(self, dataset: Dataset, columns: str) -> list[tuple[Any, ...]]:
        """The distinct values of partition keys, in order; none where there is no such dataset."""
        if dataset not in self.datasets:
            return []
        return self.rows(f"SELECT DISTINCT {columns} FROM {dataset.value} ORDER BY ALL")


@contextmanager
def workbench(files: Mapping[Dataset, Sequence[Path]]) -> Iterator[Workbench]:
    """Open DuckDB over these files until the end of the block."""
    # What Arrow holds for the next table, DuckDB needs now: 55 MB, measured.
    pa.default_memory_pool().release_unused()
    with TemporaryDirectory(prefix="harvester-verify-") as folder:
        db = duckdb.connect(str(Path(folder) / "bench.duckdb"))
        try:
            db.execute(f"SET memory_limit = '{_MEMORY}'")
            db.execute(f"SET temp_directory = {_quoted(folder)}")
            db.execute("SET preserve_insertion_order = false")
            db.execute("SET threads = 1")
            db.execute("SET TimeZone = 'UTC'")
            yield Workbench(db, files)
        finally:
            db.close()


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "''") + "'"
