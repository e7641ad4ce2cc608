"""What a run learned of its entities before it was planned: for its summary and for `status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from harvester.ledger.group_counts import Difference
from harvester.ledger.ledger import Ledger
from harvester.ledger.listings import Reading
from harvester.model.terms import Kind

# More items than this are counted, not named.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """One listing of a run.

    Attributes:
        differences: groups that the service counts otherwise.
    """

    kind: Kind
    reading: Reading
    differences: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """All listings of a run, and the items asked for metadata.

    Attributes:
        items: how many items stand in each state: done, absent, failed.
        absent: the first of those that are not public, as (kind, id).
    """

    listings: Sequence[Listed] = ()
    items: Mapping[str, int] = field(default_factory=dict)
    absent: Sequence[tuple[str, int]] = ()

    @property
    def failed(self) -> int:
        """Items whose metadata could not be had."""
        return self.items.get("failed", 0)


def gathered(ledger: Ledger, snapshot: date, run: int | None) -> Gathered:
    """What the ledger knows of the listings of a date, and of the items of a run."""
    found = [
        Listed(kind, reading, ledger.comparisons.differences(reading))
        for kind, reading in ledger.listings.of_date(snapshot)
    ]
    if run is None:
        return Gathered(found)
    return Gathered(found, ledger.items.tally(run), ledger.items.absent(run, MOST_NAMED))
