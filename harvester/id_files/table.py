"""What every reader of a file makes of it, and how it refuses one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.id_files.cell import Cell, Complaint

MAX_ROWS = 2_000_000  # Figshare's largest institutions have a tenth of it
Found = tuple[int, Sequence[Cell] | Complaint]  # the number of a row, and its cells


class FileRefused(Exception):  # noqa: N818 - it carries what is told, it is not told itself
    """A file is refused: it gives no ids at all.

    Attributes:
        key: what of `entities.<kind>.file` is wrong.
        sentence: why, for the user.
        below: the key below `where`; None: all of it.
    """

    def __init__(
        self,
        sentence: str,
        key: Literal["path", "column", "where"] = "path",
        *,
        below: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = sentence
        self.below = below


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows.

    Attributes:
        first: the cells of the first row that is not blank; empty: there is none.
        first_row: its number as a spreadsheet shows it, from 1; blank rows count.
        has_names: the format itself says that `first` are names (Parquet); else it is to be seen.
        rows: the cells of some columns in the rows after the first, lazily. Blank rows are left
            out, a blank cell beside others is not; a Complaint stands where a row is damaged.
        sheet: the name of the workbook's sheet.
        sheets: how many the workbook has.
        plain: all rows after the first, where every one of them is a plain id; None: `rows`
            tells them.
        hidden: the numbers of rows that the sheet does not show.
    """

    first: Sequence[Cell]
    first_row: int
    rows: Callable[[Sequence[int]], Iterator[Found]]
    has_names: bool = False
    sheet: str | None = None
    sheets: int = 1
    plain: Sequence[int] | None = None
    hidden: Collection[int] = ()
