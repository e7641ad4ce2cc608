"""A listing of articles against Figshare's own count of each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import anyio.to_thread

from harvester.fetch.host import Host
from harvester.fetch.pool import fetch
from harvester.fetch.stop import Stop
from harvester.ledger.ledger import Ledger
from harvester.ledger.listings import ListingScan
from harvester.model.limits import GROUPS_PER_COUNT
from harvester.model.listing import Listing
from harvester.model.question import Question
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request
from harvester.model.terms import Endpoint, Kind
from harvester.parse import parse, rows_in

_COUNT = Question(Endpoint.COUNT, Kind.GROUP)


@dataclass(slots=True)
class GroupCountReader:
    """Keeps the service's own counts of groups as they arrive, for one listing.

    Attributes:
        by_group: articles of each group, as the service counts them.
        complaint: why some groups could not be counted; empty: all could.
    """

    by_group: dict[int, int] = field(default_factory=dict)
    complaint: str = ""

    async def keep(self, outcome: Reply | Failure) -> None:
        """Take in one answer."""
        if isinstance(outcome, Failure):
            self.complaint = outcome.sentence
            return
        for columns in parse(outcome.request, outcome.body):
            groups, articles = columns.values["group_id"], columns.values["articles"]
            for group, number in zip(groups, articles, strict=True):
                self.by_group[int(str(group))] = int(str(number))


async def compare_group_counts(
    ledger: Ledger, listing: Listing, scan: ListingScan, host: Host, stop: Stop
) -> None:
    """Ask how many articles each group of a complete listing has, and keep both numbers.

    Groups without articles are asked for, too, where groups are listed. A group that cannot be
    counted is no failure of the run: the ledger says why.
    """
    listed = await anyio.to_thread.run_sync(ledger.group_counts.articles_by_group, scan)
    groups = {listing.group} if listing.group else {*listed, *ledger.entities.ids(Kind.GROUP)}
    counts = GroupCountReader()
    await fetch(_requests(sorted(groups)), host, judge=_rows, keep=counts.keep, stop=stop)
    if stop.is_set:
        return
    if counts.complaint:
        ledger.group_counts.not_compared(scan, counts.complaint)
        return
    both = {group: (listed.get(group, 0), number) for group, number in counts.by_group.items()}
    ledger.group_counts.keep(scan, both)


def _requests(groups: Sequence[int]) -> Iterator[Request]:
    for start in range(0, len(groups), GROUPS_PER_COUNT):
        yield Request(_COUNT, groups=tuple(groups[start : start + GROUPS_PER_COUNT]))


def _rows(request: Request, body: bytes) -> ReplySummary:
    return ReplySummary(rows_in(parse(request, body)))
