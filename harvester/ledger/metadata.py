"""Single items that were asked for their metadata: what came, what is not public, what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harvester.ledger.database import Database
from harvester.ledger.entity_table import learn
from harvester.model.entity import Entity
from harvester.model.listing import ItemRequest
from harvester.model.terms import Kind


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What became of one item.

    Attributes:
        entity: what its page says; None: there is none that is public, or it failed.
        reason: why it failed; empty: it was answered.
    """

    request: ItemRequest
    entity: Entity | None
    reason: str
    sentence: str
    http_status: int | None
    attempts: int
    at: datetime

    @property
    def state(self) -> str:
        """How the ledger calls it."""
        if self.reason:
            return "failed"
        return "done" if self.entity else "absent"


class MetadataOutcomes:
    """What became of each item that was asked for its metadata, by run."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, run: int, outcomes: Sequence[ItemOutcome]) -> None:
        """Make outcomes durable, with what they tell of their entities."""
        with self._db.transaction() as db:
            for each in outcomes:
                learn(db, [each.entity] if each.entity else [], each.at)
            db.executemany(
                "INSERT INTO item VALUES (?,?,?,?,?,?,?,?)",
                (
                    (
                        run,
                        each.request.kind.value,
                        each.request.id,
                        each.state,
                        each.reason or None,
                        each.sentence or None,
                        each.http_status,
                        each.attempts,
                    )
                    for each in outcomes
                ),
            )

    def asked(self, run: int, kind: Kind) -> set[int]:
        """The ids of a kind that have an outcome in this run."""
        rows: list[Any] = self._db.query(
            "SELECT id FROM item WHERE run = ? AND kind = ?", (run, kind.value)
        )
        return {number for (number,) in rows}

    def tally(self, run: int) -> dict[str, int]:
        """How many items of a run stand in each state: done, absent, failed."""
        rows: list[Any] = self._db.query(
            "SELECT state, count(*) FROM item WHERE run = ? GROUP BY state", (run,)
        )
        return dict(rows)

    def absent(self, run: int, most: int) -> list[tuple[str, int]]:
        """The first so many items of a run that are not public, as (kind, id)."""
        rows: list[Any] = self._db.query(
            "SELECT kind, id FROM item WHERE run = ? AND state = 'absent' ORDER BY 1, 2 LIMIT ?",
            (run, most),
        )
        return rows

    def failures(self, run: int) -> list[tuple[str, int, str, str, int | None, int]]:
        """Items that failed, as (kind, id, reason, sentence, http status, attempts)."""
        rows: list[Any] = self._db.query(
            "SELECT kind, id, reason, sentence, http_status, attempts FROM item"
            " WHERE run = ? AND state = 'failed' ORDER BY kind, id",
            (run,),
        )
        return rows

    def forget_failures(self, run: int, reason: str | None) -> int:
        """Put failed items back to pending; `reason` None: all of them."""
        with self._db.transaction() as db:
            return db.execute(
                "DELETE FROM item WHERE run = ? AND state = 'failed' AND (? IS NULL OR reason = ?)",
                (run, reason, reason),
            ).rowcount
