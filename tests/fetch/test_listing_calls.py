"""Listings and items on the wire: documented forms, headers, and who gets the token."""

from __future__ import annotations

from datetime import date

import anyio
import pytest

from harvester.errors import ServiceError
from harvester.fetch.authorization import token_authorization
from harvester.fetch.call import ApiCall
from harvester.fetch.fetch_settings import FetchSettings
from harvester.fetch.governor import Pause
from harvester.fetch.host import open_host_at
from harvester.fetch.listing_calls import (
    account_call,
    doi_call,
    item_call,
    page_call,
    page_path,
)
from harvester.fetch.origin import Origins, SendQuota
from harvester.fetch.pool import run_calls
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome
from harvester.fetch.stop import Stop
from harvester.model.listing import ItemRequest, Listing, PageRequest, Place
from harvester.model.terms import Kind
from tests.fetch.support_fetch import FINE, FakeClock, Said, http, serving

ARTICLES = Listing(Kind.ARTICLE, 2)
GROUPS = Listing(Kind.GROUP, 2)
ORDER = "&order=published_date&order_direction=asc"
SINCE = "&published_since=2014-12-31"
PAGE = http(200, [{"id": 1}], 'ETag: "abc"', "X-Cursor: next")


@pytest.mark.parametrize(
    ("listing", "place", "path"),
    [
        (ARTICLES, Place(), f"/articles?institution=2&page_size=1000{ORDER}"),
        (ARTICLES, Place(page=3), f"/articles?institution=2&page_size=1000{ORDER}&page=3"),
        (
            ARTICLES,
            Place(page=3, cursor="c"),
            f"/articles?institution=2&page_size=1000{ORDER}",
        ),
        (
            Listing(Kind.ARTICLE, 2, 17, 3, date(2015, 1, 1)),
            Place(),
            f"/articles?institution=2&group=17&item_type=3{SINCE}&page_size=1000{ORDER}",
        ),
        (
            ARTICLES,
            Place(walk=2, after=date(2020, 2, 29), page=2),
            f"/articles?institution=2&published_since=2020-02-29&page_size=1000{ORDER}&page=2",
        ),
        (
            Listing(Kind.COLLECTION, 797),
            Place(),
            f"/collections?institution=797&page_size=1000{ORDER}",
        ),
        (Listing(Kind.PROJECT, 2), Place(), f"/projects?institution=2&page_size=1000{ORDER}"),
        (GROUPS, Place(), "/account/institution/groups"),
        (
            Listing(Kind.AUTHOR, 2),
            Place(page=2),
            "/account/institution/accounts?page_size=1000&page=2",
        ),
    ],
)
def test_paths_of_listing_pages_have_the_documented_form(
    listing: Listing, place: Place, path: str
) -> None:
    assert page_path(listing, place) == path


def test_a_cursor_and_an_etag_go_into_headers() -> None:
    place = Place(page=2, cursor="c")
    call = page_call("https://api/v2/", PageRequest(ARTICLES, place, '"abc"'), _one)
    assert call.headers == {"X-Cursor": "c", "If-None-Match": '"abc"'}
    assert call.address.startswith("https://api/v2/articles?")
    assert call.answers == {304, 422}
    assert page_call("x", PageRequest(ARTICLES, place), _one).answers == {422}


def test_only_what_has_a_public_page_is_asked_for_alone() -> None:
    assert item_call("x/v2", ItemRequest(Kind.PROJECT, 5), _one).address == "x/v2/projects/5"
    with pytest.raises(ValueError, match="no public page"):
        item_call("x", ItemRequest(Kind.GROUP, 5), _one)


def _one(_answer: Response) -> int:
    return 1


def _origins(limit: int | None = None, clock: FakeClock | None = None) -> Origins:
    clock = clock or FakeClock()
    return Origins(clock, lambda _name, _pause: None, lambda _name: None, SendQuota(limit))


def _settings(url: str, **more: object) -> FetchSettings:
    base = FetchSettings(
        url,
        "tests",
        token_authorization("canary-token\n"),
        authorizes_all=False,
        requests_per_second=None,
        concurrency=1,
        credentials_name="token",
    )
    return base if not more else FetchSettings(url, "tests", **more)  # type: ignore[arg-type]


async def carried(url: str, *errands: ApiCall, origins: Origins | None = None) -> list[CallOutcome]:
    settled: list[CallOutcome] = []

    async def keep(_call: ApiCall, outcome: CallOutcome) -> None:
        settled.append(outcome)

    with anyio.fail_after(20):
        async with open_host_at(origins or _origins(), _settings(url)) as host:
            await run_calls(iter(errands), lambda each: each, host, keep=keep, stop=Stop())
    return settled


async def test_the_token_goes_with_private_listings_alone() -> None:
    async with serving(PAGE) as service:
        public = page_call(service.url, PageRequest(ARTICLES, Place()), _one)
        private = page_call(service.url, PageRequest(GROUPS, Place()), _one)
        item = item_call(service.url, ItemRequest(Kind.ARTICLE, 1), _one)
        await carried(service.url, public, private, item)

    sent = ["Authorization: token canary-token\r\n" in head for head in service.heads]
    assert sent == [False, True, False]
    assert all(head.lower().count("authorization:") <= 1 for head in service.heads)


async def test_cursor_and_etag_of_an_answer_are_handed_over() -> None:
    async with serving(PAGE) as service:
        call = page_call(service.url, PageRequest(ARTICLES, Place()), _one)
        (settled,) = await carried(service.url, call)
    assert settled.answer.headers == {"X-Cursor": "next", "ETag": '"abc"'}


