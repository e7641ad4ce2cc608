"""Rows that take the place of older ones: the part that holds those is written anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harvester.model.rows import SCHEMAS, Dataset
from harvester.store.columns import filled

# A series within a partition: (entity_id, sub_item, sub_item_id).
Series = tuple[int, str | None, str | None]
# Days since 1970-01-01, both ends included.
Stretch = tuple[int, int]

_ORDER: dict[Dataset, tuple[str, ...]] = {
    Dataset.TIMELINE: ("entity_id", "sub_item", "sub_item_id", "period_start"),
    Dataset.COUNTRIES: ("entity_id", "sub_item", "sub_item_id", "period_start", "country"),
    Dataset.CITIES: ("entity_id", "sub_item", "sub_item_id", "period_start", "country", "city"),
}


def rewritten(
    old: Path, dataset: Dataset, gone: Mapping[Series, Sequence[Stretch]], new: pa.Table
) -> tuple[pa.Table, pa.Table]:
    """The rows of a part without those of replaced stretches, and with the new ones.

    Returns:
        (the part as it is to be, the rows that left it).

    Args:
        old: the part as it stands; it may be absent.
        gone: whose rows go: those whose period begins in one of the stretches.
        new: rows that come in; may be empty.
    """
    if not old.is_file():
        return new, new.slice(0, 0)
    table = pq.ParquetFile(old, page_checksum_verification=True).read().cast(SCHEMAS[dataset])
    stays = filled(pa.int32(), _stays(table, gone))
    is_kept = stays.cast(pa.bool_())
    whole = in_order(pa.concat_tables([table.filter(is_kept), new]), dataset)
    return whole, table.filter(pc.invert(is_kept))


def in_order(table: pa.Table, dataset: Dataset) -> pa.Table:
    """Rows of a part that is written anew, sorted."""
    return table.sort_by([(name, "ascending") for name in _ORDER[dataset]])


def _stays(table: pa.Table, gone: Mapping[Series, Sequence[Stretch]]) -> list[bool]:
    columns: list[Any] = [
        table.column(name).to_pylist() for name in ("entity_id", "sub_item", "sub_item_id")
    ]
    starts = table.column("period_start").cast(pa.int32()).to_pylist()
    return [
        not any(low <= start <= high for low, high in gone.get(series, ()))
        for *series_parts, start in zip(*columns, starts, strict=True)
        for series in (tuple(series_parts),)
    ]
