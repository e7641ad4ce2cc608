"""Columns that grow value by value and hand their bytes to Arrow as they are.

`pyarrow.array` would do for small ones, but it imports pandas where that is installed (45 MB), and
holds a Python object for each value until it is called (580 MB for a million rows, measured).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any, Protocol

import pyarrow as pa

from harvester.model.rows import DATE, INT, LONG, MOMENT

_TYPECODES = {LONG: "q", MOMENT: "q", INT: "i", DATE: "i"}


class Column(Protocol):
    """One column under way."""

    def append(self, value: Any) -> None:
        """Take one value, or None."""

    def extend(self, values: Iterable[Any]) -> None:
        """Take many values, none of them None."""

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""


def column(kind: pa.DataType) -> Column:
    """An empty column of a type; days and moments are given as numbers."""
    return Numbers(kind) if kind in _TYPECODES else Texts(kind)


class Texts:
    """Text, or bytes."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._builder = pa.lib.StringBuilder()

    def append(self, value: str | bytes | None) -> None:
        """Take one value, or None."""
        self._builder.append(value)

    def extend(self, values: Iterable[str]) -> None:
        """Take many values, none of them None."""
        self._builder.append_values(values)

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""
        return self._builder.finish().view(self._kind)


class Numbers:
    """Whole numbers, days and moments."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._values = array(_TYPECODES[kind])
        self._absent: list[int] = []

    def append(self, value: int | None) -> None:
        """Take one value, or None."""
        if value is None:
            self._absent.append(len(self._values))
        self._values.append(value or 0)

    def extend(self, values: Iterable[int]) -> None:
        """Take many values, none of them None."""
        self._values.extend(values)

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""
        return pa.Array.from_buffers(
            self._kind, len(self._values), [self._validity(), pa.py_buffer(self._values)]
        )

    def _validity(self) -> pa.Buffer | None:
        """A bit per value, lowest first: 1 where there is one."""
        if not self._absent:
            return None
        bits = bytearray(b"\xff" * ((len(self._values) + 7) // 8))
        for position in self._absent:
            bits[position // 8] &= ~(1 << position % 8) & 0xFF
        return pa.py_buffer(bytes(bits))
