"""Bodies of listings and of single items, read into entities.

An entry is kept if it is public; of an account nothing is kept but user id and name. A body that
is no list of entries is no page, whatever its status was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from harvester.errors import ParseError
from harvester.model.doi import OpaqueDoi
from harvester.model.entity import Entity
from harvester.model.listing import ItemRequest, Listing
from harvester.model.terms import Kind

_VERSION = re.compile(r"\.v[0-9]{1,4}$")
_MOST_DIGITS = 18  # ids are stored in 64 bits


class ListingPage(NamedTuple):
    """What one page of a listing holds: its entities, and what else was on it.

    Attributes:
        ids: of every entry on it, in its order, those of entries that are not kept included; of
            an entry without a usable id what tells it from others, as text.
        entities: what is kept: public, and published when the listing says so.
    """

    ids: Sequence[int | str]
    entities: Sequence[Entity]

    @property
    def newest(self) -> date | None:
        """The youngest day of publication on it."""
        days = (each.published_date for each in self.entities if each.published_date)
        return max(days, default=None)


def read_listing_page(listing: Listing, body: bytes) -> ListingPage:
    """Read a page of a listing.

    An entry without an id that can be stored is left out: one bad entry never stops a whole.

    Raises:
        ParseError: it is no list of entries.
    """
    where = f"listing {listing.key}"
    found = _parsed(body, where)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ParseError("the body is no list of entries", where=where, fix="ask again")
    ids: list[int | str] = []
    kept = []
    for entry in found:
        number = _number(entry.get("user_id" if listing.kind is Kind.AUTHOR else "id"))
        ids.append(number or _fingerprint(entry))
        if number and _is_public(entry):
            kept.append(_READERS[listing.kind](listing.kind, number, entry))
    since = listing.published_since
    if since:
        # Whether "after a day" leaves its evening out is not documented: looked at here, too.
        kept = [each for each in kept if each.published_date and each.published_date >= since]
    return ListingPage(ids, kept)


def read_item(request: ItemRequest, body: bytes) -> Entity:
    """Read an item's own page.

    Raises:
        ParseError: it is no item, or another one.
    """
    where = f"metadata/{request.kind}/{request.id}"
    found = _parsed(body, where)
    if not isinstance(found, dict) or _number(found.get("id")) != request.id:
        raise ParseError("the body is not the item asked for", where=where, fix="ask again")
    return _item(request.kind, request.id, found)


def read_bearers(doi: OpaqueDoi, body: bytes) -> Sequence[int]:
    """The ids of the items that bear a DOI, ascending; versions of one item are one.

    Raises:
        ParseError: it is no list of entries, or has only items that bear other DOIs: then the
            service did not look for this one.
    """
    where = f"doi {doi.doi}"
    found = _parsed(body, where)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ParseError("the body is no list", where=where, fix="ask again")
    bearers = {
        number
        for each in found
        if _without_version(str(each.get("doi"))) == _without_version(doi.doi)
        and (number := _number(each.get("id")))
    }
    if found and not bearers:
        raise ParseError("the items listed bear other DOIs", where=where, fix="ask again")
    return sorted(bearers)


def _without_version(doi: str) -> str:
    return _VERSION.sub("", doi.casefold())


def message_of(body: bytes) -> str:
    """What an error of the API says, on one line and not too long."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    said = found.get("message") if isinstance(found, dict) else None
    if not isinstance(said, str):
        return "it does not say why"
    plain = "".join(each if each.isprintable() else " " for each in said[:200])
    return f"it says {plain.strip()!r}"


def _parsed(body: bytes, where: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        # A title may hold half of a surrogate pair, which orjson refuses with the whole page.
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ParseError("the body is not JSON", where=where, fix="ask again") from None


def _fingerprint(entry: dict[str, Any]) -> str:
    """What tells an entry without an id from others, so that it is counted once."""
    plain = {name: told for name, told in entry.items() if not isinstance(told, dict | list)}
    return blake2b(json.dumps(plain, sort_keys=True).encode(), digest_size=8).hexdigest()


def _is_public(entry: dict[str, Any]) -> bool:
    """Drafts have no date, and what was withdrawn has no public address.

    A key that is not there says nothing: an entry of a public listing is public.
    """
    told = [entry[name] for name in ("published_date", "url_public_html") if name in entry]
    return all(told) and entry.get("is_public", True) is not False


def _item(kind: Kind, number: int, entry: dict[str, Any]) -> Entity:
    return Entity(
        kind,
        number,
        title=_text(entry.get("title")),
        doi=_text(entry.get("doi")),
        defined_type_name=_text(entry.get("defined_type_name")),
        group_id=_number(entry.get("group_id")),
        published_date=_day(entry.get("published_date")),
        first_online=_first_online(entry),
        url=_text(entry.get("url_public_html")) or _text(entry.get("url")),
    )


def _first_online(entry: dict[str, Any]) -> date | None:
    """The least of an item's dates: on no day before can it have been counted, if all are true.

    `timeline.firstOnline` is edited by people and moves both ways; the system sets the others, so
    whichever is the least holds. Without it nothing is known: whether `posted`, like
    `published_date`, moves on with each version is not documented, and those before it were
    counted. `publisherPublication` is about another place, where Figshare counts nothing.
    """
    timeline = entry.get("timeline")
    told = timeline if isinstance(timeline, dict) else {}
    online = _day(told.get("firstOnline"))
    others = (entry.get("created_date"), entry.get("published_date"), told.get("posted"))
    return online and min([online, *filter(None, map(_day, others))])


def _group(kind: Kind, number: int, entry: dict[str, Any]) -> Entity:
    parent = _number(entry.get("parent_id"))
    return Entity(kind, number, title=_text(entry.get("name")), parent_id=parent)


def _author(kind: Kind, number: int, entry: dict[str, Any]) -> Entity:
    names = (_text(entry.get("first_name")), _text(entry.get("last_name")))
    return Entity(kind, number, title=" ".join(filter(None, names)) or None)


_READERS: dict[Kind, Callable[[Kind, int, dict[str, Any]], Entity]] = {
    Kind.ARTICLE: _item,
    Kind.AUTHOR: _author,
    Kind.COLLECTION: _item,
    Kind.GROUP: _group,
    Kind.PROJECT: _item,
}


def _text(value: object) -> str | None:
    """Text as it is stored; nothing is nothing, and half a surrogate pair a question mark."""
    if not isinstance(value, str) or not value:
        return None
    return value.encode("utf-8", "replace").decode()


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 10**_MOST_DIGITS else None


def _day(value: object) -> date | None:
    """The UTC day of a moment such as `2015-12-31T23:59:59Z`; None where it is none.

    Those of `timeline` have no zone and are UTC (docs/simulator.md).
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        pass
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
