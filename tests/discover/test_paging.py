"""The pager against every habit of a listing: all that is listed is met, and it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.discover.paging import (
    MOST_PAGES,
    MOST_REFUSALS,
    End,
    PageRead,
    is_doubtful,
    next_place,
    place_after_refusal,
)
from harvester.model.listing import Listing, Place
from harvester.model.terms import Kind
from tests.support.thorough import examples

ARTICLES = Listing(Kind.ARTICLE, 2)
ACCOUNTS = Listing(Kind.AUTHOR, 2)
GROUPS = Listing(Kind.GROUP, 2)
DAY = date(2020, 1, 31)
NOON = date(2020, 2, 1)


@pytest.mark.parametrize(
    ("place", "read", "following"),
    [
        pytest.param(Place(), PageRead(0, 0), End.COMPLETE, id="an empty page is the end"),
        pytest.param(Place(), PageRead(9, 0), Place(page=2, stale=1), id="a page may come twice"),
        pytest.param(
            Place(page=2, stale=1), PageRead(9, 0), End.COMPLETE, id="but not without end"
        ),
        pytest.param(
            Place(page=2, stale=1), PageRead(9, 1), Place(page=3), id="a new id: it goes on"
        ),
        pytest.param(Place(), PageRead(1, 1), Place(page=2), id="a short page is not"),
        pytest.param(
            Place(page=MOST_PAGES), PageRead(9, 9), End.ENDLESS, id="more than anybody has"
        ),
        pytest.param(
            Place(rereads=True, page=4), PageRead(9, 0), Place(page=5), id="nor one read again"
        ),
        pytest.param(
            Place(), PageRead(9, 9, cursor="c"), Place(page=2, cursor="c"), id="by cursor"
        ),
        pytest.param(
            Place(page=2, cursor="c"), PageRead(9, 1), Place(page=3), id="no cursor: by number"
        ),
        pytest.param(
            Place(refusals=MOST_REFUSALS),
            PageRead(9, 9, cursor="c"),
            Place(page=2, refusals=MOST_REFUSALS),
            id="cursors that never work are not used any more",
        ),
        pytest.param(
            Place(page=2, newest=NOON),
            PageRead(9, 9, DAY, DAY),
            Place(page=3, newest=NOON, is_ordered=False),
            id="days that go back are noticed",
        ),
    ],
)
def test_the_next_place_follows_from_the_place_and_its_page(
    place: Place, read: PageRead, following: Place | End
) -> None:
    assert next_place(ARTICLES, place, read) == following


@pytest.mark.parametrize(
    ("place", "following"),
    [
        pytest.param(
            Place(page=7, cursor="old"),
            Place(page=6, rereads=True, refusals=1),
            id="a cursor that expired: the page before it, by number",
        ),
        pytest.param(Place(), End.REFUSED, id="the first page: the values are wrong"),
        pytest.param(
            Place(page=10, newest=NOON),
            Place(walk=2, after=DAY, newest=NOON),
            id="too deep: from the youngest day, which may not be whole",
        ),
        pytest.param(
            Place(walk=2, after=DAY, page=10, newest=NOON),
            Place(walk=3, after=NOON, newest=NOON, holes=(NOON,)),
            id="a day that holds more than can be walked: told, and gone on behind it",
        ),
        pytest.param(
            Place(walk=3, after=NOON, page=10, newest=NOON, holes=(NOON,)),
            End.REFUSED,
            id="a service that does not heed the day",
        ),
        pytest.param(Place(page=10), End.REFUSED, id="no day is known to go on from"),
        pytest.param(
            Place(page=10, newest=NOON, is_ordered=False), End.REFUSED, id="nor is there an order"
        ),
    ],
)
def test_a_refused_page_is_followed_by_another_way_or_the_end(
    place: Place, following: Place | End
) -> None:
    assert place_after_refusal(ARTICLES, place) == following


@pytest.mark.parametrize(
    ("before", "now", "missing", "doubtful"),
    [
        pytest.param(10, 0, 10, True, id="empty where there were some"),
        pytest.param(1, 0, 1, True, id="empty where there was one"),
        pytest.param(0, 0, 0, False, id="empty as it was"),
        pytest.param(None, 0, 0, True, id="empty, and never read before"),
        pytest.param(None, 5, 0, False, id="never read before"),
        pytest.param(10, 8, 2, False, id="two are what a month brings"),
        pytest.param(10, 7, 3, True, id="three of ten"),
        pytest.param(60, 57, 3, False, id="three of sixty: five in a hundred"),
        pytest.param(59, 56, 3, True, id="three of fifty-nine: more"),
        pytest.param(1000, 1000, 51, True, id="as many came as went"),
        pytest.param(1000, 950, 50, False, id="five in a hundred of a thousand"),
    ],
)
def test_a_listing_that_lost_much_at_once_is_doubted(
    before: int | None, now: int, missing: int, *, doubtful: bool
) -> None:
    assert is_doubtful(before, now, missing) is doubtful


def test_groups_are_one_page() -> None:
    assert next_place(GROUPS, Place(), PageRead(60, 60, cursor="c")) is End.COMPLETE


def test_published_since_is_inclusive_here_and_exclusive_there() -> None:
    listing = Listing(Kind.ARTICLE, 2, published_since=NOON)
    assert Place().sent_after(listing) == DAY
    # The same day again is no progress: it would be the same walk for ever.
    stuck = place_after_refusal(listing, Place(page=10, newest=NOON))
    assert stuck == Place(walk=2, after=NOON, newest=NOON, holes=(NOON,))


@dataclass
class Fake:
    """A listing with habits; nothing of ours is in it but the types of its questions."""

    entries: Sequence[tuple[int, date]]
    size: int
    depth: int
    has_cursors: bool
    lifetime: int
    repeats_last: bool
    asked: int = 0
    cursors: dict[str, tuple[date | None, int, int]] = field(default_factory=dict)

    def page(self, listing: Listing, place: Place) -> list[tuple[int, date]] | None:
        """None: 422."""
        self.asked += 1
        after = place.sent_after(listing)
        sequence = [each for each in self.entries if after is None or each[1] > after]
        if place.cursor is not None:
            for_after, offset, given = self.cursors[place.cursor]
            if for_after != after or self.asked - given > self.lifetime:
                return None
        else:
            offset = (place.page - 1) * self.size
            if offset and offset + self.size > self.depth:
                return None
        if self.repeats_last and offset >= len(sequence) > 0:
            offset = (len(sequence) - 1) // self.size * self.size
        self.offset = offset
        return sequence[offset : offset + self.size]

    def cursor(self, listing: Listing, place: Place) -> str | None:
        if not self.has_cursors:
            return None
        name = f"c{len(self.cursors)}"
        after = place.sent_after(listing)
        self.cursors[name] = (after, self.offset + self.size, self.asked)
        return name


def read_all(service: Fake, listing: Listing, most: int) -> tuple[set[int], Place]:
    """Everything that the pager meets, and where it was at the end."""
    place, met, found, walk = Place(), set[int](), set[int](), 1
    for _ in range(most):
        if place.walk != walk:
            walk, met = place.walk, set()
        page = service.page(listing, place)
        if page is None:
            following = place_after_refusal(listing, place)
        else:
            fresh = {number: day for number, day in page if number not in met}
            read = PageRead(
                len(page),
                len(fresh),
                min(fresh.values(), default=None),
                max((day for _, day in page), default=None),
                service.cursor(listing, place),
            )
            met |= fresh.keys()
            found |= fresh.keys()
            following = next_place(listing, place, read)
        if following is End.COMPLETE:
            return found, place
        assert isinstance(following, Place), f"refused at {place}"
        place = following
    raise AssertionError("the listing does not end")


@st.composite
def services(draw: st.DrawFn) -> Fake:
    """A listing in the order of its days, with entries that come twice."""
    size = draw(st.integers(1, 6))
    # No more of one day than fits into one walk.
    per_day = draw(st.integers(1, max(1, size)))
    count = draw(st.integers(0, 60))
    entries = [(number, DAY + timedelta(days=number // per_day)) for number in range(1, count + 1)]
    for at in sorted(draw(st.sets(st.integers(0, max(0, count - 1)), max_size=8)), reverse=True):
        if at < len(entries):
            entries.insert(at, entries[at])
    return Fake(
        entries,
        size,
        # Room for a whole day and what is read again of the one before.
        depth=draw(st.integers(6, 12)) * size,
        has_cursors=draw(st.booleans()),
        lifetime=draw(st.integers(0, 5)),
        repeats_last=draw(st.booleans()),
    )


@settings(max_examples=examples(500))
@given(services())
def test_every_id_is_met_whatever_the_listings_habits(service: Fake) -> None:
    everything = {number for number, _ in service.entries}
    found, place = read_all(service, ARTICLES, most=400)
    assert found == everything
    assert place.holes == ()


def test_a_listing_without_days_ends_where_it_cannot_go_on() -> None:
    service = Fake([(n, DAY) for n in range(1, 30)], 5, 100, False, 0, False)
    found, _ = read_all(service, ACCOUNTS, most=20)
    assert found == set(range(1, 30))


def test_a_day_too_large_is_named_and_all_other_days_are_read() -> None:
    days = [DAY] * 5 + [NOON] * 40 + [NOON + timedelta(days=n) for n in range(1, 20)]
    service = Fake(list(enumerate(days, 1)), 5, 20, False, 0, False)
    found, place = read_all(service, ARTICLES, most=100)
    assert place.holes == (NOON,)
    assert set(range(1, 6)) <= found
    assert set(range(46, 65)) <= found
