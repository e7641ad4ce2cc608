"""Hostile bodies by the hundred thousand, and what an honest reader makes of those that are read.

Bodies begin as answers that the service could give, and are then wounded: bytes, numbers, keys,
whole stretches. Near misses reach the deepest checks; the seed makes every body again.
"""

from __future__ import annotations

import json
import random
from collections import Counter as Counted
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from harvester.discover.entries import read_item, read_listing_page
from harvester.errors import ParseError
from harvester.model.dates import Window
from harvester.model.listing import ItemRequest, Listing
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.parse import parse, summarize

WINDOW = Window(date(2024, 2, 27), date(2025, 2, 26))
VIEWS, ARTICLE = Counter.VIEWS, Kind.ARTICLE


def _series(endpoint: Endpoint, granularity: Granularity) -> Request:
    return Request(Question(endpoint, ARTICLE, VIEWS, granularity), 23, WINDOW)


REQUESTS = [
    Request(Question(Endpoint.TOTAL, ARTICLE, VIEWS), 23),
    Request(Question(Endpoint.TOP, ARTICLE, VIEWS, ranks=5)),
    Request(Question(Endpoint.TOP, ARTICLE, VIEWS, sub_item=SubItem.REFERRAL, ranks=5), 23, WINDOW),
    Request(Question(Endpoint.COUNT, Kind.GROUP), groups=(327, 328)),
    *(_series(Endpoint.TIMELINE, each) for each in Granularity),
    *(_series(Endpoint.BREAKDOWN, each) for each in Granularity),
]
LISTINGS = [Listing(kind, 2) for kind in Kind]
ITEM = ItemRequest(ARTICLE, 23)

HOSTILE_NUMBERS = (
    b"-1", b"-0", b"0.5", b"1.0", b"1e3", b"true", b"false", b"null", b'"7"', b"[]", b"{}", b"01",
    b"9007199254740991", b"9007199254740992", b"9223372036854775808", b"9" * 30, b"9" * 5000,
    b"1e999", b"NaN", b"Infinity", b"-", b"+1", b"0x10", b"1_000", b"\xd9\xa3",
)  # fmt: skip
HOSTILE_KEYS = (
    b"", b"total", b"Total", b"code", b"message", b"timeline", b"breakdown", b"top", b"totals",
    b"2024-02-30", b"2024-2-28", b"1999-12-31", b"2024-02", b"2024", b"2025-02-27", b"9999-12-31",
    b"0000-00-00", b"\xef\xbc\x92\xef\xbc\x90\xef\xbc\x92\xef\xbc\x94", b"../../etc", b"-1", b"0",
    b"01", b"1" * 19, b"\\u0000", b"\\ud800", b"\\u202e", b"=HYPERLINK()", b"__proto__",
    b"\xff\xfe", b"x" * 3000, b"327 ", b" 327",
)  # fmt: skip
TOKENS = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b"\x00", b"\xef\xbb\xbf", b"\xc0\x80", b"//",
    b"null", b"{}", b"[" * 1100, b'{"a":' * 1100, b"[" * 100_000, b" " * 5000, b"<html>", b"\r\n",
)  # fmt: skip


