"""Rows of many replies, gathered as columns until there are enough for a row group."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from harvester.model.rows import DATE, INT, LONG, MOMENT, SCHEMAS, Columns, Dataset

# Typed arrays hand their bytes to Arrow as they are; lists of a million rows cost 580 MB.
_TYPECODES = {LONG: "q", INT: "i", DATE: "i"}


class RowBuffer:
    """Columns of one dataset, growing reply by reply.

    What is the same for all rows of a reply is held once, with a run of row numbers.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.schema: pa.Schema = SCHEMAS[dataset]
        # Read off once: a schema makes its fields anew for everyone who asks.
        self._typecodes = {field.name: _TYPECODES.get(field.type) for field in self.schema}
        self.rows = 0
        self._own: dict[str, Any] = {}
        self._shared: dict[str, list[Any]] = {}
        self._reply_of_row = array("i")
        self._replies = 0

    def add(self, columns: Columns, shared: Mapping[str, object]) -> None:
        """Take the rows of one reply; `shared` has the columns that its body does not."""
        if not columns.length:
            return
        for name, code in self._typecodes.items():
            if name in columns.values:
                if name not in self._own:
                    self._own[name] = array(code) if code else []
                self._own[name].extend(columns.values[name])
            else:
                self._shared.setdefault(name, []).append(shared[name])
        self._reply_of_row.extend(array("i", [self._replies]) * columns.length)
        self._replies += 1
        self.rows += columns.length

    def table(self) -> pa.Table:
        """All rows so far, under the declared schema; the buffer is empty afterwards."""
        index = _arrow(self._reply_of_row, pa.int32())
        columns = []
        for field in self.schema:
            if field.name in self._own:
                columns.append(_arrow(self._own[field.name], field.type))
            else:
                values = pa.array(self._shared.get(field.name, []), _plain(field.type))
                columns.append(values.take(index).cast(field.type))
        table = pa.Table.from_arrays(columns, schema=self.schema)
        self.rows = self._replies = 0
        self._own, self._shared, self._reply_of_row = {}, {}, array("i")
        return table


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type that shared values are given in: dates and moments come as numbers."""
    return {DATE: pa.int32(), MOMENT: pa.int64()}.get(kind, kind)


def _arrow(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, array):
        return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])
    return pa.array(values, kind)
