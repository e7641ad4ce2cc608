"""A workbook and CSV files hold exactly what SQL over the Parquet says, cell by cell."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from harvester.cli import main
from harvester.report.export.choice import ExportChoice
from harvester.report.export.sheets import prepare, sheets
from harvester.report.export.workbook import write_workbook
from harvester.report.tables import opened_tables
from tests.bench.institution import SNAPSHOT

Ask = Callable[[str], list[tuple[object, ...]]]

_KNOWN = "LEFT JOIN entities i ON i.entity = d.entity AND i.entity_id = d.entity_id"
# Said a second time, against the raw Parquet: not with the exporter's own SQL.
EXPECTED = {
    "totals": "SELECT d.entity, d.counter, d.entity_id, i.title, i.doi, snapshot, value"
    f" FROM totals d {_KNOWN} ORDER BY 1, 2, 3",
    "timeline": "SELECT d.entity, counter, granularity, d.entity_id, i.title, i.doi, sub_item,"
    f" sub_item_id, period, period_start, period_end, value, origin FROM timeline d {_KNOWN}"
    " ORDER BY 1, 2, 4, 10",
    "countries": "SELECT d.entity, counter, granularity, d.entity_id, i.title, i.doi, sub_item,"
    " sub_item_id, period, period_start, period_end, country, value, unlisted FROM countries d"
    f" {_KNOWN} ORDER BY 1, 2, 4, 10, 12",
    "top": "SELECT d.entity, counter, d.entity_id, sub_item, window_start, window_end, snapshot,"
    f" rank, key, i.title, i.doi, value FROM top d {_KNOWN} ORDER BY 3, 8",
    "counts": "SELECT d.group_id, i.title, i.doi, articles, snapshot FROM counts d"
    " LEFT JOIN entities i ON i.entity = 'group' AND i.entity_id = d.group_id ORDER BY 1",
    "totals by item": "SELECT d.entity, d.entity_id, any_value(i.title), any_value(i.doi),"
    " any_value(i.defined_type_name), any_value(i.group_id), any_value(i.published_date),"
    " sum(value) FILTER (counter = 'views')::BIGINT,"
    " sum(value) FILTER (counter = 'downloads')::BIGINT,"
    f" sum(value) FILTER (counter = 'shares')::BIGINT, max(snapshot) FROM totals d {_KNOWN}"
    " GROUP BY 1, 2 ORDER BY 1, 2",
    "missing": "SELECT d.entity, d.entity_id, i.title, i.doi, endpoint, granularity, counter,"
    " sub_item, sub_item_id, window_start, window_end, snapshot,"
    " if(state = 'failed', 'failed', 'not asked'), reason, proof"
    f" FROM requests d {_KNOWN} WHERE state IN ('failed', 'pending')"
    " ORDER BY 1, 2, 5, 6 NULLS FIRST, 7",
}
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def safe(cell: object, limit: int | None = None) -> object:
    """What a text cell must be: the rule of docs, said a second time."""
    if not isinstance(cell, str):
        return cell
    calm = STEERING.sub(" ", cell)
    calm = re.sub(r"^(\s*[=+\-@])", r"'\1", calm)
    units = len(calm.encode("utf-16-le")) // 2
    return f"{calm[: 16383 - 1]}…" if limit and units > limit else calm


def as_read(cell: object) -> object:
    """A date comes out of a workbook as a moment at midnight."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001  # Excel has no zones
    return cell


