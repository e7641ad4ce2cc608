"""Which files are a dataset's: those of our names at our depth, whatever else lies beside them.

Readers get this list, never a pattern: a path may hold `*`, `?`, `[` and backslashes, folders
above may be named like partitions, and what an operating system or an editor leaves beside data is
no Parquet.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow.fs import LocalFileSystem

from harvester.errors import OutputError
from harvester.model.part_names import run_of
from harvester.model.rows import ADDED, PARTITION_KEYS, SCHEMAS, Dataset
from harvester.model.terms import Counter, Granularity, Kind

# Beside parts and files of requests; these two names never change.
_FIXED_NAMES = frozenset({"0-schema.parquet", "entities.parquet"})
_VALUES: Mapping[str, frozenset[str]] = {
    "entity": frozenset(each.value for each in Kind),
    "counter": frozenset(each.value for each in Counter),
    "granularity": frozenset(each.value for each in Granularity),
}
_SUFFIX = ".parquet"


def data_files(root: Path, dataset: Dataset) -> list[Path]:
    """The files of one dataset, by path.

    Raises:
        OutputError: a Parquet file lies there that we have not written, such as a copy of a part:
            its rows would count twice.
    """
    found = sorted(_parquet_files(root / dataset.value))
    for path in found:
        if not _is_ours(path.relative_to(root), dataset):
            raise OutputError(
                "this file is none of ours, and its rows would count twice",
                where=str(path),
                fix="move it out of the folder, then see what `harvester verify` says",
            )
    return found


def partition_values(path: Path, dataset: Dataset) -> list[str]:
    """What the folders right above a file of a dataset say, in the order of its keys."""
    depth = len(PARTITION_KEYS[dataset])
    folders = path.parts[-1 - depth : -1]
    return [folder.partition("=")[2] for folder in folders]


def is_in_a_partition(path: Path, dataset: Dataset) -> bool:
    """Whether a path below the job's folder lies where parts of this dataset do."""
    keys, folders = PARTITION_KEYS[dataset], path.parts[1:-1]
    return len(folders) == len(keys) and all(
        folder.startswith(f"{key}=") and folder.removeprefix(f"{key}=") in _VALUES[key]
        for key, folder in zip(keys, folders, strict=True)
    )


def arrow_dataset(files: Sequence[Path], dataset: Dataset) -> ds.Dataset:
    """Files of one dataset as Arrow reads them, partition keys as text columns at the end."""
    keys = pa.schema([(key, pa.string()) for key in PARTITION_KEYS[dataset]])
    schema = pa.unify_schemas([SCHEMAS[dataset], keys])
    if not files:
        return ds.dataset(schema.empty_table())
    return ds.dataset(
        [str(path) for path in files],
        schema=schema,
        format="parquet",
        filesystem=LocalFileSystem(),
        partitioning=ds.partitioning(keys, flavor="hive") if keys.names else None,
        # A folder above the job's own may be named like a partition.
        partition_base_dir=str(files[0].parents[len(keys)]),
    )


def select_sql(db: duckdb.DuckDBPyConnection, files: Sequence[Path], dataset: Dataset) -> str:
    """A SELECT of all rows of these files for DuckDB, partition keys as text columns at the end."""
    if not files or any("\\" in str(path) for path in files):
        # DuckDB takes a backslash for a separator as soon as it looks for a pattern in a path.
        name = f"{dataset.value}_as_arrow"
        db.register(name, arrow_dataset(files, dataset))
        return f"SELECT * FROM {name}"
    keys = PARTITION_KEYS[dataset]
    selects = []
    for values, paths in groupby(files, lambda path: partition_values(path, dataset)):
        constants = "".join(
            f", {_quoted(value)} AS {key}" for key, value in zip(keys, values, strict=True)
        )
        listed = ", ".join(_quoted(_literal(path)) for path in paths)
        selects.append(
            f"SELECT *{constants} FROM read_parquet([{listed}], hive_partitioning = false,"
            " union_by_name = true)"
        )
    if added := ADDED.get(dataset):
        # Files of an older version lack some columns; perhaps all files do.
        absent = ", ".join(f"CAST(NULL AS DATE) AS {column}" for column in sorted(added))
        selects.append(f"SELECT {absent} WHERE false")
    return " UNION ALL BY NAME ".join(selects)


def _parquet_files(folder: Path) -> Iterator[Path]:
    """What a reader's pattern would find, but for names that are no data."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "_")):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _parquet_files(Path(entry.path))
            elif entry.name.endswith(_SUFFIX):
                yield Path(entry.path)


def _is_ours(path: Path, dataset: Dataset) -> bool:
    """Whether a path below the job's folder is one that we give."""
    has_our_name = path.name in _FIXED_NAMES or run_of(path.name) is not None
    return has_our_name and is_in_a_partition(path, dataset)


def _literal(path: Path) -> str:
    """A path in which DuckDB finds no pattern."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
