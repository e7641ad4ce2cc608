"""The rows of one file of ids, gone through once: ids, mistakes, and what is told beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from harvester.id_files.cell import Cell, Complaint, bare
from harvester.id_files.id_column import IdColumn
from harvester.id_files.ids import read_id
from harvester.id_files.resolved_dois import DoiStatus, Resolved
from harvester.id_files.row_filter import (
    Condition,
    StatusCount,
    comparable,
    nothing_left,
    status_column,
)
from harvester.id_files.table import MAX_ROWS, FileRefused, Found, Table
from harvester.model.doi import OpaqueDoi
from harvester.model.entity import FileIds, RowNotes
from harvester.model.terms import Kind

MAX_TOLD = 100  # cells of one file; a wrong column has a complaint in every row


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


@dataclass(slots=True)
class OpaqueCells:
    """Cells whose DOIs only a look-up can tell.

    Attributes:
        rows: how many.
        first: the first of them.
        dois: each once, by their keys.
    """

    rows: int = 0
    first: Misread | None = None
    dois: dict[str, OpaqueDoi] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IdFileContents:
    """What a file of ids gave: its ids, and the cells that are none.

    Attributes:
        misread: the first cells that are no ids, in the file's order, at most `MAX_TOLD`.
        more: how many there are beyond.
        opaque: cells with DOIs that hold no id and were not looked up yet.
    """

    found: FileIds
    misread: tuple[Misread, ...]
    more: int
    opaque: OpaqueCells


class RowCollector:
    """One file, read once: what its rows come to."""

    def __init__(
        self,
        kind: Kind,
        chosen: IdColumn,
        table: Table,
        wanted: Sequence[Condition],
        resolved: Resolved,
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
        self._wrong = self._hidden = self._looked_up = self._unknown = 0
        self._opaque = OpaqueCells()
        self._resolved = resolved
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
        if self._unknown == self._read:
            raise FileRefused(f"holds no id: none of its {self._read:,} DOIs was found at Figshare")
        good = self._read - self._wrong - self._opaque.rows - self._unknown
        held = FileIds(sorted(self._ids), chosen.name, table.sheet, good, self._notes())
        more = self._wrong - len(self._misread)
        return IdFileContents(held, tuple(self._misread), more, self._opaque)

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
        elif found.doi is not None:
            self._look_at(row, found, found.doi)
        else:
            self._tell(row, found)

    def _look_at(self, row: int, found: Complaint, doi: OpaqueDoi) -> None:
        """A DOI without an id: known from a look-up, or to be looked up."""
        known = self._resolved.get(doi.key)
        if known is not None and known.status is DoiStatus.AMBIGUOUS:
            several = f"{found.sentence}, and several {self._kind}s bear it: write the id"
            self._tell(row, Complaint(several))
            return
        self._read += 1
        if known is None:
            self._opaque.rows += 1
            self._opaque.first = self._opaque.first or self._misread_at(row, found)
            self._opaque.dois.setdefault(doi.key, doi)
        elif known.id is None:
            self._unknown += 1
        else:
            self._looked_up += 1
            self._ids.add(known.id)

    def _tell(self, row: int, found: Complaint) -> None:
        self._read += 1
        self._wrong += 1
        if len(self._misread) < MAX_TOLD:
            self._misread.append(self._misread_at(row, found))

    def _misread_at(self, row: int, found: Complaint) -> Misread:
        name = self._chosen.name or str(self._chosen.index + 1)
        return Misread(row, name, on_sheet(found.sentence, self._table))

    def _notes(self) -> RowNotes:
        status = "" if self._status is None else bare(str(self._table.first[self._status]))
        return RowNotes(
            read=self._read,
            left_out=self._rows - self._read,
            not_public=tuple(self._statuses.not_public()),
            status=status,
            hidden=self._hidden,
            looked_up=self._looked_up,
            unknown=self._unknown,
        )


def _refuse_long(count: int) -> None:
    if count > MAX_ROWS:
        raise FileRefused(f"has more than {MAX_ROWS:,} rows: split it, or the job")


def on_sheet(sentence: str, table: Table) -> str:
    """A workbook with several sheets is easily misunderstood: say which one was read."""
    return f"{sentence} (sheet '{table.sheet}')" if table.sheets > 1 else sentence
