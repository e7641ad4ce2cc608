"""Listings in the ledger: a page and what follows it are one, and who vanishes stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from harvester.ledger.ledger import Ledger
from harvester.ledger.listings import KnownPage, PageKept
from harvester.ledger.metadata import ItemOutcome
from harvester.ledger.migrations import APPLICATION_ID, STEPS
from harvester.model.dates import epoch_day
from harvester.model.entity import Entity
from harvester.model.listing import ItemRequest, Listing, Place
from harvester.model.terms import Kind

AT = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
FIRST, LATER = date(2026, 11, 23), date(2026, 12, 23)
ARTICLES = Listing(Kind.ARTICLE, 2)
DAY = date(2020, 2, 29)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def article(number: int, group: int = 5) -> Entity:
    return Entity(
        Kind.ARTICLE,
        number,
        title=f"No. {number}",
        group_id=group,
        published_date=DAY,
        first_online=DAY,
    )


def kept(place: Place, *ids: int, etag: str | None = None) -> PageKept:
    return PageKept(place, ids, ids, [article(number) for number in ids], etag, AT)


def listed(ledger: Ledger, snapshot: date, *ids: int, holes: tuple[date, ...] = ()) -> None:
    """A whole reading on one page."""
    reading = ledger.listings.begin(ARTICLES, snapshot)
    ledger.listings.keep(ARTICLES, reading, kept(Place(holes=holes), *ids), None)


def test_a_listing_goes_on_at_the_page_where_it_was(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    reading = ledger.listings.begin(ARTICLES, FIRST)
    following = Place(
        walk=2, after=DAY, page=3, cursor="c\u00e9", newest=DAY, stale=1, holes=(DAY,)
    )
    assert ledger.listings.keep(ARTICLES, reading, kept(Place(), 1, 2), following) == 2
    ledger.close()

    again = Ledger(tmp_path / "ledger.sqlite")
    found = again.listings.begin(ARTICLES, FIRST)
    assert (found.place, found.pages, found.listed) == (following, 1, 2)
    assert again.listings.met(found, 1) == {1, 2}
    assert again.listings.met(found, 2) == set()
    again.close()


def test_a_page_without_what_follows_it_is_not_kept(ledger: Ledger) -> None:
    """Kept alone, it would be read again, have nothing new, and look like the end."""
    reading = ledger.listings.begin(ARTICLES, FIRST)
    cannot_be_written = replace(Place(), cursor="\ud800")
    with pytest.raises(Exception, match=r"surrogate|UTF-8|str"):
        ledger.listings.keep(ARTICLES, reading, kept(Place(), 1), cannot_be_written)
    assert ledger.listings.met(reading, 1) == set()
    assert ledger.entities.ids(Kind.ARTICLE) == []


def test_an_id_on_two_pages_is_listed_once(ledger: Ledger) -> None:
    reading = ledger.listings.begin(ARTICLES, FIRST)
    ledger.listings.keep(ARTICLES, reading, kept(Place(), 1, 2, 2), Place(page=2))
    ledger.listings.keep(ARTICLES, reading, kept(Place(page=2), 2, 3), None)
    assert ledger.listings.ids(reading) == [1, 2, 3]


def test_an_item_that_vanished_stays_and_is_marked(ledger: Ledger) -> None:
    listed(ledger, FIRST, 1, 2)
    ledger.entities.enter(Kind.ARTICLE, [(1, "discover"), (2, "discover"), (9, "ids")])
    listed(ledger, LATER, 2, 3)
    lines = {line.entity.id: line for line in ledger.entities.lines(Kind.ARTICLE)}
    assert {number: line.is_listed for number, line in lines.items()} == {
        1: False, 2: True, 3: True, 9: False
    }  # fmt: skip
    assert {number: line.last_listed for number, line in lines.items()} == {
        1: FIRST, 2: LATER, 3: LATER, 9: None
    }  # fmt: skip
    assert lines[1].entity.title == "No. 1"
    assert (lines[9].entity, lines[9].source) == (Entity(Kind.ARTICLE, 9), "ids")
    assert lines[9].harvested_at is None
    assert lines[1].harvested_at == AT


def test_a_listing_with_a_hole_says_of_nobody_that_it_vanished(ledger: Ledger) -> None:
    listed(ledger, FIRST, 1, 2)
    listed(ledger, LATER, 2, holes=(DAY,))
    assert [line.is_listed for line in ledger.entities.lines(Kind.ARTICLE)] == [True, True]


def test_a_listing_that_is_not_complete_says_nothing(ledger: Ledger) -> None:
    listed(ledger, FIRST, 1, 2)
    reading = ledger.listings.begin(ARTICLES, LATER)
    ledger.listings.keep(ARTICLES, reading, kept(Place(), 2), Place(page=2))
    assert [line.is_listed for line in ledger.entities.lines(Kind.ARTICLE)] == [True, True]
    latest = ledger.listings.latest(ARTICLES)
    assert latest
    assert (latest.snapshot, ledger.listings.ids(latest)) == (FIRST, [1, 2])


def test_only_the_latest_reading_keeps_its_ids(ledger: Ledger) -> None:
    listed(ledger, FIRST, 1, 2)
    listed(ledger, LATER, 2, 3)
    old = ledger.listings.of(ARTICLES, FIRST)
    assert old
    assert (old.is_complete, ledger.listings.ids(old)) == (True, [])


def test_a_page_is_remembered_by_its_query_and_number(ledger: Ledger) -> None:
    reading = ledger.listings.begin(ARTICLES, FIRST)
    place = Place(page=2, cursor="any")
    ledger.listings.keep(ARTICLES, reading, kept(place, 1, 2, etag='"a"'), Place(page=3))
    known = KnownPage('"a"', [1, 2], [1, 2], DAY, DAY)
    assert ledger.listings.known_page(ARTICLES, Place(page=2, cursor="another")) == known
    assert ledger.listings.known_page(ARTICLES, Place(page=3)) is None
    assert ledger.listings.known_page(ARTICLES, Place(page=2, after=DAY)) is None
    assert ledger.listings.known_page(Listing(Kind.ARTICLE, 2, 17), place) is None
    ledger.listings.keep(ARTICLES, reading, kept(place, 1), Place(page=3))
    assert ledger.listings.known_page(ARTICLES, place) is None


def test_the_parent_of_an_article_is_that_of_its_group(ledger: Ledger) -> None:
    listed(ledger, FIRST, 1)
    groups = Listing(Kind.GROUP, 2)
    reading = ledger.listings.begin(groups, FIRST)
    tree = [Entity(Kind.GROUP, 4, title="All"), Entity(Kind.GROUP, 5, title="Arts", parent_id=4)]
    page = PageKept(Place(), (4, 5), (4, 5), tree, None, AT)
    ledger.listings.keep(groups, reading, page, None)
    (line,) = ledger.entities.lines(Kind.ARTICLE)
    assert (line.entity.group_id, line.entity.parent_id) == (5, 4)
    assert [each.entity.parent_id for each in ledger.entities.lines(Kind.GROUP)] == [None, 4]


def test_listed_items_tell_the_planner_when_they_came_online(ledger: Ledger) -> None:
    ledger.entities.read_dates_from(AT)
    listed(ledger, FIRST, 3, 1)
    ledger.entities.enter(Kind.ARTICLE, [(7, "ids")])
    assert [*ledger.entities.dated(Kind.ARTICLE)] == [(1, epoch_day(DAY)), (3, epoch_day(DAY))]
    assert ledger.entities.ids(Kind.ARTICLE) == [1, 3, 7]
    assert not [*ledger.entities.dated(Kind.GROUP)]


def test_dates_that_an_older_version_read_are_no_evidence_until_they_are_read_anew(
    ledger: Ledger,
) -> None:
    """They stay in entities/; pages that have not changed are forgotten, or would never tell."""
    first = ledger.listings.begin(ARTICLES, FIRST)
    ledger.listings.keep(ARTICLES, first, kept(Place(), 1, 2, etag='"a"'), None)
    assert not [*ledger.entities.dated(Kind.ARTICLE)], "whoever reads only, too"

    ledger.entities.read_dates_from(AT + timedelta(days=30))
    assert ledger.listings.known_page(ARTICLES, Place()) is None
    assert not [*ledger.entities.dated(Kind.ARTICLE)]
    assert {each.entity.first_online for each in ledger.entities.lines(Kind.ARTICLE)} == {DAY}

    later = ledger.listings.begin(ARTICLES, LATER)
    page = replace(kept(Place(), 2, etag='"b"'), at=AT + timedelta(days=30))
    ledger.listings.keep(ARTICLES, later, page, None)
    assert [*ledger.entities.dated(Kind.ARTICLE)] == [(2, epoch_day(DAY))]
    ledger.entities.read_dates_from(AT + timedelta(days=60))
    assert ledger.listings.known_page(ARTICLES, Place()) is not None, "once for a ledger"
    assert [*ledger.entities.dated(Kind.ARTICLE)] == [(2, epoch_day(DAY))]


def test_listed_articles_are_held_against_the_services_counts(ledger: Ledger) -> None:
    listed(ledger, FIRST, 1, 2, 3)
    reading = ledger.listings.begin(ARTICLES, FIRST)
    assert ledger.group_counts.articles_by_group(reading) == {5: 3}
    ledger.group_counts.keep(reading, {5: 3, 6: 0}, {5: 4, 6: 0})
    assert ledger.group_counts.differences(reading) == [(5, 3, 4)]
    found = ledger.listings.begin(ARTICLES, FIRST)
    assert (found.compared, found.complaint) == (True, "")


def test_items_have_outcomes_and_failures_can_be_put_back(ledger: Ledger) -> None:
    ledger.entities.enter(Kind.ARTICLE, [(number, "ids") for number in (1, 2, 3, 4)])
    asked = ItemRequest(Kind.ARTICLE, 1)
    done = ItemOutcome(asked, article(1), "", "", 200, 1, AT)
    absent = ItemOutcome(ItemRequest(Kind.ARTICLE, 2), None, "", "", 404, 1, AT)
    failed = ItemOutcome(ItemRequest(Kind.ARTICLE, 3), None, "shape", "no item", 200, 6, AT)
    ledger.metadata.keep(1, [done, absent, failed])
    assert ledger.metadata.tally(1) == {"done": 1, "absent": 1, "failed": 1}
    assert ledger.metadata.absent(1, 9) == [("article", 2)]
    assert ledger.metadata.failures(1) == [("article", 3, "shape", "no item", 200, 6)]
    assert ledger.entities.without_metadata(Kind.ARTICLE, [1, 2, 3, 4]) == [2, 3, 4]
    assert ledger.metadata.forget_failures(1, "other") == 0
    assert ledger.metadata.forget_failures(1, None) == 1
    assert ledger.metadata.asked(1, Kind.ARTICLE) == {1, 2}


def test_a_ledger_of_the_first_version_is_brought_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.executescript(f"BEGIN;{STEPS[0]};PRAGMA user_version = 1;COMMIT;")
        db.execute(
            "INSERT INTO run VALUES (1, '2026-11-23.1', 20780, 'unfinished', '{}', '[]', '{}',"
            " 3, 5, 0, NULL)"
        )
    ledger = Ledger(path)
    run = ledger.runs.latest()
    assert run
    assert not run.gathers
    listed(ledger, FIRST, 1)
    assert ledger.entities.ids(Kind.ARTICLE) == [1]
    ledger.close()
