"""A listing held against what the service itself counts in each group."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from harvester.ledger.database import Database
from harvester.ledger.listings import ListingScan
from harvester.model.dates import epoch_day
from harvester.model.packed_counts import unpack_counts
from harvester.model.question import Question
from harvester.model.terms import Endpoint, Kind

_COUNT = Question(Endpoint.COUNT, Kind.GROUP)
# In the column `counted`, which takes no NULL: this group was not asked for by the check alone.
_NOT_ASKED = -1


class CountDifference(NamedTuple):
    """A group whose articles are not as many in the listing as the service counts."""

    group_id: int
    listed: int
    counted: int


class GroupCounts:
    """Groups as listed beside groups as counted, for one reading of a listing.

    What a request of a run counts (a `count` dimension) stands with its answer alone and is looked
    up there: it cannot be lost between the answer and the comparison, whenever a run dies.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(
        self,
        scan: ListingScan,
        listed: Mapping[int, int],
        counted: Mapping[int, int],
        complaint: str = "",
    ) -> None:
        """Keep what is listed in each group, and counted in those that were asked for it alone.

        Args:
            complaint: why some could not be counted; empty: all could, or a run counts them.
        """
        with self._db.transaction() as db:
            db.executemany(
                "REPLACE INTO group_count VALUES (?,?,?,?)",
                (
                    (scan.number, group, articles, counted.get(group, _NOT_ASKED))
                    for group, articles in listed.items()
                ),
            )
            db.execute("UPDATE listing SET compared = ? WHERE id = ?", (complaint, scan.number))

    def articles_by_group(self, scan: ListingScan) -> dict[int, int]:
        """How many articles a reading has in each group."""
        rows: list[Any] = self._db.query(
            "SELECT group_id, count(*) FROM listed JOIN entity USING (id)"
            " WHERE listing = ? AND kind = 'article' AND group_id IS NOT NULL GROUP BY 1",
            (scan.number,),
        )
        return dict(rows)

    def counted_on(self, snapshot: date) -> dict[int, int]:
        """Articles of each group that runs of this date counted."""
        groups: dict[int, list[int]] = {}
        for run, group in self._rows(
            "SELECT run, group_id FROM counted_group JOIN run ON number = run WHERE snapshot = ?",
            epoch_day(snapshot),
        ):
            groups.setdefault(run, []).append(group)
        found: dict[int, int] = {}
        for run, low, high, packed in self._rows(
            "SELECT run, entity, request.last, counts FROM points"
            " JOIN request USING (question, entity, first, run)"
            " JOIN run ON number = run JOIN question ON id = question"
            " WHERE snapshot = ? AND key = ? ORDER BY run",
            epoch_day(snapshot),
            _COUNT.key,
        ):
            # Zeros are left out there: a group that was asked for, and is not in it, has none.
            counts = unpack_counts(packed)
            found |= {each: counts.get(each, 0) for each in groups[run] if low <= each <= high}
        return found

    def uncounted(self, scan: ListingScan) -> dict[int, int]:
        """Articles listed in each group that nobody has counted yet."""
        return {group: listed for group, listed, counted in self._both(scan) if counted is None}

    def differences(self, scan: ListingScan) -> list[CountDifference]:
        """The groups of a reading that the service counts otherwise."""
        return [
            CountDifference(group, listed, counted)
            for group, listed, counted in self._both(scan)
            if counted is not None and counted != listed
        ]

    def _both(self, scan: ListingScan) -> list[tuple[int, int, int | None]]:
        """Each group, listed and counted, by id."""
        by_runs = self.counted_on(scan.snapshot)
        return [
            (group, listed, by_runs.get(group) if counted == _NOT_ASKED else counted)
            for group, listed, counted in self._rows(
                "SELECT group_id, listed, counted FROM group_count WHERE listing = ?"
                " ORDER BY group_id",
                scan.number,
            )
        ]

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return list(self._db.query(sql, values))
