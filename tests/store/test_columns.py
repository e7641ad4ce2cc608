"""What is gathered reply by reply is what Arrow would have made of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model.dates import epoch_day
from harvester.model.rows import DATE, FLAG, INT, LONG, MOMENT, SCHEMAS, TEXT, Columns, Dataset
from harvester.store.buffer import RowBuffer
from harvester.store.columns import WORD, column, dictionary_encoded, filled
from harvester.store.part_writer import Staging
from tests.support.thorough import examples

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
@settings(max_examples=examples(50), deadline=None)
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


@settings(max_examples=examples(50), deadline=None)
@given(
    pieces=st.lists(st.lists(st.none() | st.sampled_from("abc") | st.text(max_size=2))),
    picks=st.lists(st.integers(0, 5)),
)
def test_words_are_the_text_they_were_given(
    pieces: list[list[str | None]], picks: list[int]
) -> None:
    """Also where the very same sequence comes again, which is not looked through twice."""
    given_ = [pieces[pick % len(pieces)] for pick in picks] if pieces else []
    growing = column(WORD)
    for piece in given_:
        growing.extend(piece)
    found = growing.finish()
    found.validate(full=True)
    assert found.type == WORD
    assert found.to_pylist() == [value for piece in given_ for value in piece]
    assert found.dictionary.null_count == 0
    assert len(set(found.dictionary.to_pylist())) == len(found.dictionary)


@pytest.mark.parametrize("dataset", Dataset)
def test_a_part_reads_back_under_the_declared_schema(dataset: Dataset, tmp_path: Path) -> None:
    """However its rows were handed to Parquet: as declared, or packed."""
    schema = SCHEMAS[dataset]
    rows: list[dict[str, object]] = [dict.fromkeys(schema.names, value) for value in (None, 1, 1)]
    declared = pa.Table.from_pylist(
        [
            {name: _sample(schema.field(name).type, value) for name, value in row.items()}
            for row in rows
        ],
        schema=schema,
    )
    staging = Staging(tmp_path, 1)
    for table in (declared, dictionary_encoded(declared, dataset)):
        with staging.part("path", dataset) as writer:
            writer.write(table)
            staged = writer.finish().staged
        read = pq.read_table(tmp_path / staged)
        assert read.schema.equals(schema, check_metadata=True)
        assert read == declared


def _sample(kind: pa.DataType, value: object) -> object:
    if value is None:
        return None
    return {TEXT: "ä", pa.binary(): b"\0", FLAG: True}.get(kind, 1)


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
