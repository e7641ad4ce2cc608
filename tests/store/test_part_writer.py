"""A part is whole, whoever else has begun to write under its name."""

from __future__ import annotations

import gc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harvester.model.rows import SCHEMAS, Dataset
from harvester.store.part_writer import PartWriter, Staging


def rows(number: int) -> pa.Table:
    """So many rows of counts/; what is in them does not matter."""
    schema = SCHEMAS[Dataset.COUNTS]
    return pa.table({each.name: pa.nulls(number, each.type) for each in schema}, schema=schema)


def begun(folder: Path) -> PartWriter:
    """The first part of the first publish."""
    return Staging(folder, 1).part("counts/x.parquet", Dataset.COUNTS)


def test_a_part_that_was_given_up_reaches_into_no_later_one(tmp_path: Path) -> None:
    """Arrow ends its file when its writer is thrown away, which may be much later."""
    given_up = begun(tmp_path)
    given_up.write(rows(10_000))
    with pytest.raises(KeyboardInterrupt), given_up:
        raise KeyboardInterrupt
    forgotten = begun(tmp_path)
    forgotten.write(rows(10_000))
    later = begun(tmp_path)
    later.write(rows(3))
    part = later.finish()
    before = (tmp_path / part.staged).read_bytes()
    del given_up, forgotten
    gc.collect()
    assert (tmp_path / part.staged).read_bytes() == before
    assert pq.read_table(tmp_path / part.staged, page_checksum_verification=True).num_rows == 3
