"""An export as a folder of CSV files: UTF-8 with a mark, so that Excel reads it right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from harvester.report.export.readme import Written
from harvester.report.export.sheet import Sheet
from harvester.report.export.target import README
from harvester.report.tables import Tables

# Excel takes a CSV for the machine's old code page unless it begins with this. DuckDB, pandas,
# Polars and R skip it.
_MARK = b"\xef\xbb\xbf"


def write_csv(tables: Tables, sheets: Sequence[Sheet], folder: Path) -> list[Written]:
    """Write a file a sheet.

    Raises:
        OutputError: a dataset cannot be read.
        OSError: a file cannot be written.
    """
    folder.mkdir()
    return [_write(tables, sheet, folder) for sheet in sheets]


def write_readme(rows: Sequence[tuple[str, ...]], folder: Path) -> None:
    """Write the README beside the files, as text."""
    width = 24
    told = [f"{row[0]:<{width}} {row[1]}" if len(row) > 1 else row[0] for row in rows]
    (folder / README).write_text("\n".join(told) + "\n", encoding="utf-8")


def _write(tables: Tables, sheet: Sheet, folder: Path) -> Written:
    name = f"{sheet.name.replace(' ', '-')}.csv"
    rows = 0
    with (folder / name).open("xb") as file:
        file.write(_MARK)
        writer: pc.CSVWriter | None = None
        for batch in tables.batches(sheet.sql, sheet.values):
            writer = writer or pc.CSVWriter(file, batch.schema)
            writer.write_batch(batch)
            rows += batch.num_rows
        if writer is None:
            empty = pa.schema([(column.name, pa.string()) for column in sheet.columns])
            writer = pc.CSVWriter(file, empty)
        writer.close()
    return Written(sheet, rows, (name,))
