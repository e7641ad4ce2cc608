"""Listings and single items as they go over the wire.

Source: Figshare's API documentation (docs.figshare.com), read 2026-07.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from harvester.fetch.call import ApiCall
from harvester.fetch.response import Response
from harvester.model.doi import HAVE_DOIS
from harvester.model.listing import PAGE_SIZE, ItemRequest, Listing, PageRequest, Place
from harvester.model.terms import Kind

CURSOR, ETAG = "X-Cursor", "ETag"
NOT_MODIFIED, FORBIDDEN, NOT_FOUND, REFUSED = 304, 403, 404, 422

_PATHS = {
    Kind.ARTICLE: "/articles",
    Kind.COLLECTION: "/collections",
    Kind.PROJECT: "/projects",
    Kind.GROUP: "/account/institution/groups",
    Kind.AUTHOR: "/account/institution/accounts",
}
_HAVE_PAGES = {Kind.ARTICLE, Kind.COLLECTION, Kind.PROJECT}
ACCOUNT = "/account/institution"


def page_call(base_url: str, request: PageRequest, judge: Callable[[Response], int]) -> ApiCall:
    """How a page is asked for: 304 says that it is what it was, 422 that it cannot be had."""
    headers = {}
    if request.place.cursor is not None:
        headers[CURSOR] = request.place.cursor
    if request.etag is not None:
        headers["If-None-Match"] = request.etag
    return ApiCall(
        address=f"{_root(base_url)}{page_path(request.listing, request.place)}",
        judge=judge,
        stage="listing",
        needs_credentials=request.listing.is_private,
        headers=headers or None,
        answers=frozenset({REFUSED} if request.etag is None else {NOT_MODIFIED, REFUSED}),
        reads=(CURSOR, ETAG),
    )


def page_path(listing: Listing, place: Place, page_size: int = PAGE_SIZE) -> str:
    """Path and query of a page; a cursor goes into a header and no offset beside it."""
    query: dict[str, object] = {}
    if not listing.is_private:
        query["institution"] = listing.institution_id
    if listing.group is not None:
        query["group"] = listing.group
    if listing.item_type is not None:
        query["item_type"] = listing.item_type
    if (after := place.sent_after(listing)) is not None:
        query["published_since"] = after.isoformat()
    if listing.is_paged:
        query["page_size"] = page_size
        if listing.is_dated:
            query |= {"order": "published_date", "order_direction": "asc"}
        if place.cursor is None and place.page > 1:
            query["page"] = place.page
    path = _PATHS[listing.kind]
    return f"{path}?{urlencode(query)}" if query else path


def item_call(base_url: str, request: ItemRequest, judge: Callable[[Response], int]) -> ApiCall:
    """How one public item is asked for: 404 (or 403) says that it is not public."""
    if request.kind not in _HAVE_PAGES:
        raise ValueError(f"a single {request.kind.value} has no public page")
    return ApiCall(
        address=f"{_root(base_url)}{_PATHS[request.kind]}/{request.id:d}",
        judge=judge,
        stage="metadata",
        answers=frozenset({FORBIDDEN, NOT_FOUND}),
    )


def doi_call(base_url: str, kind: Kind, doi: str, judge: Callable[[Response], int]) -> ApiCall:
    """How the public items that bear a DOI are asked for: an ordinary listing, mostly empty."""
    if kind not in HAVE_DOIS:
        raise ValueError(f"no {kind.value} has a DOI")
    return ApiCall(
        address=f"{_root(base_url)}{_PATHS[kind]}?{urlencode({'doi': doi})}",
        judge=judge,
        stage="doi",
    )


def account_call(base_url: str, judge: Callable[[Response], int]) -> ApiCall:
    """Asks whose token it is: 403 says that it is a token, but not one for institutions."""
    return ApiCall(
        address=f"{_root(base_url)}{ACCOUNT}",
        judge=judge,
        stage="listing",
        needs_credentials=True,
        answers=frozenset({401, FORBIDDEN}),
    )


def _root(base_url: str) -> str:
    return base_url.removesuffix("/")
