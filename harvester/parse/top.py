"""The body of a top: a ranking, in no order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.parse.body import (
    ShapeError,
    document,
    listed,
    refuse_other_than_counts,
    refuse_repeated_keys,
    shown,
)

# Words that make an object of counts the answer to a total, in either of its forms. A bare
# ranking has hosts, item types or category ids as keys, none of which is spelled like these.
_OF_A_TOTAL = frozenset({"totals", "views", "downloads", "shares", "cites"})

# As the service writes an id; 18 digits always fit 64 bits.
_ENTITY_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def top_columns(request: Request, body: bytes) -> tuple[Columns, ...]:
    """Read `{"top": {key: events}}`, or bare `{key: events}` where sub-items are ranked.

    Returns:
        A row per entry, most events first, ties by key as text; ranks start at 1. None
        for a null or empty ranking.

    Raises:
        ShapeError: another shape, more entries than were asked for, a key that is no id
            in a ranking of entities, or no count.

    Source: Figshare's documentation of top (read 2024-12 and 2026-07): its examples are
    not sorted, and those for referral and item_type are bare.
    """
    question = request.question
    ranking, wrappers = _ranking(document(body), question)
    refuse_repeated_keys(body, wrappers + len(ranking))
    if question.ranks is not None and len(ranking) > question.ranks:
        raise ShapeError(f"{len(ranking)} entries came where {question.ranks} were asked for")
    keys = sorted(ranking)
    if question.sub_item is None:
        for key in keys:
            if not _ENTITY_ID.fullmatch(key):
                raise ShapeError(f"the key {shown(key)} is no id")
    refuse_other_than_counts([ranking[key] for key in keys], keys)
    # Stable also when reversed, so keys with the same value stay in the order of text.
    keys.sort(key=ranking.__getitem__, reverse=True)
    columns: dict[str, Sequence[int] | Sequence[str]] = {
        "rank": list(range(1, len(keys) + 1)),
        "key": keys,
        "value": [ranking[key] for key in keys],
    }
    return (Columns(Dataset.TOP, len(keys), columns),)


def _ranking(read: dict[str, Any], question: Question) -> tuple[dict[str, Any], int]:
    """The ranking itself, and how many wrappers (0 or 1) stand around it."""
    inside = read.get("top", False)
    if inside is None or type(inside) is dict:
        return inside or {}, 1
    if question.sub_item is None:
        raise ShapeError(
            f"'top' is {shown(inside)}, not an object"
            if "top" in read
            else f"the body has no 'top', but {listed(read)}"
        )
    # Anything but counts is refused by the caller, so only answers made of counts need a look
    # here. A count of articles by group is like a bare ranking of categories: no body tells.
    if foreign := read.keys() & _OF_A_TOTAL:
        raise ShapeError(f"this answers a total, not a ranking: {listed(sorted(foreign))}")
    return read, 0
