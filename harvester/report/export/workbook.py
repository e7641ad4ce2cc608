"""An export as one workbook: laid out by xlsxwriter, its rows streamed in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from harvester.report.export.cells import CELL_CHARACTERS, SHEET_ROWS, is_too_long, letters, row_xml
from harvester.report.export.readme import Written
from harvester.report.export.sheet import Form, Sheet, SheetColumn
from harvester.report.tables import Tables

# A row each beside the header.
_ROOM = SHEET_ROWS - 1
_COPIED = 1 << 20
_FORMATS = {
    Form.WHOLE: "#,##0",
    Form.COUNT: "#,##0",
    Form.DATE: "yyyy-mm-dd",
    Form.MOMENT: "yyyy-mm-dd hh:mm:ss",
}
# An id is a name, not a quantity: no thousands separator.
_PLAIN = {"entity_id", "group_id", "parent_id", "rank"}
_README = "README"

Readme = Callable[[Sequence[Written]], Sequence[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class _Part:
    """One worksheet: a stretch of a sheet's rows, which lie in the table `table`."""

    name: str
    sheet: Sheet
    table: str
    first: int
    rows: int


def write_workbook(
    tables: Tables, sheets: Sequence[Sheet], path: Path, readme: Readme, room: int = _ROOM
) -> list[Written]:
    """Write one workbook.

    Args:
        readme: makes the README's rows from what is written.
        room: rows of a worksheet beside its header.

    Raises:
        OutputError: a dataset cannot be read.
        OSError: the file cannot be written.
    """
    parts: list[_Part] = []
    written = []
    for place, sheet in enumerate(sheets):
        mine = list(_parts(tables, sheet, f"sheet_{place}", room))
        names = tuple(part.name for part in mine)
        rows = sum(part.rows for part in mine)
        written.append(Written(sheet, rows, names, _shortened(tables, sheet, f"sheet_{place}")))
        parts += mine
    tables.do("SET preserve_insertion_order = true")
    skeleton = path.with_name(f"{path.name}.layout")
    try:
        _lay_out(skeleton, parts, readme(written))
        _fill(tables, skeleton, path, parts)
    finally:
        skeleton.unlink(missing_ok=True)
    return written


def _parts(tables: Tables, sheet: Sheet, table: str, room: int) -> Iterator[_Part]:
    """Gather a sheet's rows once, so that what is counted is what is written."""
    tables.do("SET preserve_insertion_order = true")
    tables.do(f"CREATE TEMP TABLE {table} AS {sheet.sql}", sheet.values)
    rows = tables.one(f"SELECT count(*) FROM {table}")[0]
    for number, first in enumerate(range(0, max(rows, 1), room), start=1):
        name = sheet.name if number == 1 else f"{sheet.name} {number}"
        yield _Part(name, sheet, table, first, min(room, rows - first))


def _shortened(tables: Tables, sheet: Sheet, table: str) -> int:
    """How many cells are too long; looked at closely only where a column has long ones."""
    texts = [each.name for each in sheet.columns if each.form is Form.TEXT]
    if not texts:
        return 0
    longest = tables.one(
        f"SELECT {', '.join(f'max(strlen({_quoted(x)}))' for x in texts)} FROM {table}"
    )
    long = [
        name for name, size in zip(texts, longest, strict=True) if size and size > CELL_CHARACTERS
    ]
    return sum(
        int(tables.one(f"SELECT count(*) FROM {table} WHERE {is_too_long(name)}")[0])
        for name in long
    )


def _quoted(name: str) -> str:
    return f'"{name}"'


def _lay_out(path: Path, parts: Sequence[_Part], readme: Sequence[tuple[str, ...]]) -> None:
    """Everything but the rows."""
    book = xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"})
    formats = {form: book.add_format({"num_format": code}) for form, code in _FORMATS.items()}
    _write_readme(book, readme)
    for part in parts:
        page = book.add_worksheet(part.name)
        columns = part.sheet.columns
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, _format(column, formats))
            page.write_string(0, place, column.name, head)
        page.freeze_panes(1, _frozen(columns))
        page.autofilter(0, 0, max(part.rows, 1), len(columns) - 1)
    book.close()


def _frozen(columns: Sequence[SheetColumn]) -> int:
    """Ids and titles stay in sight where a sheet is wide."""
    names = [each.name for each in columns]
    return names.index("title") + 1 if "title" in names and len(names) > 20 else 0


def _format(column: SheetColumn, formats: dict[Form, Any]) -> Any:
    return None if column.name in _PLAIN else formats.get(column.form)


def _write_readme(book: Any, readme: Sequence[tuple[str, ...]]) -> None:
    page = book.add_worksheet(_README)
    bold, plain = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    top = book.add_format({"valign": "top"})
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 100)
    for place, row in enumerate(readme):
        if len(row) == 1:
            is_heading = len(row[0]) < 60
            page.write_string(place, 0, row[0], bold if is_heading else top)
        else:
            page.write_string(place, 0, row[0], top)
            page.write_string(place, 1, row[1], plain)


def _fill(tables: Tables, skeleton: Path, path: Path, parts: Sequence[_Part]) -> None:
    """Copy the laid-out workbook, with the rows in their sheets."""
    # The README is the first sheet; the others follow in their order.
    members = {f"xl/worksheets/sheet{place + 2}.xml": part for place, part in enumerate(parts)}
    with (
        zipfile.ZipFile(skeleton) as laid,
        zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
    ):
        for name in laid.namelist():
            with laid.open(name) as source, book.open(name, "w", force_zip64=True) as member:
                if part := members.get(name):
                    _fill_sheet(tables, source.read().decode(), member, part)
                else:
                    while block := source.read(_COPIED):
                        member.write(block)


def _fill_sheet(tables: Tables, xml: str, member: IO[bytes], part: _Part) -> None:
    columns = part.sheet.columns
    corner = f"{letters(len(columns) - 1)}{part.rows + 1}"
    xml = re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="A1:{corner}"', xml, count=1)
    head, closing, tail = xml.partition("</sheetData>")
    member.write(head.encode())
    number = f"(rowid - {part.first} + 2)"
    styles = _styles(head, len(columns))
    sql = (
        f"SELECT {row_xml(columns, styles, number)} FROM {part.table}"
        f" WHERE rowid >= {part.first} AND rowid < {part.first + part.rows}"
    )
    # Packing lets go of the interpreter: one core packs what the other puts together.
    with ThreadPoolExecutor(max_workers=1) as packer:
        packed: Future[int] | None = None
        for batch in tables.batches(sql):
            text = _joined(batch.column(0))
            if packed:
                packed.result()
            packed = packer.submit(member.write, text)
        if packed:
            packed.result()
    member.write(closing.encode() + tail.encode())


def _styles(head: str, columns: int) -> list[int]:
    """The style of each column, as the layout says it."""
    styles = [0] * columns
    for attributes in re.findall(r"<col ([^>]*)/>", head):
        named = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        for place in range(int(named["min"]) - 1, min(int(named["max"]), columns)):
            styles[place] = int(named.get("style", 0))
    return styles


def _joined(texts: Any) -> bytes:
    """All texts of an Arrow column one after the other, without touching each."""
    wide = texts.cast("large_string") if str(texts.type) != "large_string" else texts
    _, ends, letters_ = wide.buffers()
    offsets = memoryview(ends).cast("q")
    first, last = offsets[wide.offset], offsets[wide.offset + len(wide)]
    return bytes(memoryview(letters_)[first:last])
