"""Two tables differ by exactly the rows that were changed, whatever their order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.model.rows import KEYS, SCHEMAS, Dataset
from harvester.verify.contents import PartRows
from harvester.verify.difference import difference

Row = dict[str, object]
KEY = KEYS[Dataset.TOTALS]


def row(entity: int, value: int) -> Row:
    return {
        "institution": None,
        "entity_id": entity,
        "snapshot": date(2026, 7, 1),
        "value": value,
        "harvested_at": datetime(2026, 7, 1, tzinfo=UTC),
        "request_id": f"2026-07-01.1/total/views/article/{entity}",
    }


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMAS[Dataset.TOTALS])


values = st.dictionaries(st.integers(1, 30), st.integers(0, 5), max_size=15)


@settings(deadline=None)  # the first call loads Arrow's kernels
@given(values, values, st.randoms())
def test_missing_extra_and_different_are_counted(
    right: dict[int, int], found: dict[int, int], dice: object
) -> None:
    rows = [row(*each) for each in found.items()]
    dice.shuffle(rows)  # type: ignore[attr-defined]  # random.Random
    said = difference(table([row(*each) for each in right.items()]), table(rows), KEY)

    both = right.keys() & found.keys()
    assert said.missing == len(right.keys() - found.keys())
    assert said.extra == len(found.keys() - right.keys())
    assert said.different == sum(right[key] != found[key] for key in both)
    assert bool(said) == (right != found)


def test_a_row_that_stands_twice_is_one_too_many() -> None:
    once = [row(1, 5), row(2, 6)]
    said = difference(table(once), table([*once, row(2, 6)]), KEY)

    assert (said.missing, said.extra, said.different) == (0, 1, 0)
    assert "entity_id 2" in said.sentence


def test_the_sentence_says_both_values() -> None:
    said = difference(table([row(7, 3)]), table([row(7, 4)]), KEY)

    assert said.sentence == (
        "1 row with other values (entity_id 7, snapshot 2026-07-01: value 4, the response says 3)"
    )


@pytest.mark.parametrize("is_sorted", [True, False])
def test_a_part_is_read_entity_by_entity_whatever_its_order(
    tmp_path: Path,
    is_sorted: bool,  # noqa: FBT001  # a parameter of the table
) -> None:
    entities = [1, 1, 2, 5, 5, 5, 8] if is_sorted else [5, 1, 8, 5, 2, 1, 5]
    path = tmp_path / "part.parquet"
    pq.write_table(table([row(each, 1) for each in entities]), path, row_group_size=2)
    rows = PartRows(path, Dataset.TOTALS)

    assert [rows.up_to(to)["entity_id"].to_pylist() for to in (1, 4, 5, 7, None)] == [
        [1, 1], [2], [5, 5, 5], [], [8],
    ]  # fmt: skip
    rows.close()
    chosen = PartRows(path, Dataset.TOTALS, lambda entity: entity == 5)
    assert chosen.up_to(None)["entity_id"].to_pylist() == [5, 5, 5]
    chosen.close()
