"""Files of ids, written as others write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from harvester.id_files.read import read_ids
from harvester.id_files.row_collector import IdFileContents
from harvester.id_files.table import FileRefused
from harvester.model.terms import Kind

Rows = Sequence[Sequence[object]]


def write_text(path: Path, rows: Rows, *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """As Excel does: CR LF, quotes where they are needed."""
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=delimiter).writerows(rows)
    path.write_bytes(held.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, *sheets: Rows, names: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook(write_only=True)
    for index, rows in enumerate(sheets):
        sheet = book.create_sheet(names[index] if names else f"Sheet{index + 1}")
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def write_parquet(path: Path, rows: Rows) -> Path:
    names, *cells = rows
    columns = list(zip(*cells, strict=True)) or [()] * len(names)
    pq.write_table(pa.table({str(n): list(c) for n, c in zip(names, columns, strict=True)}), path)
    return path


def reading(path: Path, column: str | None = None, kind: Kind = Kind.ARTICLE) -> IdFileContents:
    return read_ids(path, kind, column)


def ids(path: Path, column: str | None = None, kind: Kind = Kind.ARTICLE) -> tuple[int, ...]:
    """The ids of a file that must be without mistakes."""
    found = read_ids(path, kind, column)
    assert not found.misread, found.misread
    return tuple(found.found.ids)


def refusal(path: Path, column: str | None = None, kind: Kind = Kind.ARTICLE) -> tuple[str, str]:
    """Key and sentence of a file that is refused as a whole."""
    try:
        found = read_ids(path, kind, column)
    except FileRefused as error:
        return error.key, error.sentence
    raise AssertionError(found)
