"""Columns that grow value by value and hand their bytes to Arrow as they are.

`pyarrow.array` would do for small ones, but it imports pandas where that is installed (45 MB), and
holds a Python object for each value until it is called (580 MB for a million rows, measured).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from harvester.model.rows import DATE, FLAG, INT, LONG, MOMENT, SCHEMAS, TEXT, Dataset

_TYPECODES = {LONG: "q", MOMENT: "q", INT: "i", DATE: "i"}
# Text of which few values differ: each is held once, with a number for every row.
WORD = pa.dictionary(INT, TEXT)


class ColumnBuilder(Protocol):
    """A column of Arrow under way."""

    def extend(self, values: Sequence[Any]) -> None:
        """Take many values, any of them None; far cheaper than one by one."""

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""


def column(kind: pa.DataType) -> ColumnBuilder:
    """An empty column of a type; days and moments are given as numbers."""
    if kind == FLAG:
        return FlagColumn()
    if kind == WORD:
        return DictionaryColumn()
    return NumberColumn(kind) if kind in _TYPECODES else TextColumn(kind)


def filled(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """A column of these values, any of them None; days and moments are given as numbers."""
    made = column(kind)
    made.extend(values)
    return made.finish()


class TextColumn:
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


class DictionaryColumn:
    """Text of which few values differ."""

    def __init__(self) -> None:
        # Numbered in the order of their first row; an absent value has a number of no value.
        self._places: dict[str | None, int] = {None: _ABSENT}
        self._numbers = array("i")
        self._has_absent = False
        self._last: Sequence[str | None] = ()
        self._last_numbers = array("i")

    def extend(self, values: Sequence[str | None]) -> None:
        """Take many values, any of them None; the same sequence again costs next to nothing."""
        if values is not self._last:
            self._last_numbers = self._numbered(values)
            self._last = values
        self._numbers += self._last_numbers

    def _numbered(self, values: Sequence[str | None]) -> array[int]:
        places = self._places
        self._has_absent = self._has_absent or None in values
        try:
            return array("i", map(places.__getitem__, values))
        except KeyError:
            for value in values:
                # One is the absent value.
                places.setdefault(value, len(places) - 1)
            return array("i", map(places.__getitem__, values))

    def finish(self) -> pa.Array:
        """All of them, as Arrow's dictionary holds them."""
        if len(self._places) == 1:
            return pa.nulls(len(self._numbers), WORD)
        buffer = pa.py_buffer(self._numbers)
        numbers = pa.Array.from_buffers(INT, len(self._numbers), [None, buffer])
        if self._has_absent:
            numbers = pc.replace_with_mask(numbers, pc.less(numbers, 0), pa.scalar(None, INT))
        words = filled(TEXT, list(self._places)[1:])
        # Safe: every number was given to a word here.
        return pa.DictionaryArray.from_arrays(numbers, words, safe=False)


_ABSENT = -1


class NumberColumn:
    """Whole numbers, days and moments."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = kind
        self._typecode = _TYPECODES[kind]
        self._values = array(self._typecode)
        self._absent: list[int] = []

    def extend(self, values: Sequence[Any]) -> None:
        """Take many values, any of them None."""
        if isinstance(values, array) and values.typecode == self._typecode:
            self._values += values
            return
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


class FlagColumn:
    """True, false, or unknown."""

    def __init__(self) -> None:
        self._numbers = NumberColumn(INT)

    def extend(self, values: Sequence[bool | None]) -> None:
        """Take many values, any of them None."""
        self._numbers.extend([None if value is None else int(value) for value in values])

    def finish(self) -> pa.Array:
        """All of them, as Arrow holds them."""
        return self._numbers.finish().cast(FLAG)


# Text that nearly every row has for itself; all other text is words.
_OF_ITS_OWN: dict[Dataset, frozenset[str]] = {
    Dataset.TOTALS: frozenset({"request_id"}),
    Dataset.ENTITIES: frozenset({"title", "doi", "url"}),
    Dataset.REQUESTS: frozenset({"request_id", "proof", "url"}),
    Dataset.RESPONSES: frozenset({"request_id", "url", "sha256"}),
}


@cache
def dictionary_schema(dataset: Dataset) -> pa.Schema:
    """The declared schema with words as Arrow's dictionaries.

    Parquet packs text as a dictionary anyway. Given one, it need not look every row's text up:
    two thirds of what writing a timeline cost. Readers see no difference.
    """
    own = _OF_ITS_OWN.get(dataset, frozenset())
    return pa.schema(
        [
            (field.name, WORD if field.type == TEXT and field.name not in own else field.type)
            for field in SCHEMAS[dataset]
        ]
    )


def dictionary_encoded(table: pa.Table, dataset: Dataset) -> pa.Table:
    """A table under the declared schema or the packed one, under the packed one."""
    schema = dictionary_schema(dataset)
    for place, field in enumerate(schema):
        column = table.column(place)
        if field.type == WORD and column.type != WORD:
            table = table.set_column(place, field, column.dictionary_encode())
    return table