@pytest.fixture(scope="module")
def book(output: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("book") / "lboro.xlsx"
    assert main(["export", str(output), "--to", "xlsx", "--out", str(path)]) == 0
    return openpyxl.load_workbook(path)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sheet_is_what_sql_says(book: Any, ask: Ask, name: str) -> None:
    # Excel reads `_x005F_` as an underscore; openpyxl leaves that to its caller.
    rows = [
        [unescape(cell) if isinstance(cell, str) else cell for cell in row]
        for row in book[name].iter_rows(min_row=2, values_only=True)
    ]

    expected = [[as_read(safe(cell, 32_767)) for cell in row] for row in ask(EXPECTED[name])]
    assert rows == expected
    assert expected


@pytest.fixture(scope="module")
def csv_folder(output: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("csv") / "export"
    assert main(["export", str(output), "--to", "csv", "--out", str(path)]) == 0
    return path


@pytest.mark.parametrize("name", EXPECTED)
def test_a_csv_file_is_what_sql_says(csv_folder: Path, ask: Ask, name: str) -> None:
    path = csv_folder / f"{name.replace(' ', '-')}.csv"

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    expected = [
        ["" if cell is None else str(safe(cell)) for cell in row] for row in ask(EXPECTED[name])
    ]
    assert rows == expected


@pytest.mark.parametrize("counter", ["views", "downloads", "shares"])
def test_months_by_item_are_what_sql_says(book: Any, ask: Ask, counter: str) -> None:
    sheet = book[f"{counter} by month"]
    head, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]

    found = {
        (row[0], row[1], month[:7]): value
        for row in rows
        for month, value in zip(head[6:], row[6:], strict=True)
        if value is not None
    }
    expected = ask(
        f"SELECT entity, entity_id, period, value FROM timeline WHERE counter = '{counter}'"
    )
    # Where the request failed, or was not asked, a word stands in each month, and no number.
    words = {
        (entity, one): "failed" if state == "failed" else "not asked"
        for entity, one, state in ask(
            "SELECT entity, entity_id, state FROM requests WHERE state IN ('failed', 'pending')"
            f" AND endpoint = 'timeline' AND counter = '{counter}'"
        )
    }
    everyone = ask("SELECT entity, entity_id FROM entities ORDER BY 1, 2")
    assert [(row[0], row[1]) for row in rows] == everyone
    assert found == {
        (entity, one, period): value
        for entity, one, period, value in expected
        if (entity, one) not in words
    } | {(*who, month[:7]): word for who, word in words.items() for month in head[6:]}
    numbers = [[each for each in row[6:] if isinstance(each, int)] for row in rows]
    assert [row[4] for row in rows] == [sum(each) for each in numbers]
    assert [row[5] for row in rows] == [
        len(head[6:]) if (row[0], row[1]) in words else 0 for row in rows
    ]
    assert [each[:7] for each in head[6:]] == sorted({each[:7] for each in head[6:]})
    # The month of the snapshot was not over, and its column says so.
    assert head[-1] == f"{SNAPSHOT:%Y-%m} (to {SNAPSHOT.day - 1})"


def test_the_workbook_is_laid_out_for_people(book: Any) -> None:
    assert book.sheetnames[:2] == ["README", "totals by item"]
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.cell(1, 1).font.bold
    timeline = book["timeline"]
    cells = {cell.value: timeline.cell(2, cell.column) for cell in timeline[1]}
    assert cells["period_start"].is_date
    assert cells["period_start"].number_format == "yyyy-mm-dd"
    assert cells["value"].number_format == "#,##0"
    assert cells["entity_id"].number_format == "General"
    assert not any(
        cell.data_type == "f"
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    )


def test_the_readme_says_what_a_reader_must_know(book: Any, output: Path) -> None:
    told = "\n".join(
        " ".join(str(cell) for cell in row if cell is not None)
        for row in book["README"].iter_rows(values_only=True)
    )

    for word in ("period", "23 November 2026", "period_start", "unlisted", "Never add up groups",
                 "machine traffic", "UTC", "shortened to the 32,767"):  # fmt: skip
        assert word in told
    for sheet in book.sheetnames[1:]:
        assert sheet in told
    assert str(output) not in told


@pytest.mark.parametrize("room", [1, 7, 100, 5_000])
def test_rows_without_room_go_on_in_the_next_sheet(
    output: Path, ask: Ask, tmp_path: Path, room: int
) -> None:
    """No row is lost, doubled or moved where a sheet is full; the README names every part."""
    path = tmp_path / "book.xlsx"
    with opened_tables(output) as tables:
        prepare(tables)
        chosen = list(sheets(tables, ExportChoice(datasets=("counts", "top"))))
        written = write_workbook(tables, chosen, path, lambda _: [("README",)], room)

    book = openpyxl.load_workbook(path)
    for each in written:
        if each.sheet.name == "missing":
            assert each.rows == 0, "of counts and rankings everything was answered"
            continue
        rows = [
            list(row)
            for place in each.places
            for row in book[place].iter_rows(min_row=2, values_only=True)
        ]
        assert rows == [
            [as_read(safe(cell)) for cell in row] for row in ask(EXPECTED[each.sheet.name])
        ]
        assert len(each.places) == -(-each.rows // room)
        assert all(book[place].max_row <= room + 1 for place in each.places)
