"""The listings under `/v2`, with their limits and habits."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from harvester.simulator import ListingQuirks, SimulatorConfig, Truth, listed
from harvester.simulator.call import Answer, Call
from harvester.simulator.listings import Listings

PLAIN = ListingQuirks(duplicate_every=0, hole_every=0)
CONFIG = SimulatorConfig(seed=9, articles=250, token="canary", listings=PLAIN)
TRUTH = Truth(CONFIG)
TOKEN = {"authorization": "token canary"}


def send(
    target: str,
    *,
    truth: Truth = TRUTH,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    number: int = 1,
) -> Answer:
    return Listings(truth).answer(Call(method, target, body, headers or {}, number))


def got(target: str, **rest: Any) -> Any:
    answer = send(target, **rest)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def all_pages(truth: Truth, size: int, *, by: str) -> list[list[int]]:
    """The ids of every page up to the first empty one, or to 50."""
    pages: list[list[int]] = []
    headers: dict[str, str] = {}
    for number in range(1, 50):
        paging = f"&page={number}" if by == "page" else ""
        paging = f"&offset={(number - 1) * size}&limit={size}" if by == "offset" else paging
        target = f"/v2/articles?institution=2&page_size={size}{paging}"
        answer = send(target, truth=truth, headers=headers, number=number)
        pages.append([entry["id"] for entry in json.loads(answer.body)])
        if not pages[-1]:
            break
        if by == "cursor":
            headers = {"x-cursor": answer.headers["X-Cursor"]}
    return pages


def quirked(**quirks: Any) -> Truth:
    return TRUTH.under(replace(CONFIG, listings=replace(PLAIN, **quirks)))


@pytest.mark.parametrize("by", ["page", "offset", "cursor"])
@pytest.mark.parametrize("kind", ["plain", "with habits"])
def test_every_article_is_listed(by: str, kind: str) -> None:
    """All ways through a listing bring every public id, however often."""
    truth = TRUTH if kind == "plain" else quirked(duplicate_every=7, hole_every=11)
    pages = all_pages(truth, 30, by=by)
    counts = Counter(number for page in pages for number in page)

    assert set(counts) == set(truth.ids("article"))
    assert (max(counts.values()) > 1) == (kind != "plain")
    shorts = [page for page in pages[:-2] if len(page) < 30]
    assert bool(shorts) == (kind != "plain")


def test_the_end_may_be_the_last_page_again() -> None:
    pages = all_pages(quirked(repeats_last_page=True), 100, by="cursor")
    assert len(pages) == 49
    assert {number for page in pages for number in page} == set(TRUTH.ids("article"))


def test_an_entry_has_the_documented_fields() -> None:
    entry = got("/v2/articles?page_size=1&order=published_date&order_direction=asc")[0]
    fact = next(one for one in listed(TRUTH, "article") if one.id == entry["id"])
    assert entry["title"] == fact.title
    assert entry["defined_type"] in range(30)
    assert entry["defined_type_name"] == fact.defined_type_name
    assert entry["published_date"] == f"{fact.published_date}T12:34:56Z"
    assert set(entry) >= {
        "id", "title", "doi", "handle", "url", "published_date", "defined_type",
        "defined_type_name", "group_id", "url_public_html", "timeline",
    }  # fmt: skip
    one = got(f"/v2/articles/{entry['id']}")
    assert entry.items() <= one.items()
    assert len(one) > len(entry)


def test_some_entries_name_no_first_online() -> None:
    entries = got("/v2/articles?page_size=1000")
    silent = [entry for entry in entries if "firstOnline" not in entry["timeline"]]
    assert 0 < len(silent) < len(entries) / 4


@pytest.mark.parametrize(
    ("habit", "first_online", "published"),
    [
        pytest.param("edited_first_online_every", "later", "same", id="first online alone"),
        pytest.param("redated_every", "later", "not before", id="all dates"),
        pytest.param("backdated_every", "earlier", "earlier", id="all dates, into the past"),
    ],
)
def test_dates_can_be_edited_and_statistics_stay(
    habit: str, first_online: str, published: str
) -> None:
    """Every third item; the others keep theirs."""
    edited = TRUTH.under(TRUTH.config.patched({"listings": {habit: 3}}))
    assert edited.ids("article") == TRUTH.ids("article")
    for kind in ("article", "collection", "project"):
        for fact, was in zip(listed(edited, kind), listed(TRUTH, kind), strict=True):
            if fact.id % 3:
                assert fact == was
            if fact.id % 3 or not was.first_online or not was.published_date:
                continue
            assert fact.first_online
            assert fact.published_date
            assert _moved(fact.first_online, was.first_online) == first_online
            moved = _moved(fact.published_date, was.published_date)
            assert moved == published or (published == "not before" and moved != "earlier")
            assert fact.first_online <= TRUTH.config.today
            first = edited.first_online(kind, fact.id)
            assert first == TRUTH.first_online(kind, fact.id)


def _moved(day: date, was: date) -> str:
    return "same" if day == was else "later" if day > was else "earlier"


def test_some_titles_are_hostile() -> None:
    titles = " ".join(fact.title for fact in listed(TRUTH, "article"))
    for sign in ("=HYPERLINK(", "<script>", "\u202e", "\x1b["):
        assert sign in titles
    assert max(len(fact.title) for fact in listed(TRUTH, "article")) > 1000


def test_each_filter_lists_what_it_names() -> None:
    public = [fact for fact in listed(TRUTH, "article") if fact.is_public]
    group = Counter(fact.group_id for fact in public).most_common(1)[0][0]
    day = sorted(fact.published_date for fact in public if fact.published_date)[100]
    wanted = {
        "institution=2": {fact.id for fact in public},
        "institution=3": set(),
        f"group={group}": {fact.id for fact in public if fact.group_id == group},
        "item_type=3": {fact.id for fact in public if fact.item_type == 3},
        # "Published since" is documented as after the date.
        f"published_since={day}": {
            fact.id for fact in public if fact.published_date and fact.published_date > day
        },
    }
    for query, ids in wanted.items():
        assert {entry["id"] for entry in got(f"/v2/articles?page_size=1000&{query}")} == ids
    counted = TRUTH.count_articles([group])[group]
    assert counted == len(wanted[f"group={group}"])


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0",
        "page_size=1001",
        "page=0",
        "page=x",
        "offset=-1",
        "offset=9000",
        "page_size=1000&page=10",
        "published_since=yesterday",
    ],
)
def test_bad_and_deep_pages_are_refused(query: str) -> None:
    answer = send(f"/v2/articles?{query}")
    assert answer.status == 422
    assert set(json.loads(answer.body)) == {"message", "code"}


@pytest.mark.parametrize("depth", [1000, 5000])
def test_the_depth_of_paging_can_be_configured(depth: int) -> None:
    truth = quirked(depth=depth)
    assert send(f"/v2/articles?page_size=100&offset={depth - 100}", truth=truth).status == 200
    assert send(f"/v2/articles?page_size=100&offset={depth}", truth=truth).status == 422


def test_cursors_grow_old_and_belong_to_a_query() -> None:
    truth = quirked(cursor_lifetime=5)
    cursor = {"x-cursor": send("/v2/articles", truth=truth, number=1).headers["X-Cursor"]}
    for number, status in ((6, 200), (7, 422)):
        found = send("/v2/articles", truth=truth, headers=cursor, number=number)
        assert found.status == status
    assert send("/v2/articles?group=5", truth=truth, headers=cursor).status == 422
    assert send("/v2/articles?offset=5", truth=truth, headers=cursor).status == 422
    assert send("/v2/articles", headers={"x-cursor": "garbage"}).status == 422
    assert "X-Cursor" not in send("/v2/articles", truth=quirked(cursors=False)).headers


def test_a_page_that_did_not_change_is_not_sent_again() -> None:
    target = "/v2/articles?page_size=50"
    first = send(target)
    again = send(target, headers={"if-none-match": first.headers["ETag"]})
    later = TRUTH.at(TRUTH.config.first_from)
    changed = send(target, truth=later, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert changed.status == 200


@pytest.mark.parametrize(
    ("authorization", "is_permitted", "status"),
    [
        (None, True, 401),
        ("token wrong", True, 401),
        ("Basic Y2FuYXJ5", True, 401),
        ("token canary", False, 403),
        ("token canary", True, 200),
    ],
)
@pytest.mark.parametrize("path", ["", "/articles", "/groups", "/accounts"])
def test_private_listings_want_the_token(
    authorization: str | None, path: str, status: int, *, is_permitted: bool
) -> None:
    truth = TRUTH.under(replace(CONFIG, token_is_permitted=is_permitted))
    headers = {"authorization": authorization} if authorization else {}
    assert send(f"/v2/account/institution{path}", truth=truth, headers=headers).status == status


def test_without_a_token_in_the_config_any_will_do() -> None:
    truth = TRUTH.under(replace(CONFIG, token=None))
    path = "/v2/account/institution"
    assert send(path, truth=truth, headers=TOKEN).status == 200
    assert send(path, truth=truth).status == 401


def test_the_institution_lists_what_is_not_public() -> None:
    """Drafts have no date; what is withdrawn has one, but no public address."""
    entries = got("/v2/account/institution/articles?page_size=1000", headers=TOKEN)
    public = {entry["id"] for entry in entries if entry["url_public_html"]}
    drafts = [entry for entry in entries if entry["published_date"] is None]
    withdrawn = {
        entry["id"] for entry in entries if entry["published_date"] and not entry["url_public_html"]
    }
    assert public == set(TRUTH.ids("article"))
    assert drafts
    assert withdrawn
    for number in [*withdrawn, *(entry["id"] for entry in drafts), 12]:
        assert send(f"/v2/articles/{number}").status == 404


def test_groups_are_a_tree_and_accounts_have_user_ids() -> None:
    groups = got("/v2/account/institution/groups", headers=TOKEN)
    accounts = got("/v2/account/institution/accounts?page_size=1000", headers=TOKEN)
    ids = {group["id"] for group in groups}
    assert ids == set(TRUTH.ids("group"))
    assert [group["parent_id"] for group in groups].count(0) == 1
    assert {group["parent_id"] for group in groups} <= ids | {0}
    assert {account["user_id"] for account in accounts} == set(TRUTH.ids("author"))
    assert all(account["id"] != account["user_id"] for account in accounts)
    institution = got("/v2/account/institution", headers=TOKEN)
    assert institution["id"] == 2
    assert "demo" not in institution.values()


@pytest.mark.parametrize("kind", ["collection", "project"])
def test_collections_and_projects_are_all_listed(kind: str) -> None:
    entries = got(f"/v2/{kind}s?institution=2&page_size=100")
    assert {entry["id"] for entry in entries} == set(TRUTH.ids(kind))


def test_a_search_pages_in_its_body() -> None:
    """Paging in the URL beside a body is ignored; `:posted_before:` is exclusive."""
    facts = [fact for fact in listed(TRUTH, "article") if fact.is_public and fact.published_date]
    day = sorted(str(fact.published_date) for fact in facts)[120]
    before = {fact.id for fact in facts if str(fact.published_date) < day}
    body = {"institution": 2, "search_for": f":posted_before: {day}"}

    in_url = got("/v2/articles/search?page_size=500", body=json.dumps(body).encode(), method="POST")
    wide = json.dumps({**body, "page_size": 1000}).encode()
    found = got("/v2/articles/search", body=wide, method="POST")
    assert len(in_url) == 10
    assert {entry["id"] for entry in found} == before
    assert send("/v2/articles/search", body=b"[]", method="POST").status == 422


@pytest.mark.parametrize("path", ["/v2/", "/v2/things", "/v2/articles/1/files", "/v2/account"])
def test_unknown_paths_are_404(path: str) -> None:
    assert send(path, headers=TOKEN).status == 404


def test_items_are_listed_by_their_doi_in_any_case() -> None:
    truth = quirked(hexadecimal_doi_every=2, shared_doi_every=3)
    public = [each for each in listed(truth, "article") if each.is_public]
    shared = {each.id for each in public if each.id % 3 == 0}
    hexadecimal = next(each for each in public if each.doi.startswith("10.26180/5"))
    assert str(hexadecimal.id) not in hexadecimal.doi
    for doi, ids in (
        (hexadecimal.doi.upper(), {hexadecimal.id}),
        ("10.1234/shared.1", shared),
        ("10.1177/1094428121999096", set()),
    ):
        answer = send(f"/v2/articles?page_size=1000&doi={doi}", truth=truth)
        assert {each["id"] for each in json.loads(answer.body)} == ids
