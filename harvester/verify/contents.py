"""The rows of a part against what its raw responses say, a stretch of entities at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harvester.model.published import Unverifiable
from harvester.model.rows import KEYS, SCHEMAS, Dataset
from harvester.verify.difference import Difference, difference

_ROWS_PER_BATCH = 20_000


class PartRows:
    """The rows of one part in ascending order of their entities, read as they are needed.

    Raises:
        pyarrow.ArrowException, OSError: the file is damaged.
    """

    def __init__(
        self, path: Path, dataset: Dataset, chosen: Callable[[int], bool] | None = None
    ) -> None:
        """Open the part.

        Args:
            chosen: whether to take the rows of an entity; None: all. Rows of no entity count
                as those of entity 0.
        """
        self.dataset = dataset
        self._entity = "group_id" if dataset is Dataset.COUNTS else "entity_id"
        self._chosen = chosen
        self._file = pq.ParquetFile(path, page_checksum_verification=True)
        self._batches = self._in_order()
        self._waiting: pa.Table | None = None

    def up_to(self, entity: int | None) -> pa.Table:
        """The next rows, to the last of this entity; None: all that are left."""
        taken = [SCHEMAS[self.dataset].empty_table()]
        while (table := self._next()) is not None:
            ours = table.num_rows if entity is None else self._position(table, entity)
            taken.append(table.slice(0, ours))
            if ours < table.num_rows:
                self._waiting = table.slice(ours)
                break
        return pa.concat_tables(taken)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _next(self) -> pa.Table | None:
        if self._waiting is not None:
            table, self._waiting = self._waiting, None
            return table
        return next(self._batches, None)

    def _position(self, table: pa.Table, entity: int) -> int:
        """How many rows of an ascending table are about entities up to this one."""
        upto: int = pc.sum(pc.less_equal(self._ids(table), entity)).as_py() or 0
        return upto

    def _ids(self, table: pa.Table) -> pa.ChunkedArray:
        return pc.fill_null(table[self._entity], 0)

    def _in_order(self) -> Iterator[pa.Table]:
        schema = SCHEMAS[self.dataset]
        if not self._is_in_order():
            # Our writers sort; a file of another order is taken whole.
            yield self._of_the_chosen(self._file.read().cast(schema).sort_by(self._entity))
            return
        for batch in self._file.iter_batches(_ROWS_PER_BATCH):
            table = self._of_the_chosen(pa.Table.from_batches([batch]).cast(schema))
            if table.num_rows:
                yield table

    def _is_in_order(self) -> bool:
        highest = 0
        for batch in self._file.iter_batches(columns=[self._entity]):
            ids = self._ids(pa.Table.from_batches([batch]))
            if len(ids) and (ids[0].as_py() < highest or not _ascends(ids)):
                return False
            highest = ids[-1].as_py() if len(ids) else highest
        return True

    def _of_the_chosen(self, table: pa.Table) -> pa.Table:
        if self._chosen is None or not table.num_rows:
            return table
        ids = self._ids(table)
        ours = [each for each in pc.unique(ids).to_pylist() if self._chosen(each)]
        return table.filter(pc.is_in(ids, pa.array(ours, pa.int64())))


def compared(
    right: pa.Table, found: pa.Table, dataset: Dataset, unverifiable: Unverifiable
) -> Difference:
    """How a stretch of a part differs from what its responses say.

    Args:
        unverifiable: whose rows are left alone.
    """
    if unverifiable.request_ids:
        lost = pa.array(unverifiable.request_ids, pa.string())
        found = found.filter(pc.invert(pc.is_in(found["request_id"], lost)))
    if unverifiable.entities:
        right, found = (_of_others(each, unverifiable.entities) for each in (right, found))
    return difference(right, found, KEYS[dataset])


def _of_others(table: pa.Table, entities: Collection[int]) -> pa.Table:
    """The rows but for those of these entities that may have been derived."""
    theirs = pc.is_in(table["entity_id"], pa.array(entities, pa.int64()))
    if "origin" in table.column_names:
        theirs = pc.and_(theirs, pc.equal(table["origin"], "derived"))
    return table.filter(pc.invert(theirs))


def _ascends(ids: pa.ChunkedArray) -> bool:
    if len(ids) < 2:
        return True
    before, after = ids.slice(0, len(ids) - 1), ids.slice(1)
    return bool(pc.all(pc.less_equal(before, after)).as_py())
