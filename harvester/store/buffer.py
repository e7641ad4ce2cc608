"""Rows of many replies, gathered as columns until there are enough for a row group."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa

from harvester.model.rows import INT, SCHEMAS, Columns, Dataset
from harvester.store.columns import ColumnBuilder, column, dictionary_schema

# What replies share is turned into columns so many at a time: one by one costs five times as
# much, and a thousand bodies at once add 20 MB to the peak.
_REPLIES_AT_ONCE = 100


class RowBuffer:
    """Columns of one dataset, growing reply by reply.

    What is the same for all rows of a reply is held once, with a run of reply numbers.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._declared: pa.Schema = SCHEMAS[dataset]
        self.schema = dictionary_schema(dataset)
        self._begin()

    def _begin(self) -> None:
        self.rows = 0
        self._columns: dict[str, ColumnBuilder] = {
            name: column(kind)
            for name, kind in zip(self.schema.names, self.schema.types, strict=True)
        }
        # The columns that bodies do not hold; known with the first reply.
        self._shared: list[str] = []
        self._of_replies: list[tuple[object, ...]] = []
        self._reply_of_row = array("i")
        self._replies = 0

    def add(self, columns: Columns, shared: Mapping[str, object]) -> None:
        """Take the rows of one reply; `shared` has the columns that its body does not.

        Every reply of a dataset brings the same columns.
        """
        if not columns.length:
            return
        if not self._shared:
            self._shared = [name for name in self._columns if name not in columns.values]
            # Always several names, so it picks a tuple.
            self._pick = itemgetter(*self._shared)
        for name, values in columns.values.items():
            self._columns[name].extend(values)
        self._of_replies.append(self._pick(shared))
        self._reply_of_row += array("i", (self._replies,)) * columns.length
        self._replies += 1
        self.rows += columns.length
        if len(self._of_replies) >= _REPLIES_AT_ONCE:
            self._spread()

    def extend(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Take whole rows: every column of the dataset, equally long."""
        for name, each in self._columns.items():
            each.extend(columns[name])
        length = len(columns[self.schema.names[0]])
        self._reply_of_row.extend(range(self._replies, self._replies + length))
        self._replies += length
        self.rows += length

    def _spread(self) -> None:
        """Turn what replies share into columns."""
        for name, values in zip(self._shared, zip(*self._of_replies, strict=True), strict=False):
            self._columns[name].extend(values)
        self._of_replies.clear()

    def table(self) -> pa.Table:
        """All rows so far, under the declared schema; the buffer is empty afterwards."""
        return self.packed().cast(self._declared)

    def packed(self) -> pa.Table:
        """All rows so far, as a part is written (`columns.py`); the buffer is empty afterwards."""
        self._spread()
        made = {name: each.finish() for name, each in self._columns.items()}
        if self.rows != self._replies:
            buffer = pa.py_buffer(self._reply_of_row)
            index = pa.Array.from_buffers(INT, len(self._reply_of_row), [None, buffer])
            made |= {name: _repeated(made[name], index) for name in self._shared}
        table = pa.Table.from_arrays(list(made.values()), schema=self.schema)
        self._begin()
        return table


def _repeated(of_replies: pa.Array, reply_of_row: pa.Array) -> pa.Array:
    """What replies share, for each of their rows."""
    if of_replies.null_count == len(of_replies):
        return pa.nulls(len(reply_of_row), of_replies.type)
    return of_replies.take(reply_of_row)
