"""Parquet, as pandas, Polars, DuckDB and this package write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from harvester.id_files.table import MAX_ROWS, FileRefused, Found, Table
from harvester.machine_limits import refuse_limit
from harvester.model.suggestions import quoted

_BATCH_ROWS = 10_000
_DAMAGED = "is damaged, or no Parquet file: it cannot be read to its end"


@contextmanager
def parquet_table(path: Path) -> Iterator[Table]:
    """The rows of a Parquet file, only the chosen columns of them read; row 1 is the first.

    Raises:
        FileRefused: it is damaged or too long.
    """
    with _named_errors(), pq.ParquetFile(path, page_checksum_verification=True) as file:
        if file.metadata.num_rows > MAX_ROWS:
            raise FileRefused(f"has {file.metadata.num_rows:,} rows: at most {MAX_ROWS:,} are read")
        schema = file.schema_arrow

        def chosen(indexes: Sequence[int]) -> Iterator[Found]:
            names = [schema.names[each] for each in indexes]
            if why := _complaint_of(schema.field(indexes[0]).type):
                raise FileRefused(f"{quoted(names[0])} {why}", "column")
            row = 0
            for batch in file.iter_batches(_BATCH_ROWS, columns=names, use_threads=False):
                columns = (batch.column(name).to_pylist() for name in names)
                for cells in zip(*columns, strict=True):
                    row += 1
                    yield row, cells

        yield Table(schema.names, 0, chosen, has_names=True)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        refuse_limit(error)
        if isinstance(error, PermissionError):
            raise
        raise FileRefused(_DAMAGED) from None


def _complaint_of(kind: pa.DataType) -> str | None:
    """Why a column of this type holds no ids; None: it can."""
    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_float16(kind) or types.is_float32(kind):
        return f"is {kind}, which rounds ids above 16,777,216: write it as int64"
    can = (
        types.is_integer, types.is_float64, types.is_decimal, types.is_string,
        types.is_large_string, types.is_binary, types.is_large_binary, types.is_null,
    )  # fmt: skip
    is_view = str(kind) in {"string_view", "binary_view"}
    if is_view or any(each(kind) for each in can):
        return None
    return f"holds {kind}, and ids are whole numbers or texts"
