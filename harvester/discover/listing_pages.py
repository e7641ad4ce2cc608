"""One listing, page after page: what `fetch` asks next depends on what came last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

import anyio.to_thread

from harvester.discover.entries import ListingPage, message_of, read_listing_page
from harvester.discover.paging import (
    MOST_PAGES,
    End,
    PageRead,
    is_doubtful,
    next_place,
    place_after_refusal,
    place_to_read_again,
)
from harvester.errors import ServiceError
from harvester.fetch.call import ApiCall
from harvester.fetch.listing_calls import CURSOR, ETAG, NOT_MODIFIED, REFUSED, page_call
from harvester.fetch.response import Response
from harvester.fetch.sender import CallOutcome
from harvester.ledger.ledger import Ledger
from harvester.ledger.listing_losses import Lacking
from harvester.ledger.listings import KnownPage, ListingScan, PageKept
from harvester.model.listing import Listing, PageRequest, Place

# How often a page is asked again because of entries without a usable id.
_MOST_REPEATS = 2


class ListingReader:
    """Reads one listing page by page: the next request depends on the last reply.

    Attributes:
        listed: how many ids it has so far.
        problem: why the listing cannot go on; None: it can, or is complete.
    """

    def __init__(self, ledger: Ledger, listing: Listing, scan: ListingScan, url: str) -> None:
        self._listings = listings = ledger.listings
        self._losses = ledger.listing_losses
        self._listing = listing
        self._reading = scan
        self._url = url
        self._place = scan.place
        self._met: set[int | str] = set()
        if scan.place:
            self._met.update(listings.met(scan, scan.place.walk))
        self._known: KnownPage | None = None
        self._unusable: set[str] = set()
        self._repeats = 0
        self.listed = scan.listed
        self.read = scan.pages
        self.problem: ServiceError | None = None

    def requests(self) -> Iterator[PageRequest]:
        """A page at a time; each only after the one before was kept."""
        while self._place is not None and self.problem is None:
            # A listing that is doubted is read whole: what it said before is what is doubted.
            is_doubted = self._place.again or self._repeats > 0
            known = None if is_doubted else self._listings.known_page(self._listing, self._place)
            self._known = known
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
            if self._may_be_spoilt(sheet):
                return
            fresh = set(sheet.ids) - self._met
            days = (_oldest(sheet, fresh), sheet.newest)
            kept = [each.id for each in sheet.entities]
            etag = answer.headers.get(ETAG)
            page = PageKept(place, sheet.ids, kept, sheet.entities, etag, settled.at)
        read = PageRead(len(page.ids), len(fresh), *days, answer.headers.get(CURSOR))
        following = next_place(self._listing, place, read)
        if following is End.ENDLESS:
            self.problem = self._endless(place)
            return
        onward = following if isinstance(following, Place) else self._after_the_end(place, page)
        keep = partial(self._listings.keep, self._listing, self._reading, page, onward)
        self.listed = await anyio.to_thread.run_sync(keep)
        self.read += 1
        self._met.update(fresh)
        self._place = onward if isinstance(onward, Place) else None
        if self._place and self._place.walk != place.walk:
            self._met = set()

    def _may_be_spoilt(self, sheet: ListingPage) -> bool:
        """Whether entries have no usable id that had not come so before: the page is asked again.

        An entry that is bad every time is left out; one that was spoilt on its way must not be.
        """
        unusable = {each for each in sheet.ids if isinstance(each, str)} - self._unusable
        if not unusable or self._repeats == _MOST_REPEATS:
            self._repeats = 0
            return False
        self._unusable |= unusable
        self._repeats += 1
        return True

    def _after_the_end(self, place: Place, page: PageKept) -> Place | Lacking | None:
        """Where to go on behind the last page: nowhere, unless the listing is to be doubted."""
        lacking = self._losses.lacking(self._reading.number, page.kept)
        had, missing = (lacking.had, len(lacking.ids)) if lacking else (None, 0)
        if not is_doubtful(had, self.listed + len(page.kept), missing):
            return None
        return lacking if place.again else place_to_read_again(place)

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

    def _endless(self, place: Place) -> ServiceError:
        return ServiceError(
            f"the listing of {self._listing.kind.value}s does not end: page {place.page} of it, "
            f"with {self.listed:,} ids, still brings new ones, and nobody has so many",
            where=f"{self._url}, {self._listing.key}",
            fix=f"narrow `discover` by `group` or `published_since` to less than {MOST_PAGES:,} "
            "pages, or give the ids in a file",
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


def _oldest(sheet: ListingPage, fresh: set[int | str]) -> date | None:
    days = (
        each.published_date for each in sheet.entities if each.published_date and each.id in fresh
    )
    return min(days, default=None)
