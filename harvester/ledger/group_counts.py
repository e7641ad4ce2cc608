"""A listing held against what the service itself counts in each group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from harvester.ledger.database import Database
from harvester.ledger.listings import ListingScan


class CountDifference(NamedTuple):
    """A group whose articles are not as many in the listing as the service counts."""

    group_id: int
    listed: int
    counted: int


class GroupCounts:
    """Groups as listed beside groups as counted, for one reading of a listing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, scan: ListingScan, counts: Mapping[int, tuple[int, int]]) -> None:
        """Keep what the service counts in each group: (listed, counted)."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM group_count WHERE listing = ?", (scan.number,))
            db.executemany(
                "INSERT INTO group_count VALUES (?,?,?,?)",
                ((scan.number, group, *both) for group, both in counts.items()),
            )
            db.execute("UPDATE listing SET compared = '' WHERE id = ?", (scan.number,))

    def not_compared(self, scan: ListingScan, why: str) -> None:
        """Keep that it could not be compared."""
        with self._db.transaction() as db:
            db.execute("UPDATE listing SET compared = ? WHERE id = ?", (why, scan.number))

    def articles_by_group(self, scan: ListingScan) -> dict[int, int]:
        """How many articles a reading has in each group."""
        rows: list[Any] = self._db.query(
            "SELECT group_id, count(*) FROM listed JOIN entity USING (id)"
            " WHERE listing = ? AND kind = 'article' AND group_id IS NOT NULL GROUP BY 1",
            (scan.number,),
        )
        return dict(rows)

    def differences(self, scan: ListingScan) -> list[CountDifference]:
        """The groups of a reading that the service counts otherwise."""
        rows: list[Any] = self._db.query(
            "SELECT group_id, listed, counted FROM group_count"
            " WHERE listing = ? AND listed <> counted ORDER BY group_id",
            (scan.number,),
        )
        return [CountDifference(*row) for row in rows]
