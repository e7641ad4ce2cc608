"""One cell of a table, as its file's reader hands it over."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harvester.model.doi import OpaqueDoi

# str, int, float, bool, bytes, Decimal, date, time or None: whatever a reader finds.
Cell = object

# What surrounds a value without belonging to it: blanks (the unbreakable ones of web pages and
# of Excel's thousands, too), marks without width, and the apostrophes and quotes of texts.
_AROUND = " \t\r\n\v\f\x00\u00a0\u2007\u2009\u200a\u202f\u200b\u200e\u200f\u2060\ufeff\u3000"
_QUOTES = "'\"`\u2018\u2019\u201c\u201d\u00b4"
_AS_TEXT = re.compile(r'="([^"]*)"')  # how a CSV tells Excel: leave this a text


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a cell is no id: one sentence for the user.

    Attributes:
        doi: what the cell holds instead, where a look-up may tell the id.
    """

    sentence: str
    doi: OpaqueDoi | None = None


def bare(text: str) -> str:
    """A text without what stands around it: blanks, quotes, Excel's `="…"`."""
    text = text.strip(_AROUND)
    if found := _AS_TEXT.fullmatch(text):
        text = found[1]
    return text.strip(_AROUND + _QUOTES)


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing; NaN is how pandas writes nothing among numbers."""
    if isinstance(cell, str):
        return not cell or not cell.strip(_AROUND)
    return cell is None or (isinstance(cell, float) and cell != cell)  # noqa: PLR0124  # NaN
