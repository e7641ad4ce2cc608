"""Cells of a worksheet as the XML that a workbook holds, put together by SQL.

A library writes a quarter of a million cells a second from Python; ten years of a whole
institution are tens of millions. So the library lays the workbook out (sheets, styles, README),
and DuckDB writes the rows. Source: ECMA-376 part 1, 18.3.1.4 (c), 18.3.1.73 (row).
"""

from __future__ import annotations

from collections.abc import Sequence

from harvester.report.answered import FAILED, NOT_ASKED
from harvester.report.export.sheet import Form, SheetColumn

# Rows of a sheet, its header included, and characters of a cell (UTF-16 units).
SHEET_ROWS = 1_048_576
SHEET_COLUMNS = 16_384
CELL_CHARACTERS = 32_767
# Day 0 of a spreadsheet is 1899-12-30; the difference to 1970-01-01.
_EPOCH = 25_569


def row_xml(columns: Sequence[SheetColumn], styles: Sequence[int], number: str) -> str:
    """SQL for one row as XML.

    Args:
        styles: the workbook's style of each column.
        number: SQL for the row's number in its sheet, from 1.
    """
    cells = [
        _cell(each, letters(place), styles[place], number) for place, each in enumerate(columns)
    ]
    return f"concat('<row r=\"', {number}, '\">', {', '.join(cells)}, '</row>')"


def letters(place: int) -> str:
    """The name of a column counted from 0: A, B, ..., Z, AA, ..."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def shortened(name: str) -> str:
    """SQL for a text that fits into a cell."""
    # Beyond half the limit a text may be too long in UTF-16 without being so in characters.
    half = CELL_CHARACTERS // 2
    return (
        f'CASE WHEN "{name}" IS NULL OR length("{name}") <= {half} THEN "{name}"'
        f' WHEN {_units(name)} <= {CELL_CHARACTERS} THEN "{name}"'
        f" ELSE concat(left(\"{name}\", {half - 1}), '…') END"
    )


def is_too_long(name: str) -> str:
    """SQL: whether a text has to be shortened."""
    return f'(length("{name}") > {CELL_CHARACTERS // 2} AND {_units(name)} > {CELL_CHARACTERS})'


def _units(name: str) -> str:
    return (
        f'(length("{name}") + length(regexp_replace("{name}",'
        " '[^\\x{10000}-\\x{10FFFF}]', '', 'g')))"
    )


def _cell(column: SheetColumn, letter: str, style: int, number: str) -> str:
    """Nothing where the value is null: concat leaves nulls out, || does not."""
    opening = f"'<c r=\"{letter}' || {number} || '\""
    dressed = f'{opening} s="{style}"' if style else opening
    name = f'"{column.name}"'
    plain = f"{opening} t=\"inlineStr\"><is><t>' || {name} || '</t></is></c>'"
    cell = f"{dressed}><v>' || {name} || '</v></c>'"
    match column.form:
        case Form.WHOLE:
            pass
        case Form.COUNT:
            cell = f"CASE WHEN {name} IN ('{FAILED}', '{NOT_ASKED}') THEN {plain} ELSE {cell} END"
        case Form.DATE:
            days = f"({name} - DATE '1970-01-01' + {_EPOCH})"
            cell = f"{dressed}><v>' || {days} || '</v></c>'"
        case Form.MOMENT:
            days = f"printf('%.8f', epoch_us({name}) / 86400000000.0 + {_EPOCH})"
            cell = f"{dressed}><v>' || {days} || '</v></c>'"
        case Form.TRUTH:
            cell = f"{dressed} t=\"b\"><v>' || CAST({name} AS INTEGER) || '</v></c>'"
        case Form.TEXT if column.is_own_words:
            cell = f"{dressed} t=\"inlineStr\"><is><t>' || {name} || '</t></is></c>'"
        case Form.TEXT:
            text = _escaped(shortened(column.name))
            inside = '<is><t xml:space="preserve">'
            cell = f"{dressed} t=\"inlineStr\">{inside}' || {text} || '</t></is></c>'"
    return cell


def _escaped(text: str) -> str:
    """For XML; and `_x000D_`, which a spreadsheet would read as a character's code."""
    coded = f"regexp_replace({text}, '_(x[0-9A-Fa-f]{{4}}_)', '_x005F_\\1', 'g')"
    escaped = f"(CASE WHEN contains({text}, '_x') THEN {coded} ELSE {text} END)"
    for found, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        escaped = f"replace({escaped}, '{found}', '{instead}')"
    return escaped
