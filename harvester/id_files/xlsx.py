"""Excel workbooks: the first sheet with data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from harvester.id_files.cell import Cell, Complaint, is_blank
from harvester.id_files.table import FileRefused, Found, Table
from harvester.id_files.xlsx_guard import SheetMarks, sheet_marks

_ERROR = Complaint("this cell holds an error of Excel's, such as #N/A or #REF!, and no id")


@contextmanager
def xlsx_table(path: Path) -> Iterator[Table]:
    """The rows of the first visible sheet that has any; formulas count as what they show.

    Raises:
        FileRefused: it is damaged, no workbook, too large, or has no data.
    """
    marks = sheet_marks(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            yield _first_with_data(book, marks)
    except CalamineError:
        raise FileRefused("is damaged, or no Excel workbook: it cannot be read") from None


def _first_with_data(book: CalamineWorkbook, marks: Sequence[SheetMarks]) -> Table:
    sheets = [
        (index, each)
        for index, each in enumerate(book.sheets_metadata)
        if each.typ is SheetTypeEnum.WorkSheet and each.visible is SheetVisibleEnum.Visible
    ]
    for index, sheet in sheets:
        mine = marks[index] if index < len(marks) else SheetMarks()
        rows = _rows(book.get_sheet_by_index(index).iter_rows(), mine.errors)
        number, first = next(rows, (0, []))
        if number:
            return Table(
                first,
                number,
                _columns(rows),
                sheet=sheet.name,
                sheets=len(sheets),
                hidden=mine.hidden,
            )
    raise FileRefused("is a workbook without data: no visible sheet has a cell with a value")


def _rows(
    rows: Iterator[Sequence[Cell]], wrong: AbstractSet[tuple[int, int]]
) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that are not blank, numbered as Excel does, with error values put back."""
    rows_with_errors = {row for row, _ in wrong}
    for number, row in enumerate(rows, 1):
        cells = list(row)
        if number in rows_with_errors:
            for index in range(len(cells)):
                if (number, index + 1) in wrong:
                    cells[index] = _ERROR
        if any(not is_blank(cell) for cell in cells):
            yield number, cells


def _columns(rows: Iterator[tuple[int, list[Cell]]]) -> Callable[[Sequence[int]], Iterator[Found]]:
    def chosen(indexes: Sequence[int]) -> Iterator[Found]:
        for row, cells in rows:
            yield row, [cells[each] for each in indexes]

    return chosen
