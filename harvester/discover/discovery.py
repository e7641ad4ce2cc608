"""The part of a run before its plan: who its entities are, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import anyio
import anyio.to_thread

from harvester.discover.group_check import (
    GroupCountReader,
    count_groups,
    groups_of_run,
    groups_to_ask,
    open_groups,
)
from harvester.discover.item_metadata import ask_items, pending_items
from harvester.discover.listing_pages import ListingReader
from harvester.discover.missing_items import look_for_missing
from harvester.discover.run_entities import ids_of
from harvester.errors import ServiceError, chief
from harvester.fetch.pool import run_calls
from harvester.fetch.stop import Stop, stop_at
from harvester.job.hosts import Hosts
from harvester.job.log import Log
from harvester.job.options import RunOptions
from harvester.job.progress import DiscoveryProgress
from harvester.job.settings import JobSettings
from harvester.job.watching import watched
from harvester.job.workspace import Workspace
from harvester.ledger.listings import ListingScan
from harvester.ledger.runs import Run
from harvester.model.listing import Listing, PageRequest
from harvester.model.terms import Kind


class Discovery:
    """Listings, their comparison and metadata, for the runs of one date."""

    def __init__(
        self,
        settings: JobSettings,
        out: Workspace,
        hosts: Hosts,
        options: RunOptions,
        run: Run | None = None,
    ) -> None:
        """Take what it needs.

        Args:
            run: whose entities these will be; None: they are only counted, for `snapshot`.
        """
        self._settings = settings
        self._out = out
        self._hosts = hosts
        self._options = options
        self._run = run
        self._stop = options.stop or Stop()
        self._log = Log(out.folder.log, options.clock)
        run_id = run.run_id if run else None
        self.progress = DiscoveryProgress(run_id, out.folder.root, settings.requests_per_second)

    async def to_the_end(self, snapshot: date) -> ServiceError | None:
        """Go on until all is known, or nothing more may be sent.

        Returns:
            Why Figshare is left alone; None: all is known, or the stop is set.

        Raises:
            OutputError: the ledger cannot be written.
        """
        try:
            async with anyio.create_task_group() as tasks:
                options = self._options
                if options.until:
                    tasks.start_soon(stop_at, options.clock, self._stop, options.until)
                if options.watch_gathering:
                    tasks.start_soon(watched, options.watch_gathering, self.progress, self._log.say)
                await self._gather(snapshot)
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            error = chief(group)
            if not isinstance(error, ServiceError):
                raise error from None
            self._log.say(f"gathering stopped: {error.what}")
            return error
        return None

    async def _gather(self, snapshot: date) -> None:
        self._out.ledger.entities.read_dates_from(self._options.clock.now())
        for listing in self._settings.listings:
            await self._read(listing, snapshot)
            if self._stop.is_set:
                return
        if self._run:
            await self._ask_items(self._run)

    async def _read(self, listing: Listing, snapshot: date) -> None:
        ledger = self._out.ledger
        scan = ledger.listings.begin(listing, snapshot)
        if not scan.is_complete:
            pages = ListingReader(ledger, listing, scan, self._hosts.where.api_url)
            await self._turn(pages, listing)
            if self._stop.is_set:
                return
            scan = ledger.listings.begin(listing, snapshot)
            self._log.say(f"listing {listing.key}: {scan.listed} ids in {scan.pages} pages")
        if scan.loss and scan.loss.answers is None:
            self.progress.doing = f"looking for {listing.kind.value}s that are no longer listed"
            async with self._hosts.listings() as host:
                self.progress.watch(host)
                await look_for_missing(ledger, listing, scan, host, self._stop)
            if self._stop.is_set:
                return
        if listing.is_whole:
            await self._compare(listing, scan)

    async def _compare(self, listing: Listing, scan: ListingScan) -> None:
        """Lay out what is to be compared, and count what the run itself does not."""
        ledger, snapshot = self._out.ledger, scan.snapshot
        groups = await anyio.to_thread.run_sync(open_groups, ledger, listing, scan)
        if scan.compared and not groups:
            return
        of_run = groups_of_run(
            self._settings, snapshot, ids_of(self._settings, ledger, snapshot, Kind.GROUP)
        )
        counts = GroupCountReader()
        if to_ask := groups_to_ask(ledger, groups, snapshot, of_run):
            self.progress.doing = "comparing groups with Figshare's own counts"
            async with self._hosts.statistics() as host:
                self.progress.watch(host)
                counts = await count_groups(to_ask, host, self._stop)
            if self._stop.is_set:
                return
        ledger.group_counts.keep(scan, groups, counts.by_group, counts.complaint)

    async def _turn(self, pages: ListingReader, listing: Listing) -> None:
        """Read the pages that are missing."""
        self.progress.doing = f"listing {listing.kind.value}s"

        def requests() -> Iterator[PageRequest]:
            for request in pages.requests():
                self.progress.pages, self.progress.listed = pages.read, pages.listed
                yield request

        async with self._hosts.listings() as host:
            self.progress.watch(host)
            await run_calls(
                requests(), pages.call, host, keep=pages.keep, stop=self._stop, workers=1
            )
        if pages.problem:
            raise pages.problem

    async def _ask_items(self, run: Run) -> None:
        ledger = self._out.ledger
        items = pending_items(self._settings, ledger, run)
        if not items:
            return
        self.progress.doing, self.progress.pages = "asking for metadata", 0
        self.progress.listed = len(items)
        async with self._hosts.listings() as host:
            self.progress.watch(host)
            await ask_items(items, ledger, run, host, self._stop)
