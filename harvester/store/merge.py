"""A part written anew: old rows that stay and new ones, merged entity by entity.

Both come in ascending order of their entities, so a part of any size passes through in pieces of
a row group each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.spool import Part
from harvester.store.columns import filled
from harvester.store.part_writer import ROWS_PER_GROUP, PartWriter
from harvester.store.placement import DayRange, Series, in_order

_STAYS = "stays"
# Above every entity: all that is left is taken.
_ALL = 2**63 - 1


class PartMerge:
    """Writes one part anew: rows of replaced days leave, new rows come in."""

    def __init__(
        self,
        old: Path,
        dataset: Dataset,
        gone: Mapping[Series, Sequence[DayRange]],
        begin: Callable[[], PartWriter],
        left: Callable[[Dataset, pa.Table], None],
    ) -> None:
        """Begin.

        Args:
            old: the part as it stands; it may be absent.
            gone: whose rows go: those whose period begins in one of the stretches.
            begin: begins the part that takes its place, once there is something to write.
            left: told the rows that leave the part.
        """
        self._dataset = dataset
        self._begin = begin
        self._left = left
        self._groups = _groups(old, dataset, gone)
        self._stands = old.is_file()
        self._is_read = False
        self._old = _nothing(dataset)
        self._new = SCHEMAS[dataset].empty_table()
        self._sorted = SCHEMAS[dataset].empty_table()
        self._writer: PartWriter | None = None

    def add(self, rows: pa.Table, below: int) -> None:
        """Take new rows, and write all that is known of the entities below one.

        Args:
            rows: in ascending order of entities, after all that came before.
            below: no more rows of these entities follow.
        """
        self._new = pa.concat_tables([self._new, rows])
        self._write_below(below)

    def finish(self, rows: pa.Table) -> Part | None:
        """Write what is left of both; None: there was no part, and there is nothing to write."""
        self.add(rows, _ALL)
        self._write_groups(least=1)
        if self._writer is None:
            if not self._stands:
                return None
            self._writer = self._begin()
            self._writer.write(self._sorted)
        return self._writer.finish()

    def _write_below(self, below: int) -> None:
        while not self._is_read:
            # Rows of the last old entity may go on in the next row group.
            last = _last(self._old) if self._old.num_rows else 0
            if last >= below:
                break
            self._write(*self._taken(last))
            self._read()
        self._write(*self._taken(below))

    def _read(self) -> None:
        group = next(self._groups, None)
        if group is None:
            self._is_read = True
        else:
            self._old = pa.concat_tables([self._old, group])

    def _taken(self, below: int) -> tuple[pa.Table, pa.Table]:
        """The rows of entities below one; they are not held any more."""
        old, self._old = _split(self._old, below)
        new, self._new = _split(self._new, below)
        return old, new

    def _write(self, old: pa.Table, new: pa.Table) -> None:
        stays = old.column(_STAYS)
        rows = old.drop_columns([_STAYS])
        whole = pa.concat_tables([rows.filter(stays), new])
        if new.num_rows:
            whole = in_order(whole, self._dataset)
        self._sorted = pa.concat_tables([self._sorted, whole])
        self._write_groups(least=ROWS_PER_GROUP)
        leaving = rows.filter(pc.invert(stays))
        if leaving.num_rows:
            self._left(self._dataset, leaving)

    def _write_groups(self, *, least: int) -> None:
        """Row groups do not tell in which pieces the rows came: a rebuild makes the same bytes."""
        while self._sorted.num_rows >= least:
            self._writer = self._writer or self._begin()
            self._writer.write(self._sorted.slice(0, ROWS_PER_GROUP).combine_chunks())
            self._sorted = self._sorted.slice(ROWS_PER_GROUP)


def _groups(
    old: Path, dataset: Dataset, gone: Mapping[Series, Sequence[DayRange]]
) -> Iterator[pa.Table]:
    """The row groups of a part, each row with whether it stays."""
    if not old.is_file():
        return
    with pq.ParquetFile(old, page_checksum_verification=True) as file:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number).cast(SCHEMAS[dataset])
            stays = filled(pa.int32(), _stays(table, gone)).cast(pa.bool_())
            yield table.append_column(_STAYS, stays)


def _stays(table: pa.Table, gone: Mapping[Series, Sequence[DayRange]]) -> list[bool]:
    columns = [table.column(name).to_pylist() for name in ("entity_id", "sub_item", "sub_item_id")]
    starts = table.column("period_start").cast(pa.int32()).to_pylist()
    return [
        not any(low <= start <= high for low, high in gone.get((entity, sub, sub_id), ()))
        for entity, sub, sub_id, start in zip(*columns, starts, strict=True)
    ]


def _nothing(dataset: Dataset) -> pa.Table:
    schema: pa.Schema = SCHEMAS[dataset].append(pa.field(_STAYS, pa.bool_()))
    return schema.empty_table()


def _split(table: pa.Table, below: int) -> tuple[pa.Table, pa.Table]:
    """The rows of entities below one, and the others; rows ascend by entity."""
    if not table.num_rows or below == _ALL:
        return table, table.slice(table.num_rows)
    number = pc.sum(pc.less(table.column("entity_id"), below)).as_py() or 0
    return table.slice(0, number), table.slice(number)


def _last(table: pa.Table) -> int:
    return int(table.column("entity_id")[-1].as_py())