def bodies(seed: int, number: int) -> Iterator[tuple[int, bytes]]:
    """(which reader, body), so many; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311  # bodies, not secrets
    readers = len(REQUESTS) + len(LISTINGS) + 1
    for _ in range(number):
        which = dice.randrange(readers)
        # Now and then the answer to another question.
        asked = which if dice.random() < 0.95 else dice.randrange(readers)
        body = _honest(asked, dice)
        for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 8))):
            body = dice.choice(WOUNDS)(body, dice)
        yield which, body


def _honest(which: int, dice: random.Random) -> bytes:
    if which < len(REQUESTS):
        return json.dumps(_answer(REQUESTS[which], dice), ensure_ascii=dice.random() < 0.5).encode()
    entries = [_entry(dice) for _ in range(dice.randrange(4))]
    page: Any = entries if which < len(REQUESTS) + len(LISTINGS) else {**_entry(dice), "id": 23}
    return json.dumps(page).encode()


def _answer(request: Request, dice: random.Random) -> dict[str, Any]:
    question = request.question
    match question.endpoint:
        case Endpoint.TOTAL:
            return {"totals": _count(dice)}
        case Endpoint.COUNT:
            return {"327": _count(dice), "328": _count(dice)}
        case Endpoint.TOP:
            keys = [str(dice.randrange(1, 10**6)) for _ in range(dice.randrange(6))]
            ranking = {key: _count(dice) for key in keys}
            return {"top": ranking} if question.sub_item is None or dice.random() < 0.5 else ranking
        case Endpoint.TIMELINE:
            return {"timeline": {name: _count(dice) for name in _periods(question, dice)}}
        case _:
            return {"breakdown": {name: _places(dice) for name in _periods(question, dice)}}


def _count(dice: random.Random) -> int:
    return dice.choice((0, 1, 7, dice.randrange(10**4), dice.randrange(2**53)))


def _periods(question: Question, dice: random.Random) -> list[str]:
    if question.granularity is Granularity.TOTAL:
        return ["total"]
    length = {Granularity.DAY: 10, Granularity.MONTH: 7, Granularity.YEAR: 4}
    days = [WINDOW.first + timedelta(dice.randrange(366)) for _ in range(dice.randrange(5))]
    return sorted(
        {day.isoformat()[: length[question.granularity or Granularity.DAY]] for day in days}
    )


def _places(dice: random.Random) -> dict[str, Any]:
    found = {}
    for land in dice.sample(("France", "Perú", "日本", "Unknown", "total"), dice.randrange(3)):
        towns = {f"town {n}": dice.randrange(9) for n in range(dice.randrange(3))}
        found[land] = {**towns, "total": sum(towns.values()) + dice.randrange(3)}
    return found


def _entry(dice: random.Random) -> dict[str, Any]:
    number = dice.randrange(1, 10**6)
    return {
        "id": number,
        "user_id": number,
        "first_name": "Eve",
        "last_name": "=1+1",
        "name": dice.choice(("Physics", "../..", "\x1b[31m")),
        "title": dice.choice(("Data", "<script>", "=HYPERLINK()", "\ud800")),
        "doi": dice.choice(("10.1/x", None, "javascript:alert(1)")),
        "parent_id": dice.choice((0, 7, None)),
        "defined_type_name": "dataset",
        "group_id": dice.choice((10, None)),
        "published_date": dice.choice(("2024-01-01T00:00:00Z", None, "soon")),
        "url_public_html": dice.choice(("https://figshare.com/1", None)),
        "timeline": {"firstOnline": "2024-01-01T00:00:00"},
    }


def _flip(body: bytes, dice: random.Random) -> bytes:
    if not body:
        return body
    place = dice.randrange(len(body))
    return body[:place] + bytes([dice.randrange(256)]) + body[place + 1 :]


def _stretch(body: bytes, dice: random.Random) -> tuple[int, int]:
    first = dice.randrange(len(body) + 1)
    return first, min(len(body), first + dice.choice((1, 2, 5, 20, 200)))


def _cut(body: bytes, dice: random.Random) -> bytes:
    first, last = _stretch(body, dice)
    return body[:first] + body[last:]


def _end(body: bytes, dice: random.Random) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _double(body: bytes, dice: random.Random) -> bytes:
    first, last = _stretch(body, dice)
    return body[:last] + body[first:last] + body[last:]


def _insert(body: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(body) + 1)
    # The longest tokens are for the few who would fall for them, and cost the most.
    token = dice.choice(TOKENS)
    return (
        body[:place] + (token if len(token) < 2000 or dice.random() < 0.02 else b"") + body[place:]
    )


def _renumber(body: bytes, dice: random.Random) -> bytes:
    places = [place for place, byte in enumerate(body[:4000]) if 48 <= byte <= 57]
    if not places:
        return body
    first = last = dice.choice(places)
    while last < len(body) and 48 <= body[last] <= 57:
        last += 1
    return body[:first] + dice.choice(HOSTILE_NUMBERS) + body[last:]


def _rename(body: bytes, dice: random.Random) -> bytes:
    quotes = [place for place, byte in enumerate(body[:4000]) if byte == 34]
    if len(quotes) < 2:
        return body
    at = dice.randrange(len(quotes) - 1)
    return body[: quotes[at] + 1] + dice.choice(HOSTILE_KEYS) + body[quotes[at + 1] :]


def _noise(_body: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(dice.randrange(40))


Wound = Callable[[bytes, random.Random], bytes]
WOUNDS: tuple[Wound, ...] = (
    _flip, _flip, _cut, _end, _double, _insert, _renumber, _renumber, _rename, _rename, _noise,
)  # fmt: skip


def outcome(which: int, body: bytes) -> str:
    """`read`, or the word for its refusal; anything else is an error that is raised.

    Raises:
        AssertionError: it was read, but as something that it does not say.
    """
    try:
        if which < len(REQUESTS):
            request = REQUESTS[which]
            columns = parse(request, body)
            summarize(request, columns, keeps_points=request.question.sub_item is None)
            assert told(columns) == honestly(request, body), body
        elif which < len(REQUESTS) + len(LISTINGS):
            sheet = read_listing_page(LISTINGS[which - len(REQUESTS)], body)
            assert all(isinstance(each, str) or 0 < each < 10**18 for each in sheet.ids), body
            assert {each.id for each in sheet.entities} <= set(sheet.ids), body
        else:
            assert read_item(ITEM, body).id == 23, body
    except ParseError as error:
        return "refused" if error.fix and str(error).encode() else "refused without a word"
    return "read"


def told(columns: tuple[Columns, ...]) -> Counted[tuple[Any, ...]]:
    """What was read, as (dataset, name, ..., count)."""
    names = {
        Dataset.TOTALS: ("value",),
        Dataset.COUNTS: ("group_id", "articles"),
        Dataset.TOP: ("key", "value"),
        Dataset.TIMELINE: ("period", "value"),
        Dataset.COUNTRIES: ("period", "country", "value"),
        Dataset.CITIES: ("period", "country", "city", "value"),
    }
    found: Counted[tuple[Any, ...]] = Counted()
    for each in columns:
        chosen = [each.values[name] for name in names[each.dataset]]
        found.update((each.dataset, *row) for row in zip(*chosen, strict=True))
    return found


def honestly(request: Request, body: bytes) -> Counted[tuple[Any, ...]]:
    """What it says to a reader of its own: Python's JSON, no key twice, only counts that are.

    Raises:
        AssertionError: it says nothing that could be read.
    """
    plain = json.loads(body, object_pairs_hook=_once)
    assert isinstance(plain, dict), body
    found: Counted[tuple[Any, ...]] = Counted()
    match request.question.endpoint:
        case Endpoint.TOTAL:
            if plain["totals"] is not None:
                found[Dataset.TOTALS, _said(plain["totals"])] += 1
        case Endpoint.COUNT:
            found.update((Dataset.COUNTS, int(key), _said(plain[key])) for key in plain)
        case Endpoint.TOP:
            ranking = plain["top"] if isinstance(plain.get("top", 0), dict | None) else plain
            found.update((Dataset.TOP, key, _said(n)) for key, n in (ranking or {}).items())
        case Endpoint.TIMELINE:
            periods = plain["timeline"] or {}
            found.update((Dataset.TIMELINE, _lies(key), _said(n)) for key, n in periods.items())
        case _:
            for period, lands in (plain["breakdown"] or {}).items():
                found.update(_country_rows(_lies(period), lands or {}))
    return found


def _country_rows(period: str, lands: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for land, towns in lands.items():
        yield Dataset.COUNTRIES, period, land, _said(towns["total"])
        for town, count in towns.items():
            if town != "total":
                yield Dataset.CITIES, period, land, town, _said(count)


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in members}) == len(members), members
    return dict(members)


def _said(count: Any) -> int:
    assert type(count) is int, count
    assert 0 <= count < 2**53, count
    return count


def _lies(period: str) -> str:
    """A period that touches the window, spelled as the service does."""
    if period != "total":
        first = date.fromisoformat((period + "-01-01")[:10])
        assert period.isascii(), period
        assert first <= WINDOW.last, period
        assert first >= WINDOW.first.replace(month=1, day=1), period
    return period
