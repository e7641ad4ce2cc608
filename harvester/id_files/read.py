"""A file in, the ids of its column out, or every cell that is none."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harvester.id_files.cell import Cell, Complaint, bare
from harvester.id_files.id_column import IdColumn, choose_column
from harvester.id_files.ids import read_id
from harvester.id_files.looks import OLE, complaint_of
from harvester.id_files.row_filter import (
    Condition,
    StatusCount,
    comparable,
    conditions,
    nothing_left,
    status_column,
)
from harvester.id_files.table import MAX_ROWS, FileRefused, Found, Table
from harvester.model.entity import FileIds, RowNotes
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


def read_ids(
    path: Path,
    kind: Kind,
    column: str | None,
    where: Mapping[str, Sequence[str]] | None = None,
) -> IdFileContents:
    """Read the ids of one kind from a file; memory grows with the ids, not with the file.

    Args:
        column: the name of their column; None: a single obvious one.
        where: only rows whose columns hold one of these values.

    Raises:
        FileRefused: the file or the column gives no ids at all.
    """
    with _system_errors_named(), _table(path, column) as table:
        if not table.first:
            raise FileRefused("holds nothing but blank rows")
        chosen = choose_column(table.first, column, kind, has_names=table.has_names)
        if isinstance(chosen, Complaint):
            raise FileRefused(_on_sheet(chosen.sentence, table), "column")
        reading = _Reading(kind, chosen, table, _conditions(chosen, table, where))
        return reading.collected()


def _conditions(
    chosen: IdColumn, table: Table, where: Mapping[str, Sequence[str]] | None
) -> Sequence[Condition]:
    if not where:
        return ()
    if chosen.name is None:
        raise FileRefused("goes by names of columns, and the first row holds none", "where")
    found = conditions(table.first, where)
    if isinstance(found, tuple):
        name, sentence = found
        raise FileRefused(_on_sheet(sentence, table), "where", below=name)
    return found


class _Reading:
    """One file, read once: what its rows come to."""

    def __init__(
        self, kind: Kind, chosen: IdColumn, table: Table, wanted: Sequence[Condition]
    ) -> None:
        self._kind = kind
        self._chosen = chosen
        self._table = table
        self._wanted = wanted
        has_names = chosen.name is not None
        self._status = status_column(table.first, wanted) if has_names else None
        self._statuses = StatusCount()
        self._ids = set(table.plain or ())
        self._misread: list[Misread] = []
        self._rows = self._read = len(table.plain or ())
        self._wrong = self._hidden = 0
        self._hides = table.hidden

    def collected(self) -> IdFileContents:
        """Every row looked at.

        Raises:
            FileRefused: there is no row, or none is wanted, or there are too many.
        """
        _refuse_long(self._rows)
        for row, cells in self._cells():
            self._rows += 1
            if self._rows > MAX_ROWS:
                _refuse_long(self._rows)
            if isinstance(cells, Complaint):
                self._tell(row, cells)
            elif not self._wanted or self._is_wanted(cells):
                self._take(row, cells)
        if not self._rows:
            raise FileRefused("has a header, and no row below it")
        if not self._read:
            raise FileRefused(nothing_left(self._wanted, self._rows), "where")
        chosen, table = self._chosen, self._table
        good = self._read - self._wrong
        held = FileIds(sorted(self._ids), chosen.name, table.sheet, good, self._notes())
        return IdFileContents(held, tuple(self._misread), self._wrong - len(self._misread))

    def _cells(self) -> Iterator[Found]:
        """The id, then the columns of the conditions, then the status."""
        table, chosen = self._table, self._chosen
        indexes = [chosen.index, *(each.index for each in self._wanted)]
        indexes += [] if self._status is None else [self._status]
        rest: Iterator[Found] = iter(()) if table.plain else table.rows(indexes)
        if chosen.name is not None:
            return rest
        return chain([(table.first_row, [table.first[chosen.index]])], rest)

    def _is_wanted(self, cells: Sequence[Cell]) -> bool:
        return all(
            comparable(cell) in each.values
            for each, cell in zip(self._wanted, cells[1:], strict=False)
        )

    def _take(self, row: int, cells: Sequence[Cell]) -> None:
        cell = cells[0]
        found = cell if isinstance(cell, Complaint) else read_id(cell, self._kind)
        if self._status is not None:
            self._statuses.add(cells[-1])
        if self._hides and row in self._hides:
            self._hidden += 1
        if isinstance(found, int):
            self._read += 1
            self._ids.add(found)
        else:
            self._tell(row, found)

    def _tell(self, row: int, found: Complaint) -> None:
        self._read += 1
        self._wrong += 1
        if len(self._misread) < MAX_TOLD:
            name = self._chosen.name or str(self._chosen.index + 1)
            self._misread.append(Misread(row, name, _on_sheet(found.sentence, self._table)))

    def _notes(self) -> RowNotes:
        status = "" if self._status is None else bare(str(self._table.first[self._status]))
        return RowNotes(
            read=self._read,
            left_out=self._rows - self._read,
            not_public=tuple(self._statuses.not_public()),
            status=status,
            hidden=self._hidden,
        )


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
