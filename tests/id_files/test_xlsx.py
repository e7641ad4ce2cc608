"""Excel workbooks: cells with types, several sheets, and what would not fit in memory."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from harvester.id_files import xlsx_guard
from harvester.id_files.row_collector import Misread
from tests.id_files.support_files import ids, reading, refusal, write_xlsx


def test_ids_are_read_from_every_type_of_excel_cell(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["title", "Item ID"], ["a", 1], ["b", 2.0], [None, None], ["c", "3"], ["d", "'4"],
        ["e", "\u00a05 "], ["f", "10.17028/rd.lboro.66666.v2"], ["g", "7.0"], ["h", 1234567.0],
    ]  # fmt: skip
    path = write_xlsx(tmp_path / "x.xlsx", rows)
    assert ids(path) == (1, 2, 3, 4, 5, 7, 66666, 1234567)
    assert reading(path).found.column == "Item ID"
    assert reading(path).found.sheet == "Sheet1"


def test_a_table_may_lie_anywhere_on_the_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [[], [None, None, "id"], [], [None, None, 12], [None, None, "x"]]
    found = reading(write_xlsx(tmp_path / "x.xlsx", rows))
    assert list(found.found.ids) == [12]
    assert [(each.row, each.column) for each in found.misread] == [(5, "id")]


def test_mistakes_in_excel_cells_have_their_row_and_column(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["id", "t"], [1.5, "a"], [True, "b"], [date(2015, 1, 2), "c"], [None, "d"], [1e16, 0],
    ]  # fmt: skip
    found = reading(write_xlsx(tmp_path / "x.xlsx", rows))
    assert [(each.row, each.sentence.split(":")[0]) for each in found.misread] == [
        (2, "'1.5' is no whole number, and an id is one"),
        (3, "'True' is true or false"),
        (4, "'2015-01-02' is a date or a time"),
        (5, "this row has no id"),
        (6, "'1e+16' has more digits than a spreadsheet keeps (15)"),
    ]


def test_the_first_sheet_with_data_is_read_and_named(tmp_path: Path) -> None:
    sheets: list[list[list[object]]] = [[], [["id"], [12], ["x"]], [["id"], [13]]]
    path = write_xlsx(tmp_path / "x.xlsx", *sheets, names=["Empty", "Items", "More"])
    found = reading(path)
    assert list(found.found.ids) == [12]
    assert found.found.sheet == "Items"
    assert found.misread[0].sentence.endswith("(sheet 'Items')")
    assert refusal(path, "doi") == (
        "column", "'doi' is no column of the file ('id') (sheet 'Items')"
    )  # fmt: skip


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    hidden = book.create_sheet("Lookup", 0)
    hidden.append([99])
    hidden.sheet_state = "hidden"
    assert book["Sheet"] is not None
    book["Sheet"].append([12])
    book.save(tmp_path / "x.xlsx")
    assert ids(tmp_path / "x.xlsx") == (12,)


def test_a_workbook_without_data_is_refused(tmp_path: Path) -> None:
    sentence = "is a workbook without data: no visible sheet has a cell with a value"
    assert refusal(write_xlsx(tmp_path / "x.xlsx", [])) == ("path", sentence)


def with_sheet(path: Path, cells: str, *, second: str | None = None) -> Path:
    """A workbook whose sheets have this XML in place of their rows."""
    write_xlsx(path, [["x"]], *([[["y"]]] if second else []))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for number, each in ((1, cells), (2, second)):
        if each is not None:
            main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            text = f'<worksheet xmlns="{main}"><sheetData>{each}</sheetData></worksheet>'
            members[f"xl/worksheets/sheet{number}.xml"] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_an_error_of_excels_is_not_a_blank_row(tmp_path: Path) -> None:
    """calamine hands `#N/A` over as nothing, and a row of nothing would be passed over."""
    rows = '<row r="1"><c r="A1"><v>12</v></c></row>'
    seven = '<row r="3"><c r="A3"><v>7</v></c></row>'
    error = '<row r="2"><c r="A2" s="1" t="e"><v>#N/A</v></c></row>' + seven
    sentence = "this cell holds an error of Excel's, such as #N/A or #REF!, and no id"
    found = reading(with_sheet(tmp_path / "x.xlsx", rows + error))
    assert list(found.found.ids) == [7, 12]
    assert found.misread == (Misread(2, "1", sentence),)
    elsewhere = with_sheet(tmp_path / "y.xlsx", rows + seven, second=error)
    assert ids(elsewhere) == (7, 12)


@pytest.mark.parametrize(
    "cells",
    [
        (
            '<row r="1"><c r="A1"><v>1</v></c></row>'
            '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
        ),
        (
            "<row r='1'><c r = 'A1'><v>1</v></c><c t='n' r='XFD1' ><v>1</v></c></row>"
            "<row r='1048576'><c s='1' r='A1048576'><v>2</v></c></row>"
        ),
    ],
)
def test_two_values_in_opposite_corners_are_refused(tmp_path: Path, cells: str) -> None:
    """Laid out as one block they ask for 550 GB, and the reader ends the process."""
    assert refusal(with_sheet(tmp_path / "x.xlsx", cells)) == (
        "path",
        (
            "has a sheet that reaches to row 1,048,576 and column 16,384, 10,000,000 cells are the "
            "most: delete what stands far from the table, or save the sheet as csv"
        ),
    )


def test_cells_without_a_place_are_counted(tmp_path: Path) -> None:
    """Some writers leave `r` out; the reader then counts, and so does the guard."""
    good = "<row><c t='str'><v>id</v></c><c><v>1</v></c></row>" + "".join(
        f"<row><c><v>{n}</v></c><c/><c t='n'><v>2</v></c></row>" for n in range(1, 30_001)
    )
    path = with_sheet(tmp_path / "x.xlsx", good)
    assert ids(path, "id") == tuple(range(1, 30_001))
    far = "<row r='1048576'>" + "<c><v>1</v></c>" * 16_384 + "</row>"
    _, said = refusal(with_sheet(tmp_path / "x.xlsx", f"<row><c><v>1</v></c></row>{far}"))
    assert said.startswith("has a sheet that reaches to row 1,048,576 and column 16,384")


def test_a_format_far_away_does_no_harm(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1"><v>12</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    assert ids(with_sheet(tmp_path / "x.xlsx", cells)) == (12,)


def test_a_tag_across_two_pieces_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 100))
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    for size in range(100, 140):
        monkeypatch.setattr(xlsx_guard, "_PIECE_BYTES", size)
        assert (
            "reaches to row 1,048,576" in refusal(with_sheet(tmp_path / "x.xlsx", cells + far))[1]
        )


def test_a_zip_bomb_is_measured_before_it_goes_off(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_xlsx(path, [[1]])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/bomb.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(520):
            member.write(b"\0" * 1024 * 1024)
    assert path.stat().st_size < 1024 * 1024
    assert refusal(path) == (
        "path", "unpacks to 520 MB, and at most 512 MB are read: save the sheet as csv"
    )  # fmt: skip


def test_a_bomb_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    path = with_sheet(tmp_path / "x.xlsx", "<row><c><v>12</v></c></row>" + " " * 1_000_000)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(lie)
    assert refusal(path)[1] == "is damaged, or no Excel workbook: it cannot be unpacked"
