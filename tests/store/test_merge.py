"""A part written anew piece by piece is what it would be if all rows were held at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.rows import SCHEMAS, Dataset
from harvester.store.merge import PartMerge
from harvester.store.part_writer import Staging
from harvester.store.placement import Series, in_order

SCHEMA = SCHEMAS[Dataset.TIMELINE]
AT = datetime(2026, 11, 30, tzinfo=UTC)
Row = tuple[int, int]  # entity, day
rows = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 20)), unique=True).map(sorted)


def table(some: list[Row], value: int) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "institution": [None] * len(some),
        "entity_id": [entity for entity, _ in some],
        "sub_item": [None] * len(some),
        "sub_item_id": [None] * len(some),
        "period": [str(day) for _, day in some],
        "period_start": [day for _, day in some],
        "period_end": [day for _, day in some],
        "value": [value] * len(some),
        "origin": ["reported"] * len(some),
        "harvested_at": [AT] * len(some),
        "request_id": ["r"] * len(some),
    }
    arrays = [
        pa.array(values, pa.int32()).cast(kind)
        if pa.types.is_date(kind)
        else pa.array(values, kind)
        for values, kind in zip(columns.values(), SCHEMA.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


@given(
    old=rows,
    new=rows,
    gone=st.dictionaries(st.integers(1, 9), st.tuples(st.integers(1, 20), st.integers(1, 20))),
    group=st.integers(1, 7),
    pieces=st.integers(1, 5),
)
def test_rows_that_leave_stay_and_come_are_those_of_the_whole_part(
    old: list[Row], new: list[Row], gone: dict[int, Row], group: int, pieces: int
) -> None:
    leaving: dict[Series, list[Row]] = {(one, None, None): [days] for one, days in gone.items()}
    left: list[pa.Table] = []
    with TemporaryDirectory() as folder:
        part = Path(folder, "part.parquet")
        if old:
            pq.write_table(table(old, 1), part, row_group_size=group, write_page_checksum=True)
        staging = Staging(Path(folder), 1)
        merge = PartMerge(
            part,
            Dataset.TIMELINE,
            leaving,
            lambda: staging.part("timeline/new.parquet", Dataset.TIMELINE),
            lambda _, some: left.append(some),
        )
        for start in range(0, len(new), pieces):
            some = new[start : start + pieces]
            merge.add(table(some, 2), below=some[-1][0])
        made = merge.finish(table([], 2))
        if made:
            file = pq.ParquetFile(Path(folder, made.staged))
            assert file.num_row_groups == 1, "row groups tell in which pieces the rows came"
        found = pq.read_table(Path(folder, made.staged)).cast(SCHEMA) if made else None

    stays = [row for row in old if not _leaves(row, gone)]
    assert (found is None) == (not old and not new)
    if found is not None:
        whole = in_order(pa.concat_tables([table(stays, 1), table(new, 2)]), Dataset.TIMELINE)
        assert found.select(["entity_id", "period", "value"]).sort_by(
            [("entity_id", "ascending"), ("period", "ascending"), ("value", "ascending")]
        ) == whole.select(["entity_id", "period", "value"]).sort_by(
            [("entity_id", "ascending"), ("period", "ascending"), ("value", "ascending")]
        )
        entities = found.column("entity_id").to_pylist()
        assert entities == sorted(entities)
    gone_rows = pa.concat_tables([*left, table([], 1)])
    assert gone_rows.num_rows == len(old) - len(stays)
    assert pc.sum(gone_rows.column("value")).as_py() in {None, gone_rows.num_rows}


def _leaves(row: Row, gone: dict[int, Row]) -> bool:
    low, high = gone.get(row[0], (1, 0))
    return low <= row[1] <= high
