"""A listing of articles against Figshare's own count of each group.

A job with a `count` dimension asks for the same numbers. Then the run asks, for its answers fill a
dataset: with a row in requests/ and a body in responses/. The comparison waits for them, and only
groups that the job does not count are asked for here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from harvester.fetch.host import Host
from harvester.fetch.pool import fetch
from harvester.fetch.stop import Stop
from harvester.job.settings import JobSettings
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


def groups_of_run(settings: JobSettings, snapshot: date, groups: Iterable[int]) -> Collection[int]:
    """Those of a run's groups that a dimension of it counts: all, or none."""
    wants = any(each.question.endpoint is Endpoint.COUNT for each in settings.wanted(snapshot))
    return set(groups) if wants else set()


def listed_groups(ledger: Ledger, listing: Listing, scan: ListingScan) -> dict[int, int]:
    """The groups that a complete listing is to be compared in, with the articles it has in each.

    Where groups are listed, those without articles are among them.
    """
    if not listing.is_whole:
        return {}
    listed = ledger.group_counts.articles_by_group(scan)
    groups = {listing.group} if listing.group else {*listed, *ledger.entities.present(Kind.GROUP)}
    return {group: listed.get(group, 0) for group in groups}


def open_groups(ledger: Ledger, listing: Listing, scan: ListingScan) -> dict[int, int]:
    """The same, without those whose count is known already."""
    if scan.compared:
        return ledger.group_counts.uncounted(scan)
    return listed_groups(ledger, listing, scan)


def groups_to_ask(
    ledger: Ledger, groups: Iterable[int], snapshot: date, of_run: Collection[int]
) -> Sequence[int]:
    """The groups that nobody else counts, ascending.

    Args:
        of_run: those that the run of this date will count or has counted.
    """
    return sorted({*groups}.difference(of_run, ledger.group_counts.counted_on(snapshot)))


async def count_groups(groups: Sequence[int], host: Host, stop: Stop) -> GroupCountReader:
    """Ask how many articles each group has.

    A group that cannot be counted is no failure of the run: the reader says why.
    """
    counts = GroupCountReader()
    await fetch(_requests(groups), host, judge=_rows, keep=counts.keep, stop=stop)
    return counts


def _requests(groups: Sequence[int]) -> Iterator[Request]:
    for start in range(0, len(groups), GROUPS_PER_COUNT):
        yield Request(_COUNT, groups=tuple(groups[start : start + GROUPS_PER_COUNT]))


def _rows(request: Request, body: bytes) -> ReplySummary:
    return ReplySummary(rows_in(parse(request, body)))
