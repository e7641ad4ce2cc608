"""A job's output, opened for analysis."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.dataset as ds

from harvester.errors import OutputError
from harvester.model.rows import Dataset
from harvester.store.data_files import arrow_dataset, data_files, select_sql
from harvester.store.own_files import refuse_links
from harvester.store.views import partitions, view_statements


class Output:
    """The datasets of one job, each under its declared types.

    Reading never disturbs a run that is going on: a file is whole, old or new.

    Raises:
        OutputError: the folder is no job's output, the job has not asked for the dataset, or a
            file lies in it that is none of ours: its rows would count twice.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not (self.folder / "_harvest").is_dir():
            raise OutputError(
                "this is not the output of a job",
                where=str(folder),
                fix="name a job's folder: <output.path>/<name> of its spec",
            )
        refuse_links(self.folder)
        for name in self.names:
            data_files(self.folder, name)
        self._db: duckdb.DuckDBPyConnection | None = None
        self._viewed: dict[Dataset, list[Path]] = {}

    @property
    def totals(self) -> ds.Dataset:
        """All-time counts, one row an entity, counter and snapshot."""
        return self.dataset(Dataset.TOTALS)

    @property
    def timeline(self) -> ds.Dataset:
        """Counts by period."""
        return self.dataset(Dataset.TIMELINE)

    @property
    def countries(self) -> ds.Dataset:
        """Counts by period and country, with what no listed city holds."""
        return self.dataset(Dataset.COUNTRIES)

    @property
    def cities(self) -> ds.Dataset:
        """Counts by period, country and listed city."""
        return self.dataset(Dataset.CITIES)

    @property
    def top(self) -> ds.Dataset:
        """Rankings."""
        return self.dataset(Dataset.TOP)

    @property
    def counts(self) -> ds.Dataset:
        """Articles per group."""
        return self.dataset(Dataset.COUNTS)

    @property
    def entities(self) -> ds.Dataset:
        """Titles, DOIs, groups and dates; joins to the others by `entity` and `entity_id`."""
        return self.dataset(Dataset.ENTITIES)

    @property
    def requests(self) -> ds.Dataset:
        """What became of each request: explains what is absent elsewhere."""
        return self.dataset(Dataset.REQUESTS)

    @property
    def responses(self) -> ds.Dataset:
        """The bodies as they came."""
        return self.dataset(Dataset.RESPONSES)

    @property
    def names(self) -> list[Dataset]:
        """The datasets that this job has."""
        return [each for each in Dataset if (self.folder / each.value).is_dir()]

    def dataset(self, name: Dataset) -> ds.Dataset:
        """One dataset as Arrow reads it, partition keys as text columns at its end."""
        return arrow_dataset(data_files(self._with(name), name), name)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """Ask DuckDB; every dataset of the job is a table of its name.

        Beside them stand views whose sums are right (docs/datasets.md): `articles_totals`,
        `articles_months`, `articles_countries`, likewise for other kinds; `missing`.

        Returns:
            A relation: `.fetchall()`, `.df()` (pandas), `.pl()` (Polars), `.arrow()`, `.show()`.
        """
        if self._db is None:
            self._db = duckdb.connect()
            self._db.execute("SET TimeZone = 'UTC'")
        self._make_views(self._db)
        return self._db.sql(query)

    def _make_views(self, db: duckdb.DuckDBPyConnection) -> None:
        """Once, and again where a run that goes on has brought another file."""
        files = {name: data_files(self.folder, name) for name in self.names}
        if files == self._viewed:
            return
        for name, paths in files.items():
            selected = select_sql(db, paths, name)
            db.execute(f"CREATE OR REPLACE VIEW {name.value} AS {selected}")
        for view, select in view_statements(partitions(self.folder)):
            db.execute(f"CREATE OR REPLACE VIEW {view} AS {select}")
        self._viewed = files

    def _with(self, name: Dataset) -> Path:
        """The job's folder, which has this dataset."""
        if name not in self.names:
            has = ", ".join(each.value for each in self.names) or "none yet"
            raise OutputError(
                f"this job has no {name.value}",
                where=str(self.folder),
                fix=f"its spec has not asked for it; it has: {has}",
            )
        return self.folder
