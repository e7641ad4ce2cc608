"""From one page of a listing to the next: a state machine that sends nothing.

Figshare's listings repeat entries and pages, show short pages, end differently from day to day,
forget cursors and refuse to go deep (API documentation read 2024-12 and 2026-07: depth 1,000,
5,000 or 9,000). So: an empty page ends a listing, or a second one in a row without an id that is
new to the walk (the first may be a page that came twice); a short page ends nothing; a refused
cursor means numbered pages; a refused number means that the rest is read in another walk, which
begins at the youngest day seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from harvester.model.dates import ONE_DAY
from harvester.model.listing import Listing, Place

# A service whose cursors are refused again and again has none that work.
MOST_REFUSALS = 3
MOST_STALE = 2
# Two million entries on full pages: more than any institution has, and all that memory should hold.
MOST_PAGES = 2_000
# A listing that lacks less of last time's items is what a month brings; one that lacks more is
# read again before it is believed.
LEAST_LOSS = 3
MOST_LOST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class PageRead:
    """What came for a page.

    Attributes:
        entries: how many stood on it, whatever is kept of them.
        fresh: those whose id had not come in this walk.
        oldest: the oldest day of publication among the fresh; None: none is known.
        newest: the youngest day of publication on it; likewise.
        cursor: leads to the page behind it; None: the service gave none.
    """

    entries: int
    fresh: int
    oldest: date | None = None
    newest: date | None = None
    cursor: str | None = None


class End(Enum):
    """Why there is no next page."""

    COMPLETE = "complete"
    REFUSED = "refused"  # the service does not take this query, or lists no further
    ENDLESS = "endless"  # it goes on and on


def next_place(listing: Listing, place: Place, read: PageRead) -> Place | End:
    """Where to go on after a page."""
    stale = 0 if read.fresh else place.stale + (not place.rereads)
    if not read.entries or stale >= MOST_STALE or not listing.is_paged:
        return End.COMPLETE
    if place.page >= MOST_PAGES:
        return End.ENDLESS
    return replace(
        place,
        page=place.page + 1,
        cursor=read.cursor if place.refusals < MOST_REFUSALS else None,
        rereads=False,
        stale=stale,
        newest=max(filter(None, (place.newest, read.newest)), default=None),
        is_ordered=place.is_ordered and not _is_out_of_order(place, read),
    )


def is_doubtful(before: int | None, now: int, missing: int) -> bool:
    """Whether a complete listing is one not to be believed at first sight.

    Args:
        before: how many ids it had the last time; None: it was never read.
        now: how many it has.
        missing: how many of those of the last time it lacks.
    """
    if not now:
        return before != 0
    return missing >= LEAST_LOSS and missing > MOST_LOST_SHARE * (before or 0)


def place_to_read_again(place: Place) -> Place:
    """The first page of the same listing, once more."""
    return Place(walk=place.walk + 1, refusals=place.refusals, again=True)


def place_after_refusal(listing: Listing, place: Place) -> Place | End:
    """Where to go on when the service refuses a page (422): a stale cursor, or too deep."""
    if place.cursor is not None:
        # What has moved since the last page may have slipped onto it: it is read once more.
        page = max(1, place.page - 1)
        return replace(place, page=page, cursor=None, rereads=True, refusals=place.refusals + 1)
    # What is not in the order of its days cannot be gone on with from a day.
    if place.page == 1 or place.newest is None or not place.is_ordered:
        return End.REFUSED
    return _next_walk(listing, place, place.newest)


def _is_out_of_order(place: Place, read: PageRead) -> bool:
    if place.page == 1 or place.newest is None or read.oldest is None:
        return False
    return read.oldest < place.newest


def _next_walk(listing: Listing, place: Place, newest: date) -> Place | End:
    """The walk from the youngest day seen, which was perhaps not read to its end."""
    before = place.sent_after(listing)
    walk = Place(
        walk=place.walk + 1,
        after=newest - ONE_DAY,
        refusals=place.refusals,
        newest=newest,
        holes=place.holes,
        again=place.again,
    )
    if before is None or newest - ONE_DAY > before:
        return walk
    # This walk began at that very day: more was published on it than can be walked through.
    if newest <= before:
        return End.REFUSED
    return replace(walk, after=newest, holes=(*place.holes, newest))
