"""What a run learned of its entities before it was planned: for its summary and for `status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from harvester.ledger.group_counts import CountDifference
from harvester.ledger.ledger import Ledger
from harvester.ledger.listings import ListingScan
from harvester.model.terms import Kind

# More items than this are counted, not named.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class ListingSummary:
    """One listing of a run.

    Attributes:
        differences: groups that the service counts otherwise.
        uncounted: groups that are compared when the run has counted them.
    """

    kind: Kind
    scan: ListingScan
    differences: Sequence[CountDifference] = ()
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class DiscoverySummary:
    """All listings of a run, and the items asked for metadata.

    Attributes:
        items: how many items stand in each state: done, absent, failed.
        absent: the first of those that are not public, as (kind, id).
    """

    listings: Sequence[ListingSummary] = ()
    items: Mapping[str, int] = field(default_factory=dict)
    absent: Sequence[tuple[str, int]] = ()

    @property
    def is_marred(self) -> bool:
        """Whether a run of these entities is not complete, whatever was answered of them."""
        return bool(self.failed) or any(each.scan.loss for each in self.listings)

    @property
    def failed(self) -> int:
        """Items whose metadata could not be had."""
        return self.items.get("failed", 0)


def discovery_summary(ledger: Ledger, snapshot: date, run: int | None) -> DiscoverySummary:
    """What the ledger knows of the listings of a date, and of the items of a run."""
    found = [
        ListingSummary(
            kind,
            scan,
            ledger.group_counts.differences(scan),
            len(ledger.group_counts.uncounted(scan)),
        )
        for kind, scan in ledger.listings.of_date(snapshot)
    ]
    if run is None:
        return DiscoverySummary(found)
    return DiscoverySummary(
        found, ledger.metadata.tally(run), ledger.metadata.absent(run, MOST_NAMED)
    )
