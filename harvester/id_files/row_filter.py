"""Which rows of a table are wanted, and what of a row a user ought to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal

from harvester.id_files.cell import Cell, Complaint, bare, is_blank
from harvester.id_files.id_column import find_column, spelling
from harvester.model.suggestions import quoted

# Figshare's batch export has a column `status` with these words; drafts have no statistics.
_STATUS = frozenset({"status", "item_status", "article_status"})
_PUBLIC, _STATES = "public", frozenset({"public", "private", "draft"})
_MOST_VALUES = 50  # of a status; a column with more holds something else


@dataclass(frozen=True, slots=True)
class Condition:
    """A column whose cells must hold one of some values.

    Attributes:
        index: of the column, from 0.
        values: as `comparable` writes them.
    """

    index: int
    name: str
    values: frozenset[str]


def conditions(
    first: Sequence[Cell], where: Mapping[str, Sequence[str]]
) -> list[Condition] | tuple[str, str]:
    """The conditions of `where` on a table with these names; or a column and what is wrong."""
    names = {index: bare(str(cell)) for index, cell in enumerate(first) if not is_blank(cell)}
    found = []
    for wanted, values in where.items():
        index = find_column(names, wanted)
        if isinstance(index, Complaint):
            return wanted, index.sentence
        found.append(Condition(index, wanted, frozenset(map(comparable, values))))
    return found


def comparable(cell: Cell) -> str:
    """A cell as it is compared: without what stands around it, in one case; 17.0 is 17."""
    if is_blank(cell):
        return ""
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", errors="replace")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, Decimal) and cell.is_finite():
        cell = f"{cell.normalize():f}"
    if isinstance(cell, datetime) and cell.time() == time.min:
        cell = cell.date()
    return bare(str(cell)).casefold()


def status_column(first: Sequence[Cell], conditions: Sequence[Condition]) -> int | None:
    """The single column that says whether an item is public, if the user does not filter by it."""
    found = [index for index, cell in enumerate(first) if spelling(str(cell)) in _STATUS]
    filtered = {each.index for each in conditions}
    return found[0] if len(found) == 1 and found[0] not in filtered else None


@dataclass(slots=True)
class StatusCount:
    """How many rows have which status."""

    _rows: Counter[str] = field(default_factory=Counter)

    def add(self, cell: Cell) -> None:
        """Count a row."""
        if len(self._rows) <= _MOST_VALUES:
            self._rows[comparable(cell)] += 1

    def not_public(self) -> list[tuple[str, int]]:
        """Other statuses than public with their rows, most first; none if it is no such column."""
        if len(self._rows) > _MOST_VALUES or not self._rows.keys() & _STATES:
            return []
        return [(each, rows) for each, rows in self._rows.most_common() if each != _PUBLIC]


def nothing_left(conditions: Sequence[Condition], rows: int) -> str:
    """The sentence for a file of which `where` leaves no row."""
    wanted = " and ".join(
        f"{quoted(each.name)} is {' or '.join(map(quoted, sorted(each.values)))}"
        for each in conditions
    )
    return f"leaves none of {rows:,} rows: in none of them {wanted}"
