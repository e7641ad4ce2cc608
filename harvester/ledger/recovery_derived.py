"""Answers that no request brought, entered again into a ledger that was lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from harvester.ledger.database import Database
from harvester.model.dates import Window, epoch_day
from harvester.model.outcomes import DerivedAnswer

# Rows that no request of their own brought, and the parts they lie in.
_BARE = """
CREATE TEMP TABLE bare (
    question INTEGER, entity INTEGER, run INTEGER, first INTEGER, home INTEGER, at INTEGER,
    value INTEGER,
    PRIMARY KEY (question, entity, run, first)
) WITHOUT ROWID
"""
_COLUMNS = (
    "question, entity, first, run, last, state, http_status, attempts, rows, bytes, finished_at,"
    " publish, home"
)
# Where the rows of a worked-out answer lie: where they were found; else where those of earlier
# runs lie whose place they took (store/placement.py); else in the first part of their run.
_HOME = """
SELECT iif(:rows = 0, NULL, coalesce(
    (SELECT min(home) FROM temp.bare WHERE question = :question AND entity = :entity
     AND run IN (0, :run) AND first BETWEEN :first AND :last),
    (SELECT max(home) FROM request WHERE question = :question AND entity = :entity
     AND run < :run AND state <> 'failed' AND :last > 0
     AND first <= :high AND coalesce(shown, last) >= :low),
    :publish))
"""
_RESTORED = f"""
INSERT OR IGNORE INTO request ({_COLUMNS}, value)
VALUES (:question, :entity, :first, :run, :last, :state, NULL, 0, :rows, 0, :at,
        coalesce((SELECT number FROM publish WHERE number = :home AND run = :run), :publish, :home),
        :home, :value)
"""


class Restored(NamedTuple):
    """A derived answer, made again for a ledger that was lost.

    Attributes:
        question: its number in the ledger.
        touched: the days whose rows it replaces.
    """

    question: int
    worked: DerivedAnswer
    touched: tuple[int, int]


class Bare(NamedTuple):
    """A row in a part that no request of its own brought.

    Attributes:
        run: whose request told it; 0: it is derived.
        first: first day of its period, since 1970-01-01; 0: it has none.
        home: the publish that gave its part the name.
        at: its harvested_at, microseconds since 1970, UTC.
    """

    question: int
    entity: int
    run: int
    first: int
    home: int
    at: int
    value: int


class DerivedRecovery:
    """Enters what a run derived, in the parts where its rows are."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take_bare(self, bare: Iterable[Bare]) -> None:
        """Note in which parts rows lie that were derived; of two parts the older counts."""
        with self._db.aside() as db:
            db.execute("DROP TABLE IF EXISTS temp.bare")
            db.execute(_BARE)
            db.execute("BEGIN")
            db.executemany(
                "INSERT INTO temp.bare VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE"
                " SET home = min(home, excluded.home)",
                bare,
            )
            db.execute("COMMIT")

    def restore(self, run: int, answers: Iterable[Restored]) -> None:
        """Enter answers that a run derived, as published; what is there already stays."""
        with self._db.transaction() as db:
            (publish,) = db.execute(
                "SELECT coalesce((SELECT min(publish) FROM request WHERE run = :run"
                " AND publish > 0), (SELECT min(number) FROM publish WHERE run = :run))",
                {"run": run},
            ).fetchone()
            for each in answers:
                worked = each.worked
                first, last = _days(worked.window)
                told = {
                    "question": each.question, "entity": worked.entity_id, "run": run,
                    "first": first, "last": last, "low": each.touched[0], "high": each.touched[1],
                    "publish": publish, "rows": worked.rows, "state": worked.state.value,
                    "at": worked.at, "value": worked.value,
                }  # fmt: skip
                (home,) = db.execute(_HOME, told).fetchone()
                db.execute(_RESTORED, {**told, "home": home})

    def restore_rows(
        self, run: int, question: int, entity: int, stretches: Iterable[tuple[int, int]]
    ) -> None:
        """Enter answers that a run derived from what nobody knows any more, by their rows."""
        with self._db.transaction() as db:
            for first, last in stretches:
                db.execute(
                    f"INSERT OR IGNORE INTO request ({_COLUMNS})"
                    " SELECT question, entity, ?, ?, ?, 'derived', NULL, 0, count(*), 0, min(at),"
                    " min(home), min(home) FROM temp.bare WHERE question = ? AND entity = ?"
                    " AND first BETWEEN ? AND ? GROUP BY question, entity",
                    (first, run, last, question, entity, first, last),
                )


def _days(window: Window | None) -> tuple[int, int]:
    return (epoch_day(window.first), epoch_day(window.last)) if window else (0, 0)
