"""Answers whose rows no file holds any more: they count as failed, and the next run asks them.

One that was lost keeps its home, as no other failed one has: for what an earlier run had said of
its days had left the datasets when it came, and does not stand in its place again. What it
counted is known still, so that what was derived from it can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import NamedTuple

from harvester.ledger.database import Database

# The reason of a failure (docs/contract.md §3).
LOST = "lost"
# Of a row of `request`, in SQL.
IS_LOST = "(state = 'failed' AND home IS NOT NULL)"
# The ledger's note that some were lost and no run has begun since.
ASKS_ANEW = "asks_anew"
_OF_SLOT = "WHERE question = ? AND entity = ? AND first = ? AND run = ?"


class LostAnswer(NamedTuple):
    """Where an answer stands in the ledger.

    Attributes:
        last: of its window; of a count: its last group.
        is_count: its groups are noted one by one.
    """

    question: int
    entity: int
    first: int
    run: int
    last: int
    is_count: bool

    @property
    def slot(self) -> tuple[int, int, int, int]:
        """The key of its row."""
        return self[:4]


class DerivedFrom(NamedTuple):
    """Answers that may have been derived from one that was lost.

    Attributes:
        questions: the coarser timelines, by their numbers.
        run: no earlier one knew it.
    """

    questions: tuple[int, ...]
    entity: int
    run: int


class LostAnswers:
    """Takes answers back that stood in parts which are gone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @property
    def asks_anew(self) -> bool:
        """Whether answers were taken back and no run has begun since."""
        return bool(self._db.query("SELECT 1 FROM meta WHERE key = ?", (ASKS_ANEW,)))

    def take_back(
        self, lost: Sequence[LostAnswer], derived: Iterable[DerivedFrom], sentence: str
    ) -> None:
        """Have answers count as failed, with this sentence; all in one transaction.

        Args:
            derived: what was derived from them; the next run derives it anew.
        """
        with self._db.transaction() as db:
            lost = [*lost, *(each for some in derived for each in _derived(db, some))]
            db.executemany(
                f"INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, '{LOST}', ?, NULL)",
                ((*each.slot, sentence) for each in lost),
            )
            db.executemany(
                f"UPDATE request SET state = 'failed', rows = 0 {_OF_SLOT}",
                (each.slot for each in lost),
            )
            db.executemany(
                "DELETE FROM counted_group WHERE run = ? AND group_id BETWEEN ? AND ?",
                ((each.run, each.entity, each.last) for each in lost if each.is_count),
            )
            db.execute(f"INSERT OR REPLACE INTO meta VALUES ('{ASKS_ANEW}', 'run --refetch')")


def _derived(db: Connection, some: DerivedFrom) -> list[LostAnswer]:
    """Those that have rows; of the others nothing stands anywhere, and nothing is left of them."""
    chosen = (
        "state = 'derived' AND entity = ? AND run >= ?"
        f" AND question IN ({','.join(map(str, some.questions))})"
    )
    values = (some.entity, some.run)
    db.execute(f"DELETE FROM request WHERE {chosen} AND home IS NULL", values)
    found = db.execute(
        f"SELECT question, entity, first, run, last FROM request WHERE {chosen}", values
    )
    return [
        LostAnswer(question, entity, first, run, last, is_count=False)
        for question, entity, first, run, last in found
    ]
