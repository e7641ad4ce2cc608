"""Published answers, sorted by the part that holds their rows, and what was concluded from them.

A million of them are sorted by SQLite on disk, not in our memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from harvester.ledger.database import Database
from harvester.ledger.lost_answers import IS_LOST
from harvester.ledger.sql_batches import fill, recreate
from harvester.model.outcomes import PastOutcome
from harvester.model.published import AnswerUpdate, PublishedAnswer
from harvester.model.terms import State

_TABLES = """
CREATE TEMP TABLE place_of (
    question INTEGER, run INTEGER, partition INTEGER,
    PRIMARY KEY (question, run)
) WITHOUT ROWID;
CREATE TEMP TABLE answer (
    partition INTEGER, home INTEGER, entity INTEGER, question INTEGER, first INTEGER,
    last INTEGER, shown INTEGER, rows_to INTEGER, run INTEGER, publish INTEGER, state TEXT,
    rows INTEGER, bytes INTEGER, fetched_at INTEGER, value INTEGER, place INTEGER,
    PRIMARY KEY (partition, home, entity, question, first, run)
) WITHOUT ROWID;
CREATE TEMP TABLE corrected (
    question INTEGER, entity INTEGER, first INTEGER, run INTEGER, state TEXT, value INTEGER,
    counts BLOB,
    PRIMARY KEY (question, entity, first, run)
) WITHOUT ROWID;
"""
# An answer's rows lie in its home. One without rows has none: should a mended parser find rows
# in it, they go to the part of the publish that took its body.
_ANSWERS = """
INSERT INTO answer
SELECT p.partition, coalesce(r.home, r.publish), r.entity, r.question, r.first, r.last,
       coalesce(r.shown, r.last), coalesce(r.rows_to, r.shown, r.last), r.run,
       r.publish, r.state, r.rows, r.bytes, r.finished_at, r.value, b.place
FROM request r JOIN place_of p USING (question, run)
LEFT JOIN body b ON (b.question, b.entity, b.first, b.run, b.publish)
                  = (r.question, r.entity, r.first, r.run, r.publish)
WHERE r.state <> 'failed' AND r.publish > 0
ORDER BY 1, 2, 3, 4, 5, 9
"""
_STATES = {state.value: state for state in State}


class AnswerIndex:
    """Reads answers back in the order of their rows; the audit has noted where bodies are."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def sort_answers(self, partitions: Iterable[tuple[int, int, int]]) -> None:
        """Sort the published answers by the part that holds their rows.

        Args:
            partitions: (question, run, partition): an answer may be evidence alone in one run,
                and fill a dataset in the next.
        """
        with self._db.aside() as db:
            recreate(db, _TABLES)
        fill(self._db, "INSERT INTO temp.place_of VALUES (?, ?, ?)", partitions)
        fill(self._db, _ANSWERS, [()])

    def homes(self, partition: int) -> list[int]:
        """The publishes whose parts hold the rows of a partition, oldest first."""
        found = self._db.query(
            "SELECT DISTINCT home FROM answer WHERE partition = ? ORDER BY 1", (partition,)
        )
        return [int(str(home)) for (home,) in found]

    def answers(self, partition: int, home: int) -> Iterator[PublishedAnswer]:
        """The answers whose rows lie in one part, in the order of their rows."""
        with self._db.aside() as db:
            for row in db.execute(
                "SELECT entity, question, first, last, shown, rows_to, run, publish, state, rows,"
                " bytes, fetched_at, value, counts, place FROM answer"
                " LEFT JOIN points USING (question, entity, first, run)"
                " WHERE partition = ? AND home = ? ORDER BY entity, question, first, run",
                (partition, home),
            ):
                answer = PublishedAnswer(*row)
                yield answer._replace(state=_STATES[row[8]])

    def correct(self, changes: Sequence[AnswerUpdate]) -> None:
        """From now on `told` says what these do, where the ledger says otherwise."""
        if changes:
            fill(
                self._db,
                "INSERT OR REPLACE INTO temp.corrected VALUES (?,?,?,?,?,?,?)",
                (
                    (c.question, c.entity, c.first, c.run, c.state.value, c.value, c.points)
                    for c in changes
                ),
            )

    def outcomes(self, question: int, low: int, high: int) -> dict[int, list[PastOutcome]]:
        """Outcomes of all runs for entities low..high, by entity; oldest run first.

        What an answer counted that was lost since is known here still: others were derived of it.
        """
        found: dict[int, list[PastOutcome]] = {}
        with self._db.aside() as db:
            for entity, state, began, *rest in db.execute(
                "SELECT r.entity,"
                " coalesce(c.state, iif(r.state = 'failed' AND home IS NOT NULL, 'done', r.state)),"
                " run.started_at, r.run, run.snapshot, r.first, r.last, coalesce(shown, last),"
                " r.state, rows, iif(c.run IS NULL, r.value, c.value),"
                " finished_at, iif(c.run IS NULL, p.counts, c.counts) FROM request r"
                " JOIN run ON run.number = r.run"
                " LEFT JOIN points p USING (question, entity, first, run)"
                " LEFT JOIN corrected c USING (question, entity, first, run)"
                " WHERE r.question = ? AND r.entity BETWEEN ? AND ?"
                " ORDER BY r.entity, r.run, r.first",
                (question, low, high),
            ):
                told = PastOutcome(*rest)._replace(state=_STATES[state], began_at=began)
                found.setdefault(entity, []).append(told)
        return found

    def is_rewritten(self, partition: int, home: int) -> bool:
        """Whether a part took rows of later publishes, and so was written anew."""
        return bool(
            self._db.query(
                "SELECT 1 FROM answer WHERE partition = ? AND home = ? AND publish <> home LIMIT 1",
                (partition, home),
            )
        )

    def readings_of(self, question: int, entity: int) -> list[tuple[int, int, int]]:
        """(run, first, last) of every published answer of a series, as far as its rows go."""
        rows: list[Any] = self._db.query(
            "SELECT run, first, coalesce(rows_to, shown, last) FROM request WHERE question = ?"
            f" AND entity = ? AND (state <> 'failed' OR {IS_LOST}) AND publish > 0",
            (question, entity),
        )
        return rows

    def asked_again(self, question: int) -> bool:
        """Whether any days of a question may have been read twice."""
        return bool(
            self._db.query(
                "SELECT 1 FROM request WHERE question = ? AND (rows_to IS NOT NULL OR"
                " run <> (SELECT min(run) FROM request WHERE question = ?)) LIMIT 1",
                (question, question),
            )
        )

    def groups(self, run: int, low: int, high: int) -> list[int]:
        """The groups that a count asked for, from its first and its last."""
        rows = self._db.query(
            "SELECT group_id FROM counted_group WHERE run = ? AND group_id BETWEEN ? AND ?"
            " ORDER BY 1",
            (run, low, high),
        )
        return [int(str(group)) for (group,) in rows]

    def read_windows(self, question: int) -> Iterator[tuple[int, int, int, int]]:
        """(entity, first, last, run) of every published answer of a question, by entity."""
        with self._db.reader() as db:
            yield from db.execute(
                "SELECT entity, first, coalesce(shown, last), run FROM request"
                " WHERE question = ? AND state <> 'failed' AND publish > 0 ORDER BY 1, 2",
                (question,),
            )
