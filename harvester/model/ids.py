"""Ids as the datasets store them, and the files that can hold them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ID_DIGITS = 18  # fits a signed 64-bit integer, as the datasets store ids
ID_FILES = ("csv", "tsv", "txt", "parquet", "xlsx")


def ascending(ids: Iterable[int]) -> Sequence[int]:
    """Ids in order, each once; eight bytes each: as objects half a million take 20 MB."""
    return array("q", sorted(set(ids)))


@dataclass(frozen=True, slots=True)
class FileIds:
    """What one file of ids held when it was read.

    Attributes:
        ids: ascending, each once.
        column: the name of their column as the file writes it; None: the file has no header.
        sheet: the workbook's sheet; None: the file has none.
        cells: how many cells held an id; versions of one item and repeats counted.
    """

    ids: Sequence[int]
    column: str | None
    sheet: str | None
    cells: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", array("q", self.ids))
