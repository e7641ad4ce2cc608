"""A file in, the ids of its column out, or every cell that is none."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harvester.id_files.cell import Complaint
from harvester.id_files.id_column import IdColumn, choose_column
from harvester.id_files.ids import read_id
from harvester.id_files.looks import OLE, complaint_of
from harvester.id_files.table import MAX_ROWS, FileRefused, Found, Table
from harvester.model.entity import FileIds
from harvester.model.terms import Kind

MAX_BYTES = 512 * 1024 * 1024
MAX_TOLD = 100  # cells of one file; a wrong column has a complaint in every row
_HEAD_BYTES = 4096
_OLD_OFFICE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Misread:
    """A cell that is no id.

    Attributes:
        row: as a spreadsheet counts, from 1; of Parquet, the row of data.
        column: the column's name; its number, from 1, where the file has no header.
    """

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class IdFileContents:
    """What a file of ids gave: its ids, and the cells that are none.

    Attributes:
        misread: the first cells that are no ids, in the file's order, at most `MAX_TOLD`.
        more: how many there are beyond.
    """

    found: FileIds
    misread: tuple[Misread, ...]
    more: int


def read_ids(path: Path, kind: Kind, column: str | None) -> IdFileContents:
    """Read the ids of one kind from a file; memory grows with the ids, not with the file.

    Args:
        column: the name of their column; None: a single obvious one.

    Raises:
        FileRefused: the file or the column gives no ids at all.
    """
    with _system_errors_named(), _table(path, column) as table:
        if not table.first:
            raise FileRefused("holds nothing but blank rows")
        chosen = choose_column(table.first, column, kind, has_names=table.has_names)
        if isinstance(chosen, Complaint):
            raise FileRefused(_on_sheet(chosen.sentence, table), "column")
        return _collected(_cells(table, chosen), kind, chosen, table)


def _cells(table: Table, chosen: IdColumn) -> Iterator[Found]:
    rest: Iterator[Found] = iter(()) if table.plain else table.column(chosen.index)
    if chosen.name is not None:
        return rest
    return chain([(table.first_row, table.first[chosen.index])], rest)


def _collected(
    cells: Iterator[Found], kind: Kind, chosen: IdColumn, table: Table
) -> IdFileContents:
    ids = set(table.plain or ())
    misread: list[Misread] = []
    count, wrong = len(table.plain or ()), 0
    name = chosen.name or str(chosen.index + 1)
    _refuse_long(count)
    for row, cell in cells:
        count += 1
        _refuse_long(count)
        found = cell if isinstance(cell, Complaint) else read_id(cell, kind)
        if isinstance(found, int):
            ids.add(found)
            continue
        wrong += 1
        if len(misread) < MAX_TOLD:
            misread.append(Misread(row, name, _on_sheet(found.sentence, table)))
    if not count:
        raise FileRefused("has a header, and no row below it")
    held = FileIds(sorted(ids), chosen.name, table.sheet, count - wrong)
    return IdFileContents(held, tuple(misread), wrong - len(misread))


def _refuse_long(count: int) -> None:
    if count > MAX_ROWS:
        raise FileRefused(f"has more than {MAX_ROWS:,} rows: split it, or the job")


def _on_sheet(sentence: str, table: Table) -> str:
    """A workbook with several sheets is easily misunderstood: say which one was read."""
    return f"{sentence} (sheet '{table.sheet}')" if table.sheets > 1 else sentence


def _table(path: Path, column: str | None) -> AbstractContextManager[Table]:
    suffix = path.suffix.lower().removeprefix(".")
    _judge(path, suffix)
    # Each reader is a library of its own, and a job needs one of them at most.
    if suffix == "parquet":
        from harvester.id_files.parquet import parquet_table  # noqa: PLC0415

        return parquet_table(path)
    if suffix == "xlsx":
        from harvester.id_files.xlsx import xlsx_table  # noqa: PLC0415

        return xlsx_table(path)
    from harvester.id_files.text_file import text_table  # noqa: PLC0415

    return text_table(path, column)


def _judge(path: Path, suffix: str) -> None:
    """Refuse what is no file, empty, too large, or something else than its extension says."""
    mode = path.stat()
    if stat.S_ISDIR(mode.st_mode):
        raise FileRefused("is a folder: name the file in it")
    if not stat.S_ISREG(mode.st_mode):
        raise FileRefused("is no regular file")
    if not mode.st_size:
        raise FileRefused("is empty")
    if mode.st_size > MAX_BYTES:
        raise FileRefused(f"is larger than {MAX_BYTES // 1024**2} MB, the most that is read")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if head.startswith(OLE):
            head += file.read(_OLD_OFFICE_BYTES)
    if complaint := complaint_of(head, suffix):
        raise FileRefused(complaint)


@contextmanager
def _system_errors_named() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise FileRefused("does not exist") from None
    except PermissionError:
        raise FileRefused("may not be read by you: you have no permission") from None
    except UnicodeDecodeError:
        raise FileRefused("changed while it was read: try again") from None
    except OSError as error:
        raise FileRefused(f"cannot be read: {error.strerror or 'the system refuses'}") from None