@pytest.mark.parametrize(
    ("said", "etag", "status"),
    [
        (http(304, b""), '"abc"', 304),
        (http(422, {"message": "too deep", "code": "UnprocessableEntity"}), None, 422),
    ],
)
async def test_not_modified_and_refused_are_answers(said: Said, etag: str, status: int) -> None:
    async with serving(said) as service:
        call = page_call(service.url, PageRequest(ARTICLES, Place(), etag), _one)
        (settled,) = await carried(service.url, call)
    assert settled.answer.status == status
    assert len(service.paths) == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(http(304, b""), id="not modified, but nobody asked"),
        pytest.param(http(404, {"message": "no", "code": "EntityNotFound"}), id="no such listing"),
    ],
)
async def test_a_status_other_than_200_is_no_page(said: Said) -> None:
    async with serving(said) as service:
        call = page_call(service.url, PageRequest(ARTICLES, Place()), _one)
        (settled,) = await carried(service.url, call)
    assert settled.reason


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_a_wall_that_says_what_would_answer_is_a_wall(status: int) -> None:
    """An item is not taken for withdrawn, nor a listing for ended, because a firewall says so."""
    async with serving(http(status, "<html>", kind="text/html")) as service:
        calls = [
            page_call(service.url, PageRequest(ARTICLES, Place()), _one),
            item_call(service.url, ItemRequest(Kind.ARTICLE, 1), _one),
        ]
        for call in calls:
            with pytest.raises(ServiceError, match="blocks us"):
                await carried(service.url, call)


@pytest.mark.parametrize("status", [403, 404])
async def test_an_item_that_is_not_public_is_an_answer(status: int) -> None:
    said = http(status, {"message": "Entity not found", "code": "EntityNotFound"})
    async with serving(said) as service:
        item = item_call(service.url, ItemRequest(Kind.ARTICLE, 1), _one)
        (settled,) = await carried(service.url, item)
    assert (settled.reason, settled.answer.status) == ("", status)


async def test_a_refused_token_is_named_and_not_told() -> None:
    said = http(401, {"message": "Invalid or missing OAuth token", "code": "OAuthInvalidToken"})
    async with serving(said) as service:
        private = page_call(service.url, PageRequest(GROUPS, Place()), _one)
        with pytest.raises(ServiceError, match="refuses the token") as caught:
            await carried(service.url, private)
    assert "canary" not in str(caught.value)
    assert len(service.paths) == 1


@pytest.mark.parametrize("status", [200, 401, 403])
async def test_the_account_of_a_token_is_answered_whatever_the_status(status: int) -> None:
    async with serving(http(status, {"id": 2})) as service:
        (settled,) = await carried(service.url, account_call(service.url, _one))
    assert settled.answer.status == status


async def test_two_services_at_one_origin_share_pace_and_allowance() -> None:
    """Statistics and listings of the simulator: one host and port, one second between sends."""
    clock = FakeClock()
    origins = _origins(limit=3, clock=clock)
    async with serving(FINE, clock=clock) as service:
        for path in ("", "/v2"):
            settings = _settings(service.url + path, requests_per_second=1.0, concurrency=1)
            async with open_host_at(origins, settings) as host:
                first = host.origin
        async with open_host_at(origins, _settings(service.url)) as again:
            assert again.origin is first
            stop = Stop()
            call = ApiCall(f"{service.url}/x", _one, "total")
            await run_calls(iter([call] * 9), lambda each: each, again, keep=_drop, stop=stop)

    assert len(service.paths) == 3
    assert stop.why == "max_requests"
    assert set(origins.tallies) == {service.url}


async def _drop(_call: ApiCall, _settled: CallOutcome) -> None:
    """What came is not looked at."""


async def test_other_origins_have_a_pace_of_their_own_but_one_allowance() -> None:
    origins = _origins(limit=1)
    async with serving(FINE) as one, serving(FINE) as other:
        for service in (one, other):
            stop = Stop()
            async with open_host_at(origins, _settings(service.url)) as host:
                call = ApiCall(f"{service.url}/x", _one, "total")
                await run_calls(iter([call]), lambda each: each, host, keep=_drop, stop=stop)
    assert (len(one.paths), len(other.paths)) == (1, 0)
    assert len(origins.tallies) == 2


async def test_a_pause_is_remembered_for_its_origin() -> None:
    kept: dict[str, Pause | None] = {}
    clock = FakeClock()
    origins = Origins(clock, kept.__setitem__, lambda _name: None)

    def script(_path: str, seen: int) -> Said:
        return http(429, {}, "Retry-After: 5") if seen == 0 else PAGE

    async with serving(script) as service:
        call = page_call(service.url, PageRequest(ARTICLES, Place()), _one)
        (settled,) = await carried(service.url, call, origins=origins)
    assert settled.answer.status == 200
    assert kept == {service.url.removeprefix("http://"): None}
    assert 5.0 in clock.slept


@pytest.mark.parametrize("kind", [Kind.ARTICLE, Kind.COLLECTION])
def test_a_doi_is_asked_for_without_a_token(kind: Kind) -> None:
    call = doi_call("https://api.figshare.com/v2", kind, "10.1016/S0140-6736(05)&x", lambda _: 1)
    doi = "10.1016%2FS0140-6736%2805%29%26x"
    assert call.address == f"https://api.figshare.com/v2/{kind}s?doi={doi}"
    assert not call.needs_credentials


def test_a_group_has_no_doi() -> None:
    with pytest.raises(ValueError, match="no group has a DOI"):
        doi_call("https://api.figshare.com/v2", Kind.GROUP, "10.1/x", lambda _: 1)
