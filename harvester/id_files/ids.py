"""A cell in, an id of the kind asked for out, or the sentence that says why it is none."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal

from harvester.id_files.addresses import named
from harvester.id_files.cell import Cell, Complaint, bare, is_blank
from harvester.id_files.numbers import fraction, number, whole
from harvester.model.doi import HAVE_DOIS, NamedItem, OpaqueDoi
from harvester.model.suggestions import quoted
from harvester.model.terms import Kind

_USUAL = re.compile(r"[1-9][0-9]{0,17}")
_LONGEST = 2000  # of an address; a longer text is none
_SEVERAL = re.compile(r"[0-9]{3,18}(?:[\s,;|/]+[0-9]{3,18})+")
_ORCID = re.compile(
    r"(?:https?://orcid\.org/)?[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", re.IGNORECASE
)
# What programs write where a value is missing: no name of a column.
_MISSING = frozenset({"n/a", "na", "nan", "nil", "null", "none", "unknown"})
_NO_ID = "this row has no id: write one, or delete the row"
_WAYS = {
    Kind.ARTICLE: "its DOI or its address",
    Kind.AUTHOR: "the author's address at Figshare",
    Kind.COLLECTION: "its DOI or its address",
    Kind.GROUP: "",
    Kind.PROJECT: "its address",
}


def read_id(cell: Cell, kind: Kind) -> int | Complaint:
    """The id that a cell holds, however it is written.

    Whole numbers, those that a spreadsheet shows as `1234.0` or `1.234E+03`, DOIs and
    addresses of Figshare's: the base id, for versions share one count. Never raises.

    Args:
        cell: what a file's reader found; a blank one is refused, too.
        kind: what the id must be of: a collection's DOI is no article's id.
    """
    if isinstance(cell, str):
        return int(cell) if _USUAL.fullmatch(cell) else _text(cell, kind)
    if isinstance(cell, bytes):
        return read_id(cell.decode("utf-8", errors="replace"), kind)
    if is_blank(cell):
        return Complaint(_NO_ID)
    return _judged(_no_text(cell))


def _no_text(cell: Cell) -> int | str:
    """A cell that is neither text nor blank; `bool` first, for True is an int too."""
    if isinstance(cell, bool):
        return f"{quoted(cell)} is true or false: an id is a whole number"
    if isinstance(cell, int):
        return whole(cell)
    if isinstance(cell, float | Decimal):
        return fraction(cell)
    if isinstance(cell, date | time | timedelta):
        return f"{quoted(cell)} is a date or a time: format the column as a number"
    return f"{quoted(cell)} is no id: an id is a whole number"


def is_name(cell: Cell) -> bool:
    """Whether a cell of the first row can be the name of its column.

    A name has a letter, begins with no digit, and is no address, not even a wrong one: a first
    row that holds a mistake must not vanish as if it were a header.
    """
    if not isinstance(cell, str):
        return False
    text = bare(cell)
    has_letter = any(each.isalpha() for each in text)
    return (
        has_letter
        and text.lower() not in _MISSING
        and text[0] not in "#0123456789"
        and len(text) <= _LONGEST
        and number(text) is None
        and named(text) is None
        and not re.search(r"\S/\S*/|://", text)
    )


def _text(cell: str, kind: Kind) -> int | Complaint:
    text = bare(cell)
    if not text:
        return Complaint(_NO_ID)
    if len(text) <= _LONGEST:
        if (counted := number(text)) is not None:
            return _judged(counted)
        if (found := named(text)) is not None:
            return _of_kind(found, kind, text)
    if len(text) <= _LONGEST and _SEVERAL.fullmatch(text):
        return Complaint(f"{quoted(text)} is more than one id: write each in a row of its own")
    if _ORCID.fullmatch(text):
        return Complaint(f"{quoted(text)} is an ORCID: write Figshare's own id of the author")
    ways = f", {_WAYS[kind]}" if _WAYS[kind] else ""
    return Complaint(f"{quoted(text)} is no id: write a whole number, such as 766364{ways}")


def _of_kind(found: NamedItem | OpaqueDoi | str, kind: Kind, text: str) -> int | Complaint:
    if isinstance(found, OpaqueDoi):
        if kind not in HAVE_DOIS:
            return Complaint(f"{quoted(text)} is a DOI, and {kind}s have none: write the id")
        return Complaint(f"{quoted(text)} is a DOI that holds no id", found)
    if isinstance(found, str):
        return Complaint(f"{quoted(text)} {found}")
    if found.kind is not kind:
        return Complaint(
            f"{quoted(text)} names {_one(found.kind)}, and this list is of {kind}s: each kind has "
            f"ids of its own, so put it under 'entities: {found.kind}'"
        )
    return found.id


def _one(kind: Kind) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _judged(found: int | str) -> int | Complaint:
    return Complaint(found) if isinstance(found, str) else found
