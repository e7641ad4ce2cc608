"""Two tables of the same rows, or not: what is missing, extra, and different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import pyarrow as pa

# Of the rows that differ so many are shown.
_EXAMPLES = 3


@dataclass(slots=True)
class Difference:
    """How two tables differ; the first is right.

    Attributes:
        missing: rows of the first that the second has not, by key; `extra` the other way.
        different: rows of the same key with other values.
        examples: sentences for the first few.
    """

    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.different)

    def __iadd__(self, other: Difference) -> Self:
        """Take another stretch of the same tables."""
        self.missing += other.missing
        self.extra += other.extra
        self.different += other.different
        self.examples = (self.examples + other.examples)[:_EXAMPLES]
        return self

    @property
    def sentence(self) -> str:
        """All of it."""
        counted = (
            (self.missing, "missing"),
            (self.extra, "that no response says"),
            (self.different, "with other values"),
        )
        told = [f"{number:,} row{'s'[: number != 1]} {how}" for number, how in counted if number]
        return f"{', '.join(told)} ({'; '.join(self.examples)})"


def difference(right: pa.Table, found: pa.Table, keys: Sequence[str]) -> Difference:
    """Compare row by row, both ways, whatever the order; both have the same columns."""
    if right.equals(found):
        return Difference()
    if right.num_rows == found.num_rows:
        order = [(name, "ascending") for name in (*keys, *_others(right, keys))]
        if right.sort_by(order).equals(found.sort_by(order)):
            return Difference()
    return _by_row(right, found, keys)


def _others(table: pa.Table, keys: Sequence[str]) -> list[str]:
    return [name for name in table.column_names if name not in keys]


def _by_row(right: pa.Table, found: pa.Table, keys: Sequence[str]) -> Difference:
    said = Difference()
    others = _others(right, keys)
    left = _rows(right, keys, others)
    for key, rows in _rows(found, keys, others).items():
        for values in rows:
            if not left.get(key):
                said.extra += 1
                said.examples.append(f"{_named(keys, key)}: {_named(others, values)}")
                continue
            # The one that fits, if there is one: a key may stand twice.
            mine = left[key]
            wanted = mine.pop(mine.index(values) if values in mine else 0)
            if wanted != values:
                said.different += 1
                said.examples.append(f"{_named(keys, key)}: {_pairs(others, wanted, values)}")
    for key, rows in left.items():
        said.missing += len(rows)
        said.examples += [f"{_named(keys, key)}: {_named(others, each)}" for each in rows]
    said.examples = said.examples[:_EXAMPLES]
    return said


def _rows(
    table: pa.Table, keys: Sequence[str], others: Sequence[str]
) -> dict[tuple[Any, ...], list[tuple[Any, ...]]]:
    by_key: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    columns = [table[name].to_pylist() for name in (*keys, *others)]
    for row in zip(*columns, strict=True):
        by_key.setdefault(row[: len(keys)], []).append(row[len(keys) :])
    return by_key


def _named(names: Sequence[str], values: tuple[Any, ...]) -> str:
    """`entity_id 7, period 2026-01`; what is null, and long, is left out."""
    pairs = zip(names, values, strict=True)
    return ", ".join(
        f"{name} {value}"
        for name, value in pairs
        if value is not None and name not in {"request_id", "harvested_at", "origin"}
    )


def _pairs(names: Sequence[str], wanted: tuple[Any, ...], found: tuple[Any, ...]) -> str:
    return ", ".join(
        f"{name} {after}, the response says {before}"
        for name, before, after in zip(names, wanted, found, strict=True)
        if before != after
    )
