"""Rows of many replies, gathered as columns until there are enough for a row group."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import pyarrow as pa

from harvester.model.rows import INT, SCHEMAS, Columns, Dataset
from harvester.store.columns import Column, column


class RowBuffer:
    """Columns of one dataset, growing reply by reply.

    What is the same for all rows of a reply is held once, with a run of reply numbers.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.schema: pa.Schema = SCHEMAS[dataset]
        # Read off once: a schema makes its fields anew for everyone who asks.
        self._kinds = {field.name: field.type for field in self.schema}
        self._begin()

    def _begin(self) -> None:
        self.rows = 0
        self._own: dict[str, Column] = {}
        self._shared: dict[str, Column] = {}
        self._reply_of_row = array("i")
        self._replies = 0

    def add(self, columns: Columns, shared: Mapping[str, object]) -> None:
        """Take the rows of one reply; `shared` has the columns that its body does not."""
        if not columns.length:
            return
        for name, kind in self._kinds.items():
            if name in columns.values:
                if name not in self._own:
                    self._own[name] = column(kind)
                self._own[name].extend(columns.values[name])
            else:
                if name not in self._shared:
                    self._shared[name] = column(kind)
                self._shared[name].append(shared[name])
        self._reply_of_row.extend(array("i", [self._replies]) * columns.length)
        self._replies += 1
        self.rows += columns.length

    def table(self) -> pa.Table:
        """All rows so far, under the declared schema; the buffer is empty afterwards."""
        one_each = self.rows == self._replies
        buffer = pa.py_buffer(self._reply_of_row)
        index = pa.Array.from_buffers(INT, len(self._reply_of_row), [None, buffer])
        columns = []
        for field in self.schema:
            if field.name in self._own:
                columns.append(self._own[field.name].finish())
            else:
                values = self._shared.get(field.name, column(field.type)).finish()
                columns.append(values if one_each else values.take(index))
        table = pa.Table.from_arrays(columns, schema=self.schema)
        self._begin()
        return table
