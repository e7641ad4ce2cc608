"""Which character separates the cells of a text: seen, not believed from the extension."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import islice

from harvester.id_files.addresses import named
from harvester.id_files.cell import bare
from harvester.id_files.numbers import number
from harvester.model.doi import NamedItem, OpaqueDoi

_CANDIDATES = (",", ";", "\t")
_SEEN_ROWS = 50
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)


def declared(line: str) -> str | None:
    """The separator that Excel's first line `sep=;` names; None: it is no such line."""
    found = _SEPARATOR.fullmatch(line.strip(" \r\n"))
    return found[1] if found else None


def delimiter_of(lines: Sequence[str], wanted: str | None) -> str | None:
    """The separator of a text; None: each line is one cell.

    The one under which the first row names the wanted column, else the one under which most
    rows have as many cells as the first.

    Args:
        lines: the beginning of the text, with their ends.
        wanted: the column that the user named, if any.
    """
    scored = [(_score(lines, each, wanted), each) for each in _CANDIDATES]
    best, delimiter = max(scored, key=lambda each: each[0])
    if not best[1]:
        return None
    filled = [bare(line) for line in lines if line.strip()]
    return None if not best[0] and all(map(_is_one_cell, filled)) else delimiter


def _score(lines: Sequence[str], delimiter: str, wanted: str | None) -> tuple[bool, float, int]:
    """How well a separator fits: names the column, share of even rows, cells of the first."""
    try:
        rows = [row for row in islice(csv.reader(lines, delimiter=delimiter), _SEEN_ROWS) if row]
    except csv.Error:
        return False, 0.0, 0
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows or len(rows[0]) < 2:
        return False, 0.0, 0
    width = len(rows[0])
    even = sum(len(row) == width for row in rows) / len(rows)
    names = {bare(cell).casefold() for cell in rows[0]}
    return wanted is not None and bare(wanted).casefold() in names, even, width


def _is_one_cell(line: str) -> bool:
    """Whether a line with a separator in it is one way to write an id: `1,234E+03`, an address."""
    if isinstance(named(line), NamedItem | OpaqueDoi):
        return True
    found = number(line)
    return isinstance(found, int) or (found is not None and "e" in line.lower())
