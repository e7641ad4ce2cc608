"""Bodies of listings: what is kept, what is dropped, and what is no page at all."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.discover.doi_lookup import resolved
from harvester.discover.entries import (
    message_of,
    read_bearers,
    read_item,
    read_listing_page,
)
from harvester.errors import ParseError
from harvester.id_files.resolved_dois import DoiStatus, ResolvedDoi
from harvester.model.doi import OpaqueDoi
from harvester.model.entity import Entity
from harvester.model.listing import ItemRequest, Listing
from harvester.model.terms import Kind

ARTICLES = Listing(Kind.ARTICLE, 2)
# An entry as Figshare's API documentation shows it (read 2026-07).
ENTRY: dict[str, Any] = {
    "id": 1434614,
    "title": "Test article title",
    "doi": "10.6084/m9.figshare.1434614",
    "handle": "",
    "url": "https://api.figshare.com/v2/articles/1434614",
    "published_date": "2015-12-31T23:59:59Z",
    "defined_type": 3,
    "defined_type_name": "dataset",
    "group_id": 1234,
    "url_public_html": "https://figshare.com/articles/1434614",
    "timeline": {"posted": "2015-12-31T23:59:59Z", "firstOnline": "2014-02-28T01:00:00Z"},
    "something_new": {"of": ["tomorrow"]},
}


def page(*entries: Any) -> bytes:
    return json.dumps(entries).encode()


def test_the_documented_entry_is_read_with_all_its_fields() -> None:
    sheet = read_listing_page(ARTICLES, page(ENTRY))
    assert sheet.ids == [1434614]
    assert sheet.entities == [
        Entity(
            Kind.ARTICLE,
            1434614,
            title="Test article title",
            doi="10.6084/m9.figshare.1434614",
            defined_type_name="dataset",
            group_id=1234,
            published_date=date(2015, 12, 31),
            first_online=date(2014, 2, 28),
            url="https://figshare.com/articles/1434614",
        )
    ]
    assert sheet.newest == date(2015, 12, 31)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"null",
        b"{}",
        b'{"message": "Entity not found", "code": "EntityNotFound"}',
        b'{"items": []}',
        b"<html></html>",
        b"[[]]",
        pytest.param(b"[" * 100_000, id="nested deeper than Python reads"),
        b"[1]",
        b"[null]",
        b'[{"id": 5}, "an error"]',
    ],
)
def test_an_error_body_is_never_a_page(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_listing_page(ARTICLES, body)


@pytest.mark.parametrize("odd", ["5", 0, -5, 5.0, True, None, 10**18, 2**63, 10**29, ...])
@pytest.mark.parametrize(
    ("listing", "name"), [(ARTICLES, "id"), (Listing(Kind.AUTHOR, 2), "user_id")]
)
def test_an_entry_without_a_usable_id_is_left_out_and_told_from_others(
    listing: Listing, name: str, odd: Any
) -> None:
    """Nobody can ask for it; all others are there."""
    bad = {"title": "bad"} if odd is ... else {"title": "bad", name: odd}
    sheet = read_listing_page(listing, page(bad, {name: 7}, bad, {**bad, "title": "worse"}))
    first, good, same, other = sheet.ids
    assert good == 7
    assert [each.id for each in sheet.entities] == [7]
    assert isinstance(first, str)
    assert first == same != other


@pytest.mark.parametrize(
    "change",
    [
        {"published_date": None},
        {"published_date": ""},
        {"url_public_html": ""},
        {"url_public_html": None},
        {"is_public": False},
    ],
)
def test_drafts_and_items_no_longer_public_are_dropped(change: dict[str, Any]) -> None:
    """Their ids count for the end of a listing, or a page full of them would be its end."""
    sheet = read_listing_page(ARTICLES, page({**ENTRY, **change, "id": 5}, ENTRY))
    assert sheet.ids == [5, 1434614]
    assert [each.id for each in sheet.entities] == [1434614]


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"timeline": {}}, "first_online", None),
        ({"timeline": None}, "first_online", None),
        ({"timeline": {"firstOnline": "soon"}}, "first_online", None),
        ({"timeline": []}, "first_online", None),
        ({"published_date": "soon"}, "published_date", None),
        ({"group_id": None}, "group_id", None),
        ({"group_id": 0}, "group_id", None),
        ({"group_id": "x"}, "group_id", None),
        ({"title": None}, "title", None),
        ({"title": ""}, "title", None),
        ({"title": "  "}, "title", "  "),
        ({"title": 5}, "title", None),
        (
            {"title": "=HYPERLINK(\x1b[31m<script>\u202e"},
            "title",
            "=HYPERLINK(\x1b[31m<script>\u202e",
        ),
        ({"doi": ""}, "doi", None),
        ({"url_public_html": "https://x"}, "url", "https://x"),
    ],
)
def test_a_missing_or_odd_field_of_an_entry_becomes_nothing_or_text(
    change: dict[str, Any], field: str, value: object
) -> None:
    (entity,) = read_listing_page(ARTICLES, page({**ENTRY, **change})).entities
    assert getattr(entity, field) == value


@pytest.mark.parametrize(
    ("change", "day"),
    [
        pytest.param({}, "2014-02-28", id="first online before it was posted"),
        pytest.param({"published_date": "2013-01-02T00:00:00Z"}, "2013-01-02", id="published"),
        pytest.param({"created_date": "2012-05-06T07:08:09Z"}, "2012-05-06", id="created"),
        pytest.param({"created_date": "2019-05-06T07:08:09Z"}, "2014-02-28", id="created later"),
        pytest.param(
            {"timeline": {"posted": "2014-02-14T10:21:09", "firstOnline": "2016-10-31T00:00:00"}},
            "2014-02-14",
            id="first online was edited, moments without a zone",
        ),
        pytest.param(
            {"timeline": {"posted": "soon", "firstOnline": "2014-02-28"}}, "2014-02-28", id="a day"
        ),
        pytest.param(
            {"timeline": {"firstOnline": "2014-02-28T01:00:00+02:00"}},
            "2014-02-27",
            id="of another zone: its day in UTC",
        ),
        pytest.param(
            {"timeline": {"firstOnline": "2014-02-28", "publisherPublication": "1999-01-01"}},
            "2014-02-28",
            id="published elsewhere",
        ),
        pytest.param(
            {"timeline": {"posted": "2012-02-28"}}, None, id="posted may be of the latest version"
        ),
    ],
)
def test_the_first_online_date_is_the_least_of_an_items_dates(
    change: dict[str, Any], day: str | None
) -> None:
    entry = {**ENTRY, **change}
    (listed,) = read_listing_page(ARTICLES, page(entry)).entities
    assert listed.first_online == (day and date.fromisoformat(day))
    alone = read_item(ItemRequest(Kind.ARTICLE, ENTRY["id"]), json.dumps(entry).encode())
    assert alone.first_online == listed.first_online


def test_half_a_surrogate_pair_in_one_title_does_not_cost_the_page() -> None:
    body = b'[{"id": 1, "title": "half \\ud83d", "published_date": "2020-01-01"}]'
    (entity,) = read_listing_page(ARTICLES, body).entities
    assert entity.title == "half ?"


def test_of_an_account_only_user_id_and_name_are_kept() -> None:
    account = {
        "id": 4_000_001,
        "user_id": 77,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "canary@example.org",
        "institution_user_id": "canary@example.org",
        "quota": 5,
    }
    sheet = read_listing_page(Listing(Kind.AUTHOR, 2), page(account))
    assert sheet.ids == [77]
    assert sheet.entities == [Entity(Kind.AUTHOR, 77, title="Ada Lovelace")]
    assert "canary" not in repr(sheet)


def test_groups_are_a_tree_whose_root_has_no_parent() -> None:
    body = page({"id": 5, "name": "All", "parent_id": 0}, {"id": 6, "name": "Arts", "parent_id": 5})
    assert read_listing_page(Listing(Kind.GROUP, 2), body).entities == [
        Entity(Kind.GROUP, 5, title="All"),
        Entity(Kind.GROUP, 6, title="Arts", parent_id=5),
    ]


def test_entries_published_before_the_filters_day_are_dropped() -> None:
    listing = Listing(Kind.ARTICLE, 2, published_since=date(2016, 1, 1))
    late = {**ENTRY, "id": 9, "published_date": "2016-01-01T00:00:00Z"}
    assert [each.id for each in read_listing_page(listing, page(ENTRY, late)).entities] == [9]


def test_an_items_own_page_is_read_and_another_answer_is_refused() -> None:
    asked = ItemRequest(Kind.ARTICLE, 1434614)
    assert read_item(asked, json.dumps({**ENTRY, "authors": []}).encode()).title
    for body in (page(ENTRY), b"{}", json.dumps({**ENTRY, "id": 5}).encode(), b"nothing"):
        with pytest.raises(ParseError):
            read_item(asked, body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"message": "too\\u001b[31m deep"}', "it says 'too [31m deep'"),
        (b"no json", "it does not say why"),
        (b"[]", "it does not say why"),
    ],
)
def test_the_message_of_an_error_body_is_one_plain_line(body: bytes, said: str) -> None:
    assert message_of(body) == said


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@given(st.dictionaries(st.sampled_from(sorted(ENTRY)), json_values), st.sampled_from(list(Kind)))
def test_entries_with_any_values_give_a_page_or_a_parse_error(
    odd: dict[str, Any], kind: Kind
) -> None:
    try:
        sheet = read_listing_page(Listing(kind, 2), page({**ENTRY, "user_id": 5, **odd}))
    except ParseError:
        return
    for entity in sheet.entities:
        for text in (entity.title, entity.doi, entity.url, entity.defined_type_name):
            assert text is None or text.encode()


DOI = OpaqueDoi("10.26180/5Df2b1c0aa11e")


def bearer(number: int, doi: str | None) -> dict[str, Any]:
    return {**ENTRY, "id": number, "doi": doi}


@pytest.mark.parametrize(
    ("listed", "ids"),
    [
        ([], []),
        ([bearer(7, "10.26180/5Df2b1c0aa11e")], [7]),
        ([bearer(7, "10.26180/5df2B1c0aa11e.v3")], [7]),
        ([bearer(7, "10.26180/5df2b1c0aa11e"), bearer(7, "10.26180/5df2b1c0aa11e.v2")], [7]),
        ([bearer(9, DOI.doi), bearer(7, DOI.doi), bearer(8, "10.26180/other")], [7, 9]),
    ],
)
def test_items_that_bear_a_doi_are_known_whatever_its_case_and_version(
    listed: list[Any], ids: list[int]
) -> None:
    assert read_bearers(DOI, page(*listed)) == ids


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1]",
        page({"doi": DOI.doi}),
        page(bearer(7, "10.26180/other")),  # a service that does not heed `doi` lists what it has
        page(bearer(7, None)),
    ],
)
def test_what_does_not_answer_about_a_doi_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_bearers(DOI, body)


@pytest.mark.parametrize(
    ("ids", "id_", "status"),
    [([], None, "not_found"), ([7], 7, "found"), ([7, 9], None, "ambiguous")],
)
def test_a_doi_is_found_nowhere_at_one_item_or_at_several(
    ids: list[int], id_: int | None, status: str
) -> None:
    assert resolved(DOI, ids) == ResolvedDoi(DOI, id_, DoiStatus(status))
