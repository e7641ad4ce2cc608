"""Pages of a listing: numbered, by offset or by cursor, with the service's habits."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.simulator.call import json_answer
from harvester.simulator.error_bodies import ProblemError
from harvester.simulator.item_records import Listed
from harvester.simulator.limits import LONGEST_PAGE, PAGE_SIZE
from harvester.simulator.quirks import ListingQuirks

_NEVER_THERE = 1_000_000_000
_A_FEW = 3
_UNUSABLE: tuple[dict[str, int], ...] = tuple(
    {} if number is None else {"id": number, "user_id": number} for number in (None, 0, 2**63)
)


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a listing is wanted."""

    offset: int
    size: int
    is_by_cursor: bool


def unprocessable(message: str) -> ProblemError:
    """The API's answer to bad values, and to pages that lie too deep."""
    return ProblemError(json_answer({"message": message, "code": "UnprocessableEntity"}, 422))


def with_habits(entries: Sequence[Listed], quirks: ListingQuirks) -> list[Listed | None]:
    """A listing with entries that come twice, and with gaps (None) that make a page short."""
    sequence: list[Listed | None] = []
    for place, entry in enumerate(entries, 1):
        if quirks.hole_every and place % quirks.hole_every == 0:
            sequence.append(None)
        sequence.append(entry)
        if quirks.duplicate_every and place % quirks.duplicate_every == 0:
            sequence.append(entries[max(0, place - 4)])
    return sequence


def read_page(
    query: Mapping[str, Any], cursor: str | None, mark: str, number: int, quirks: ListingQuirks
) -> Page:
    """Read `page` and `page_size`, `offset` and `limit`, or a cursor.

    Args:
        query: parameters of the URL, or of the body in a search.
        cursor: the request header `X-Cursor`.
        mark: names the filters, for which alone a cursor is good.
        number: of this request, by which cursors grow old.

    Raises:
        ProblemError: 422, as the API answers it.
    """
    size = _number(query, "page_size", _number(query, "limit", PAGE_SIZE))
    if not 1 <= size <= LONGEST_PAGE:
        raise unprocessable(f"page_size must be between 1 and {LONGEST_PAGE}")
    if cursor is not None and quirks.cursors:
        if "offset" in query:
            raise unprocessable("offset and X-Cursor exclude each other")
        return Page(_place(cursor, mark, number, quirks.cursor_lifetime), size, is_by_cursor=True)
    page = _number(query, "page", 1)
    offset = _number(query, "offset", (page - 1) * size)
    if page < 1 or offset < 0:
        raise unprocessable("page and offset must not be negative")
    if offset + size > quirks.depth and offset > 0:
        raise unprocessable(f"Requests are limited to the first {quirks.depth} results")
    return Page(offset, size, is_by_cursor=False)


def cut(sequence: Sequence[Listed | None], page: Page, quirks: ListingQuirks) -> list[Listed]:
    """The entries of a page; behind the end none, or the last page again."""
    offset = page.offset
    if quirks.repeats_last_page and offset >= len(sequence) > 0:
        offset = (len(sequence) - 1) // page.size * page.size
    part = sequence[offset : offset + page.size]
    return [entry for entry in part if entry is not None]


def with_oddities(
    entries: list[dict[str, Any]], page: Page, length: int, quirks: ListingQuirks
) -> list[dict[str, Any]]:
    """The entries of a page with those that no service should list.

    Args:
        length: of the whole listing.
    """
    if quirks.is_endless and page.offset >= length:
        never = range(_NEVER_THERE + page.offset, _NEVER_THERE + page.offset + _A_FEW)
        return [{"id": number, "user_id": number, "title": ""} for number in never]
    found = []
    for place, entry in enumerate(entries, page.offset + 1):
        found.append(entry)
        if quirks.unusable_every and place % quirks.unusable_every == 0:
            unusable = dict(entry)
            for name in ("id", "user_id"):
                unusable.pop(name, None)
            found.append({**unusable, **_UNUSABLE[place // quirks.unusable_every % 3]})
    return found


def cursor_text(offset: int, number: int, mark: str) -> str:
    """A cursor as a client sees it: opaque."""
    return base64.urlsafe_b64encode(f"{offset}.{number}.{mark}".encode()).decode()


def _place(cursor: str, mark: str, number: int, lifetime: int | None) -> int:
    try:
        offset, given, for_mark = base64.urlsafe_b64decode(cursor).decode().split(".", 2)
        age = number - int(given)
        place = int(offset)
    except ValueError:
        raise unprocessable("Invalid cursor") from None
    if for_mark != mark:
        raise unprocessable("Cursor belongs to another query")
    if lifetime is not None and age > lifetime:
        raise unprocessable("Cursor has expired")
    return place


def _number(query: Mapping[str, Any], name: str, default: int) -> int:
    try:
        return int(query.get(name, default))
    except (TypeError, ValueError):
        raise unprocessable(f"{name} must be a number") from None
