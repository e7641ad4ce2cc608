"""Columns that grow value by value and hand their bytes to Arrow as they are.

`pyarrow.array` would do for small ones, but it imports pandas where that is installed (45 MB), and
holds a Python object for each value until it is called (580 MB for a million rows, measured).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa

from harvester.model.rows import DATE, FLAG, INT, LONG, MOMENT

_TYPECODES = {LONG: "q", MOMENT: "q", INT: "i", DATE: "i"}


class Column(Protocol):
    """One column under way."""

    def extend(self, values: Sequence[Any]) -> None:
        """Take many values, any of them None; far cheaper than one by one."""

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""


def column(kind: pa.DataType) -> Column:
    """An empty column of a type; days and moments are given as numbers."""
    if kind == FLAG:
        return Flags()
    return Numbers(kind) if kind in _TYPECODES else Texts(kind)


def filled(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """A column of these values, any of them None; days and moments are given as numbers."""
    made = column(kind)
    made.extend(values)
    return made.finish()


class Texts:
    """Text, or bytes."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._builder = pa.lib.StringBuilder()

    def extend(self, values: Sequence[str | bytes | None]) -> None:
        """Take many values, any of them None."""
        self._builder.append_values(values)

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""
        return self._builder.finish().view(self._kind)


class Numbers:
    """Whole numbers, days and moments."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._typecode = _TYPECODES[kind]
        self._values = array(self._typecode)
        self._absent: list[int] = []

    def extend(self, values: Sequence[Any]) -> None:
        """Take many values, any of them None."""
        try:
            self._values += array(self._typecode, values)
        except TypeError:
            # Rare enough to be tried first and looked for afterwards.
            begin = len(self._values)
            self._absent += [begin + at for at, value in enumerate(values) if value is None]
            self._values.extend([0 if value is None else value for value in values])

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


class Flags:
    """True, false, or unknown."""

    def __init__(self) -> None:
        self._numbers = Numbers(INT)

    def extend(self, values: Sequence[bool | None]) -> None:
        """Take many values, any of them None."""
        self._numbers.extend([None if value is None else int(value) for value in values])

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""
        return self._numbers.finish().cast(FLAG)
