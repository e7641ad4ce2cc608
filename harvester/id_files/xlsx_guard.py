"""What an xlsx file would cost to read, found out before its reader holds it in memory.

The reader (calamine) unpacks whatever it is given, and lays a sheet out as one block from
its first to its last value: two cells in opposite corners ask for 550 GB, and end the
process. Error values (`#N/A`) it hands over as blanks. So the file is gone through once, in
pieces, with what it unpacks to measured, not believed.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from harvester.id_files.table import FileRefused

MAX_UNPACKED_BYTES = 512 * 1024 * 1024  # 400,000 rows of twenty columns
MAX_BOX_CELLS = 10_000_000  # 32 bytes each in the reader
_MAX_MEMBERS = 10_000
_PIECE_BYTES = 1 << 20
_LONGEST_TAG = 400
_DAMAGED = "is damaged, or no Excel workbook: it cannot be unpacked"

_CELL = re.compile(
    rb"""<(?:[A-Za-z]\w*:)?c\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]+)([0-9]+)["']([^<>]*)(?<!/)>"""
)
# Cells may leave their place out: then they follow on each other, row by row.
_BARE = re.compile(rb"<(?:[A-Za-z]\w*:)?c(?:\s(?![^<>]*\br\s*=)[^<>]*)?(?<!/)>")
_ROW = re.compile(rb"""<(?:[A-Za-z]\w*:)?row(?:\s[^<>]*?\br\s*=\s*["']([0-9]+)["']|[\s>])""")
_HIDDEN_ROW = re.compile(
    rb"""<(?:[A-Za-z]\w*:)?row\s(?=[^<>]*\bhidden\s*=\s*["'](?:1|true)["'])[^<>]*?\br\s*=\s*["']([0-9]+)["']"""
)
_ERROR_TYPE = re.compile(rb"""\bt\s*=\s*["']e["']""")
_SHEET = re.compile(rb"""<(?:\w+:)?sheet\s[^<>]*?:id\s*=\s*["']([^"']+)["']""")
_RELATION = re.compile(rb"""<(?:\w+:)?Relationship\s([^<>]*)>""")


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What the reader of a workbook does not hand over.

    Attributes:
        errors: row and column, from 1, of the error values.
        hidden: rows that a filter or a hand has hidden.
    """

    errors: AbstractSet[tuple[int, int]] = frozenset()
    hidden: AbstractSet[int] = frozenset()


@dataclass(slots=True)
class _Extent:
    """Where the values of one sheet lie.

    Attributes:
        row, bare: the row that a piece ends in, and how many cells without a place it has so far.
    """

    last_row: int = 0
    last_column: int = 0
    letters: set[bytes] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    row: int = 0
    bare: int = 0

    def add(self, piece: bytes) -> None:
        self._add_bare(piece)
        if b"hidden" in piece:
            self.hidden.update(map(int, _HIDDEN_ROW.findall(piece)))
        found = _CELL.findall(piece)
        if not found:
            return
        letters, rows, rest = zip(*found, strict=True)
        self.last_row = max(self.last_row, *map(int, rows))
        new = set(letters) - self.letters
        self.letters |= new
        self.last_column = max([self.last_column, *map(_column_number, new)])
        if b"e" in b"".join(rest):
            for column, row, attributes in found:
                if _ERROR_TYPE.search(attributes):
                    self.errors.add((int(row), _column_number(column)))

    def _add_bare(self, piece: bytes) -> None:
        """Cells without a place: no wider than their row has of them, a little over-counted."""
        if not self.bare and not _BARE.search(piece):
            return
        # Split by a pattern with one group: texts and row numbers take turns.
        first, *others = _ROW.split(piece)
        self.bare += len(_BARE.findall(first))
        self.last_column = max(self.last_column, self.bare)
        for number, row in zip(others[::2], others[1::2], strict=True):
            self.row = int(number) if number else self.row + 1
            self.bare = len(_BARE.findall(row))
            self.last_row = max(self.last_row, self.row)
            self.last_column = max(self.last_column, self.bare)


def sheet_marks(path: Path) -> list[SheetMarks]:
    """The marks of each sheet, in the workbook's order.

    Raises:
        FileRefused: the file is damaged, no workbook, or too large to be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _gone_through(archive)
    except (
        zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, KeyError,
    ):  # fmt: skip
        raise FileRefused(_DAMAGED) from None


def _gone_through(archive: zipfile.ZipFile) -> list[SheetMarks]:
    members = archive.infolist()
    names = {each.filename for each in members}
    if len(members) > _MAX_MEMBERS or len(names) < len(members):
        raise FileRefused(_DAMAGED)
    if "xl/workbook.xml" not in names:
        raise FileRefused("is a zip archive, but no Excel workbook: save it as xlsx")
    unpacked = sum(each.file_size for each in members)
    if unpacked > MAX_UNPACKED_BYTES:
        raise FileRefused(
            f"unpacks to {unpacked / 1024**2:,.0f} MB, and at most "
            f"{MAX_UNPACKED_BYTES // 1024**2} MB are read: save the sheet as csv"
        )
    extents = {each.filename: _extent(archive, each) for each in members}
    for extent in extents.values():
        if extent.last_row * extent.last_column > MAX_BOX_CELLS:
            raise FileRefused(
                f"has a sheet that reaches to row {extent.last_row:,} and column "
                f"{extent.last_column:,}, {MAX_BOX_CELLS:,} cells are the most: delete what "
                "stands far from the table, or save the sheet as csv"
            )
    return [
        SheetMarks(extents[name].errors, extents[name].hidden) if name in extents else SheetMarks()
        for name in _sheet_files(archive, names)
    ]


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Extent:
    """Unpack one member, which proves its size and checksum, and look where its cells lie."""
    extent = _Extent()
    is_sheet = not member.filename.lower().endswith(("sharedstrings.xml", "styles.xml"))
    with archive.open(member) as stream:
        before = b""
        while piece := stream.read(_PIECE_BYTES):
            if is_sheet:
                whole = before + piece
                extent.add(whole)
                before = whole[-_LONGEST_TAG:]  # a tag may lie across two pieces
    return extent


def _sheet_files(archive: zipfile.ZipFile, names: set[str]) -> Iterator[str]:
    """The file of each sheet, in the workbook's order."""
    relations = "xl/_rels/workbook.xml.rels"
    targets: Mapping[str, str] = {}
    if relations in names:
        found = (_attributes(each) for each in _RELATION.findall(archive.read(relations)))
        targets = {each.get("Id", ""): each.get("Target", "") for each in found}
    for sheet_id in _SHEET.findall(archive.read("xl/workbook.xml")):
        target = targets.get(sheet_id.decode("utf-8", errors="replace"), "")
        yield target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _attributes(tag: bytes) -> dict[str, str]:
    pairs = re.findall(rb"""(\w+)\s*=\s*["']([^"']*)["']""", tag)
    return {name.decode(): value.decode("utf-8", errors="replace") for name, value in pairs}


def _column_number(letters: bytes) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number
