"""Parquet: every type of column, and those that hold no ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.id_files.support_files import ids, reading, refusal, write_parquet

NO_ID = "this row has no id: write one, or delete the row"
COLUMNS: list[tuple[pa.DataType, Sequence[object]]] = [
    (pa.int64(), [12, 7]),
    (pa.int8(), [12, 7]),
    (pa.uint64(), [12, 7]),
    (pa.float64(), [12.0, 7.0]),
    (pa.decimal128(20, 2), [Decimal(12), Decimal(7)]),
    (pa.string(), ["12", "7.0 "]),
    (pa.large_string(), ["12", "7.0"]),
    (pa.string_view(), ["12", "7"]),
    (pa.binary(), [b"12", b"7"]),
    (pa.dictionary(pa.int8(), pa.string()), ["12", "7"]),
]


@pytest.mark.parametrize(("kind", "cells"), COLUMNS, ids=str)
def test_ids_are_read_from_every_type_of_parquet_column(
    tmp_path: Path, kind: pa.DataType, cells: Sequence[object]
) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"t": ["a", "b"], "Item_ID": pa.array(cells, kind)}), path)
    assert ids(path, "item_id") == ids(path) == (7, 12)
    assert reading(path).found.column == "Item_ID"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (pa.array([1.0], pa.float32()),
         ("'id' is float, which rounds ids above 16,777,216: write "
                                         "it as int64")),
        (pa.array([True]), "'id' holds bool, and ids are whole numbers or texts"),
        (pa.array([date(2015, 1, 2)]),
         "'id' holds date32[day], and ids are whole numbers or texts"),
        (pa.array([[1]]), "'id' holds list<element: int64>, and ids are whole numbers or texts"),
        (pa.array([{"a": 1}]), "'id' holds struct<a: int64>, and ids are whole numbers or texts"),
    ],
)  # fmt: skip
def test_a_parquet_column_of_another_type_is_refused(
    tmp_path: Path, cells: pa.Array, said: str
) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"id": cells}), path)
    assert refusal(path) == ("column", said)


def test_mistakes_in_parquet_have_their_row_and_column(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x.parquet", [["id"], ["12"], [None], ["x"]])
    found = reading(path)
    assert [(each.row, each.column) for each in found.misread] == [(2, "id"), (3, "id")]
    assert found.misread[0].sentence == NO_ID
    assert refusal(write_parquet(path, [["a", "b"], [1, 2]])) == (
        "column", "which column holds the ids? Write 'column' with one of: 'a', 'b'"
    )  # fmt: skip
    assert refusal(write_parquet(path, [["id"]])) == ("path", "has a header, and no row below it")


def test_a_damaged_or_foreign_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 and so on")
    sentence = "is damaged, or no Parquet file: it cannot be read to its end"
    assert refusal(path) == ("path", sentence)
    path.write_bytes(b"id\n1\n")
    sentence = "is not a Parquet file, whatever its extension says: if it is a text, name it .csv"
    assert refusal(path) == ("path", sentence)
