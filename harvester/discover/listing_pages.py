"""One listing, page after page: what `fetch` asks next depends on what came last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import anyio.to_thread

from harvester.discover.entries import ListingPage, message_of, read_listing_page
from harvester.discover.paging import End, PageRead, next_place, place_after_refusal
from harvester.errors import ServiceError
from harvester.fetch.call import ApiCall
from harvester.fetch.listing_calls import CURSOR, ETAG, NOT_MODIFIED, REFUSED, page_call
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome
from harvester.ledger.listings import KnownPage, Listings, ListingScan, PageKept
from harvester.model.listing import Listing, PageRequest, Place


class ListingReader:
    """Reads one listing page by page: the next request depends on the last reply.

    Attributes:
        listed: how many ids it has so far.
        problem: why the listing cannot go on; None: it can, or is complete.
    """

    def __init__(self, listings: Listings, listing: Listing, scan: ListingScan, url: str) -> None:
        self._listings = listings
        self._listing = listing
        self._reading = scan
        self._url = url
        self._place = scan.place
        self._met = listings.met(scan, scan.place.walk) if scan.place else set[int]()
        self._known: KnownPage | None = None
        self.listed = scan.listed
        self.read = scan.pages
        self.problem: ServiceError | None = None

    def requests(self) -> Iterator[PageRequest]:
        """A page at a time; each only after the one before was kept."""
        while self._place is not None and self.problem is None:
            self._known = self._listings.known_page(self._listing, self._place)
            etag = self._known.etag if self._known else None
            yield PageRequest(self._listing, self._place, etag)

    def call(self, request: PageRequest) -> ApiCall:
        """How a page is asked for and judged."""
        return page_call(self._url, request, self._entries)

    async def keep(self, request: PageRequest, settled: CallOutcome) -> None:
        """Make a page durable, and find out where to go on."""
        if settled.reason:
            self.problem = self._given_up(request.place, settled.sentence)
        elif settled.answer.status == REFUSED:
            await self._refused(request.place, settled.answer)
        else:
            await self._came(request.place, settled)

    def _entries(self, answer: Response) -> int:
        """How many entries an answer has; raises ParseError when it is no page."""
        if answer.status != 200:
            return 0
        return len(read_listing_page(self._listing, answer.body).ids)

    async def _came(self, place: Place, settled: CallOutcome) -> None:
        answer = settled.answer
        if answer.status == NOT_MODIFIED and self._known:
            known = self._known
            page = PageKept(place, known.ids, known.kept, (), known.etag, settled.at)
            days = (known.oldest, known.newest)
            fresh = set(known.ids) - self._met
        else:
            sheet = read_listing_page(self._listing, answer.body)
            fresh = set(sheet.ids) - self._met
            days = (_oldest(sheet, fresh), sheet.newest)
            kept = [each.id for each in sheet.entities]
            etag = answer.headers.get(ETAG)
            page = PageKept(place, sheet.ids, kept, sheet.entities, etag, settled.at)
        read = PageRead(len(page.ids), len(fresh), *days, answer.headers.get(CURSOR))
        following = next_place(self._listing, place, read)
        onward = None if isinstance(following, End) else following
        keep = partial(self._listings.keep, self._listing, self._reading, page, onward)
        self.listed = await anyio.to_thread.run_sync(keep)
        self.read += 1
        self._met.update(fresh)
        self._place = onward

    async def _refused(self, place: Place, answer: Response) -> None:
        following = place_after_refusal(self._listing, place)
        if isinstance(following, End):
            self.problem = self._too_deep(place, message_of(answer.body))
            return
        await anyio.to_thread.run_sync(self._listings.move, self._reading, following)
        if following.walk != place.walk:
            self._met = set()
        self._place = following

    def _given_up(self, place: Place, sentence: str) -> ServiceError:
        return ServiceError(
            f"the listing of {self._listing.kind.value}s stops at page {place.page}: {sentence}",
            where=self._url,
            fix="run the same command again: it goes on at this page, all others are kept",
        )

    def _too_deep(self, place: Place, said: str) -> ServiceError:
        what = f"{self._listing.kind.value}s"
        if place.page == 1:
            return ServiceError(
                f"Figshare does not take this listing of {what}: {said}",
                where=f"{self._url}, {self._listing.key}",
                fix="see whether source.institution_id and the filters of `discover` exist",
            )
        return ServiceError(
            f"Figshare lists no more {what} behind page {place.page}, and they do not come in "
            f"the order of their dates, to go on from there: {said}",
            where=f"{self._url}, {self._listing.key}",
            fix="narrow `discover` by `group` or `published_since`, or give the ids in a file",
        )


def _oldest(sheet: ListingPage, fresh: set[int]) -> date | None:
    days = (
        each.published_date for each in sheet.entities if each.published_date and each.id in fresh
    )
    return min(days, default=None)
