"""Whether items that a listing no longer has are there still: one of them is asked, or a few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from harvester.discover.item_metadata import item_facts
from harvester.fetch.call import ApiCall
from harvester.fetch.host import Host
from harvester.fetch.listing_calls import item_call
from harvester.fetch.pool import run_calls
from harvester.fetch.sender import CallOutcome
from harvester.fetch.stop import Stop
from harvester.ledger.ledger import Ledger
from harvester.ledger.listing_losses import StillThere
from harvester.ledger.listings import ListingScan
from harvester.model.listing import HAVE_METADATA, ItemRequest, Listing
from harvester.model.terms import Kind


async def look_for_missing(
    ledger: Ledger, listing: Listing, scan: ListingScan, host: Host, stop: Stop
) -> None:
    """Find out whether what a listing lacks answers still, and keep that.

    Groups and authors have no public page: of them nobody can tell.
    """
    search = _Search()
    if listing.kind in HAVE_METADATA:
        ids = ledger.listing_losses.missing_ids(scan.number)

        def call(request: ItemRequest) -> ApiCall:
            return item_call(host.settings.base_url, request, partial(item_facts, request))

        requests = search.requests(listing.kind, ids)
        await run_calls(requests, call, host, keep=search.keep, stop=stop, workers=1)
        if stop.is_set:
            return
    ledger.listing_losses.tried(scan.number, search.found)


class _Search:
    """Asks one missing item after another, until one answers."""

    def __init__(self) -> None:
        self.found = StillThere.UNKNOWN

    def requests(self, kind: Kind, ids: Sequence[int]) -> Iterator[ItemRequest]:
        """An item at a time, spread over the ids; each only after the one before was kept."""
        for number in dict.fromkeys((ids[len(ids) // 2], ids[0], ids[-1])):
            if self.found is not StillThere.YES:
                yield ItemRequest(kind, number)

    async def keep(self, _request: ItemRequest, settled: CallOutcome) -> None:
        """Take in one answer."""
        if settled.reason:
            return
        self.found = StillThere.YES if settled.rows else StillThere.NO
