"""What a probe keeps of an answer names nobody, whatever the service says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.preview.probe_redaction import HEADERS, HIDDEN, reduced, reduced_headers

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("Jane Canary"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["Jane Canary", "code", "message", "data", "totals", "top", "12", "id"]),
        inner,
        max_size=3,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    "plain",
    [
        {"totals": 231},
        {"totals": None},
        {"timeline": {"2015-11": 4, "total": 3}},
        {"timeline": None},
        {"breakdown": {"2015": {"France": {"Paris": 12, "total": 19}}}},
        {"top": {"1130885": 31334, "2064072": 65819}},
        {"views": 5, "downloads": 3, "shares": 0, "cites": 1},
        {"327": 20, "328": 1},
        {"code": "Forbidden", "message": "Unauthorized request"},
        {"code": "InvalidParams", "message": "Invalid or unsupported params: start_date"},
        {},
    ],
)
def test_documented_answers_stay_as_they_are(plain: Any) -> None:
    assert reduced(plain, is_listing=False) == plain
    assert list(reduced(plain, is_listing=False)) == list(plain), "in their order"


@pytest.mark.parametrize(
    ("plain", "kept"),
    [
        ({"user": "Jane Canary"}, {HIDDEN: None}),
        ({"totals": "Jane Canary"}, {"totals": HIDDEN}),
        ({"totals": 3, "token": "t0ken"}, {"totals": 3}),
        ({"timeline": {"Jane Canary": 3}}, {"timeline": {HIDDEN: 3}}),
        ({"code": "No Jane", "message": "Jane may not"}, {"code": HIDDEN, "message": HIDDEN}),
        ({"message": "Forbidden", "data": {"ip": "192.0.2.1"}}, {"message": "Forbidden"}),
        (["Jane Canary"], HIDDEN),
        ({"breakdown": {"2015": {"France": {"Paris": {"x": 1}}}}},
         {"breakdown": {"2015": {"France": {"Paris": HIDDEN}}}}),
    ],
)  # fmt: skip
def test_what_nobody_documents_is_hidden(plain: Any, kept: Any) -> None:
    assert reduced(plain, is_listing=False) == kept


def test_of_a_listing_ids_alone_are_kept() -> None:
    entry = {"id": 3, "title": "Jane Canary", "group_id": 7, "parent_id": 0, "doi": "10.1/x"}
    kept = [{"id": 3, "group_id": 7, "parent_id": 0}, {}]
    assert reduced([entry, "Jane Canary"], is_listing=True) == kept
    assert reduced(entry, is_listing=True) == kept[0]


@given(plain=JSON, is_listing=st.booleans())
def test_no_name_passes_but_as_a_place_of_a_breakdown(plain: Any, *, is_listing: bool) -> None:
    kept = reduced(plain, is_listing=is_listing)
    assert "Jane" not in json.dumps(kept)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("X-RateLimit-Remaining", "59", "59"),
        ("Retry-After", "120", "120"),
        ("Cache-Control", "public, max-age=300", "public, max-age=300"),
        ("Server", "nginx/1.25", "nginx/1.25"),
        ("Server", "proxy.library.example", HIDDEN),
        ("ETag", '"abc"', HIDDEN),
        ("X-Amzn-Trace-Id", "Root=1-67", HIDDEN),
        ("X-Amz-Cf-Pop", "FRA56", HIDDEN),
        ("Via", "1.1 proxy.library.example", HIDDEN),
    ],
)
def test_headers_that_identify_are_hidden(name: str, value: str, kept: str) -> None:
    assert name in HEADERS
    assert reduced_headers({name: value}) == {name: kept}
