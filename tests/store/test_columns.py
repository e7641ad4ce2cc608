"""What is gathered reply by reply is what Arrow would have made of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model.rows import DATE, INT, LONG, MOMENT, SCHEMAS, TEXT, Columns, Dataset
from harvester.model.window import epoch_day
from harvester.store.buffer import RowBuffer
from harvester.store.columns import column, filled

SMALL = st.integers(-(2**31), 2**31 - 1)
VALUES: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (TEXT, st.text(st.characters(codec="utf-8"))),
    (pa.binary(), st.binary()),
    (LONG, st.integers(-(2**63), 2**63 - 1)),
    (MOMENT, st.integers(-(2**50), 2**50)),
    (INT, SMALL),
    (DATE, SMALL),
]


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=str)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_column_holds_what_it_was_given(
    kind: pa.DataType, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    pieces = data.draw(st.lists(st.lists(st.none() | values)))
    growing = column(kind)
    for piece in pieces:
        growing.extend(piece)
    found = growing.finish()
    found.validate(full=True)
    assert found == pa.array([value for piece in pieces for value in piece], kind)


def test_a_number_too_large_for_its_column_is_refused() -> None:
    with pytest.raises(OverflowError):
        filled(INT, [2**31])


@pytest.mark.parametrize("lengths", [[1] * 2_500, [3, 0, 1] * 900, [0, 0], []], ids=len)
def test_every_row_goes_with_its_reply(lengths: list[int]) -> None:
    """Also over the edge where the shared columns are made, and in the next row group."""
    day = epoch_day(date(2026, 11, 22))
    buffer = RowBuffer(Dataset.TOTALS)
    for _ in range(2):
        for number, length in enumerate(lengths):
            own = Columns(Dataset.TOTALS, length, {"value": list(range(length))})
            shared = {
                "institution": None if number % 3 else "lboro",
                "entity_id": number,
                "snapshot": day,
                "harvested_at": 1_000 * number,
                "request_id": f"request {number}",
                "window_start": "not of this dataset",
            }
            buffer.add(own, shared)
        assert buffer.rows == sum(lengths)
        table = buffer.table()
        table.validate(full=True)
        assert table.schema == SCHEMAS[Dataset.TOTALS]
        assert buffer.rows == 0
        assert [
            (row["institution"], row["entity_id"], row["value"], row["request_id"])
            for row in table.to_pylist()
        ] == [
            (None if number % 3 else "lboro", number, value, f"request {number}")
            for number, length in enumerate(lengths)
            for value in range(length)
        ]
