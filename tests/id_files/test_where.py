"""Rows that are wanted, and what is told of those that are read."""

from __future__ import annotations

import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.id_files.read import read_ids
from harvester.id_files.row_collector import IdFileContents
from harvester.id_files.row_filter import comparable
from harvester.id_files.table import FileRefused
from harvester.model.terms import Kind
from tests.id_files.support_files import Rows, write_parquet, write_text, write_xlsx

FIELD = Path(__file__).parent.parent / "fixtures" / "field"
PUBLIC: dict[str, tuple[str, ...]] = {"status": ("public",)}
ROWS: Rows = [
    ["id", "Status ", "year"],
    [11, "public", 2015],
    [12, "draft", 2016],
    [13, " PUBLIC", 2016],
    [14, None, 2015],
]


def read(path: Path, where: dict[str, tuple[str, ...]] | None = None) -> IdFileContents:
    return read_ids(path, Kind.ARTICLE, None, where)


def files(folder: Path, rows: Rows = ROWS) -> list[Path]:
    """The same table in each format."""
    texts = [["" if cell is None else cell for cell in row] for row in rows]
    return [
        write_text(folder / "x.csv", texts),
        write_xlsx(folder / "x.xlsx", rows),
        write_parquet(folder / "x.parquet", rows),
    ]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        (PUBLIC, [11, 13]),
        ({"STATUS": ("public",)}, [11, 13]),
        ({"status": ("Draft", "public")}, [11, 12, 13]),
        ({"status": ("public",), "year": ("2016",)}, [13]),
        ({"status": ("",)}, [14]),
    ],
)
def test_rows_of_other_values_are_left_out_in_every_format(
    tmp_path: Path, where: dict[str, tuple[str, ...]], kept: list[int]
) -> None:
    for path in files(tmp_path):
        found = read(path, where)
        assert list(found.found.ids) == kept
        assert (found.found.notes.read, found.found.notes.left_out) == (len(kept), 4 - len(kept))


def test_cells_of_rows_that_are_left_out_are_no_mistakes(tmp_path: Path) -> None:
    for path in files(tmp_path, [["id", "status"], ["12", "public"], ["n/a", "draft"]]):
        assert read(path, PUBLIC).misread == ()
        assert [each.row for each in read(path).misread] == [2 if path.suffix == ".parquet" else 3]


@pytest.mark.parametrize(
    ("where", "below", "said"),
    [
        ({"state": ("public",)}, "state", ("'state' is no column of the file ('id', 'Status', "
                                           "'year'): did you mean 'Status'?")),
        ({"status": ("open",), "year": ("2015",)}, None,
         "leaves none of 4 rows: in none of them 'status' is 'open' and 'year' is '2015'"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused(
    tmp_path: Path, where: dict[str, tuple[str, ...]], below: str | None, said: str
) -> None:
    with pytest.raises(FileRefused) as caught:
        read(files(tmp_path)[0], where)
    assert (caught.value.key, caught.value.below, caught.value.sentence) == ("where", below, said)


def test_a_list_without_names_has_no_columns_to_go_by(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("12\n13\n")
    with pytest.raises(FileRefused, match="the first row holds none") as caught:
        read(tmp_path / "ids.txt", PUBLIC)
    assert caught.value.key == "where"


def test_a_batch_export_from_the_field_tells_of_its_drafts() -> None:
    export = FIELD / "batch-export.csv"
    everything = read(export).found
    assert len(everything.ids) == 8
    assert everything.notes.status == "status"
    assert everything.notes.not_public == (("draft", 2), ("private", 2))
    public = read(export, PUBLIC).found
    assert list(public.ids) == [23456780, 23456783, 23456784, 23456786]
    assert (public.notes.not_public, public.notes.left_out) == ((), 4)


def test_a_filtered_sheet_from_the_field_tells_of_its_hidden_rows() -> None:
    found = read(FIELD / "filtered.xlsx").found
    assert (len(found.ids), found.notes.hidden) == (8, 4)
    assert read(FIELD / "filtered.xlsx", PUBLIC).found.notes.hidden == 0


def test_rows_hidden_at_the_edge_of_a_piece_are_each_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harvester.id_files.xlsx_guard._PIECE_BYTES", 61)
    assert read(FIELD / "filtered.xlsx").found.notes.hidden == 4
    with (
        zipfile.ZipFile(FIELD / "filtered.xlsx") as old,
        zipfile.ZipFile(tmp_path / "x.xlsx", "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'hidden="1"', b'ht="15" hidden="0"'))
    assert read(tmp_path / "x.xlsx").found.notes.hidden == 0


@pytest.mark.parametrize(
    "rows",
    [
        [["id", "status"], [1, "public"], [2, "PUBLIC"]],
        [["id", "status"], [1, "done"], [2, "to do"]],
        [["id", "state"], [1, "draft"]],
        [["id", "status"], *([n, f"draft {n}"] for n in range(1, 100)), [100, "draft"]],
    ],
)
def test_other_columns_of_status_are_not_spoken_of(tmp_path: Path, rows: Rows) -> None:
    assert read(files(tmp_path, rows)[0]).found.notes.not_public == ()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" Public\u00a0", "public"), ("'17", "17"), (17, "17"), (17.0, "17"), (17.5, "17.5"),
        (Decimal("17.00"), "17"), (b"x", "x"), (None, ""), (float("nan"), ""), (True, "true"),
        (datetime(2015, 1, 2), "2015-01-02"), (float("inf"), "inf"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_cells_are_compared_as_they_are_shown(cell: object, text: str) -> None:
    assert comparable(cell) == text


@given(st.text() | st.integers() | st.floats() | st.decimals() | st.binary() | st.datetimes())
def test_any_cell_can_be_compared(cell: object) -> None:
    assert isinstance(comparable(cell), str)
