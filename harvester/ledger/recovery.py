"""What files tell, taken into a ledger that was lost or is behind them; all of it or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection

from harvester.ledger.database import Database
from harvester.ledger.lost_answers import LOST
from harvester.model.published import PublishedAnswer, RowLocation
from harvester.model.spool import Part
from harvester.model.terms import Kind

_HOUSED = """
CREATE TEMP TABLE housed (
    question INTEGER, entity INTEGER, first INTEGER, run INTEGER, last INTEGER,
    home INTEGER, rows INTEGER, at INTEGER,
    PRIMARY KEY (question, entity, first, run)
) WITHOUT ROWID
"""
_SLOT = "(question, entity, first, run)"
_SLOT_OF_REQUEST = "(request.question, request.entity, request.first, request.run)"
_COLUMNS = (
    "question, entity, first, run, last, state, http_status, attempts, rows, bytes, finished_at,"
    " publish, home"
)
# An answer without its body and without rows has no part: the first publish of its run stands
# for the one that took it.
_FIRST = "(SELECT min(number) FROM publish p WHERE p.run = l.run)"
# In the order of their weight; what the ledger has already is never overwritten.
_STEPS = (
    # Answers that requests/ tells, with everything about them.
    f"""
    INSERT OR IGNORE INTO request ({_COLUMNS})
    SELECT l.question, l.entity, l.first, l.run, l.last, l.state, l.http_status, l.attempts,
           l.rows, l.bytes, l.finished_at, coalesce(b.publish, h.home, {_FIRST}),
           iif(l.rows > 0, coalesce(h.home, b.publish, {_FIRST}), NULL)
    FROM line l LEFT JOIN body b USING {_SLOT} LEFT JOIN housed h USING {_SLOT}
    WHERE l.state IN ('done', 'empty')
    """,
    # Bodies of which it does not tell yet: a rebuild counts their rows.
    f"""
    INSERT OR IGNORE INTO request ({_COLUMNS})
    SELECT b.question, b.entity, b.first, b.run, b.last, 'empty', b.http_status, 1, 0, 0,
           b.fetched_at, b.publish, h.home
    FROM body b LEFT JOIN housed h USING {_SLOT}
    """,
    # Rows of runs that keep no bodies.
    f"""
    INSERT OR IGNORE INTO request ({_COLUMNS})
    SELECT question, entity, first, run, last, 'done', 200, 1, rows, 0, at, home, home
    FROM housed WHERE run NOT IN (SELECT run FROM body)
    """,
    f"""
    INSERT OR IGNORE INTO request ({_COLUMNS})
    SELECT question, entity, first, run, last, state, http_status, attempts, 0,
           coalesce(bytes, 0), finished_at, NULL, NULL
    FROM line WHERE state = 'failed'
    """,
    # What was lost after an old ledger had been kept: its part holds no row of it any more.
    f"""
    UPDATE request SET state = 'failed', rows = 0 FROM line l
    WHERE l.state = 'failed' AND l.reason = '{LOST}' AND request.home IS NOT NULL
      AND request.state IN ('done', 'empty')
      AND (request.question, request.entity, request.first, request.run)
        = (l.question, l.entity, l.first, l.run)
      AND {_SLOT_OF_REQUEST} NOT IN
        (SELECT question, entity, first, run FROM body)
    """,
    f"""
    INSERT OR IGNORE INTO failure
    SELECT question, entity, first, run, coalesce(l.reason, 'unknown'),
           coalesce(l.proof, 'its file of requests does not say'), NULL
    FROM line l JOIN request r USING {_SLOT} WHERE l.state = 'failed' AND r.state = 'failed'
    """,
    # A body knows best when it came, and how.
    """
    UPDATE request SET http_status = b.http_status, finished_at = b.fetched_at FROM body b
    WHERE (request.question, request.entity, request.first, request.run)
        = (b.question, b.entity, b.first, b.run)
      AND (request.http_status, request.finished_at) IS NOT (b.http_status, b.fetched_at)
      AND request.state IN ('done', 'empty')
    """,
    # What an old ledger holds in its spool, and a part has published since.
    f"""
    UPDATE request SET publish = b.publish, home = coalesce(h.home, b.publish)
    FROM body b LEFT JOIN housed h USING {_SLOT}
    WHERE request.publish IS NULL AND request.state IN ('done', 'empty')
      AND (request.question, request.entity, request.first, request.run)
        = (b.question, b.entity, b.first, b.run)
    """,
    f"DELETE FROM spool WHERE {_SLOT} IN (SELECT question, entity, first, run FROM body)",
    # The same of runs that keep no bodies, by their rows.
    """
    UPDATE request SET publish = h.home, home = h.home FROM housed h
    WHERE request.publish IS NULL AND request.state IN ('done', 'empty')
      AND h.run NOT IN (SELECT run FROM body)
      AND (request.question, request.entity, request.first, request.run)
        = (h.question, h.entity, h.first, h.run)
    """,
    f"""
    DELETE FROM spool WHERE {_SLOT} IN
        (SELECT question, entity, first, run FROM request WHERE publish IS NOT NULL)
    """,
    # Answers of which nothing is left, neither in the spool nor in a part: asked again.
    f"""
    DELETE FROM request WHERE publish IS NULL AND state IN ('done', 'empty')
      AND {_SLOT} NOT IN (SELECT question, entity, first, run FROM spool)
    """,
)


@dataclass(slots=True)
class FoundInFiles:
    """What a look at the files brought, beside the audit's bodies and lines.

    Attributes:
        publishes: number -> run, of every name of a part.
        parts: every part, with the bytes that it has now, and the publish it is filed under.
        younger: paths of parts that were written anew after the ledger heard of them.
        groups: run -> groups that it counted.
    """

    publishes: Mapping[int, int]
    parts: Sequence[tuple[Part, int]]
    younger: Collection[str] = ()
    groups: Mapping[int, Iterable[int]] = field(default_factory=dict)


class LedgerRecovery:
    """Takes what files tell into the ledger."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take_housed(self, housed: Iterable[RowLocation]) -> None:
        """Note in which parts the rows of requests lie; of two parts the older counts."""
        with self._db.aside() as db:
            db.execute("DROP TABLE IF EXISTS temp.housed")
            db.execute(_HOUSED)
            db.execute("BEGIN")
            db.executemany(
                "INSERT INTO temp.housed VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE"
                " SET home = min(home, excluded.home), rows = rows + excluded.rows",
                housed,
            )
            db.execute("COMMIT")

    def show(self, run: int, question: int, first: int, last: int) -> None:
        """Say how far answers about these days are shown: they may run on for evidence."""
        with self._db.transaction() as db:
            db.execute(
                "UPDATE request SET shown = :last WHERE run = :run AND question = :question"
                " AND first BETWEEN :first AND :last AND last > :last AND shown IS NULL",
                {"run": run, "question": question, "first": first, "last": last},
            )

    def show_all(self, answers: Iterable[PublishedAnswer]) -> None:
        """Say that all days of these answers are shown, after all."""
        with self._db.transaction() as db:
            db.executemany(
                "UPDATE request SET shown = NULL WHERE question = ? AND entity = ? AND first = ?"
                " AND run = ?",
                ((each.question, each.entity, each.first, each.run) for each in answers),
            )

    def enter_entities(self, kind: Kind, rows: Iterable[Sequence[object]]) -> None:
        """Take in what entities/ tells of a kind; what is known of an entity stays.

        Args:
            rows: the columns of that dataset, days and moments as numbers.
        """
        with self._db.transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO entity (kind, id, title, doi, defined_type_name, group_id,"
                " parent_id, published_date, first_online, url, source, last_listed, is_listed,"
                " harvested_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                ((kind.value, *row) for row in rows),
            )

    def publishes(self, publishes: Mapping[int, int]) -> None:
        """Enter publishes that are over."""
        with self._db.transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO publish VALUES (?, ?, 'published')", publishes.items()
            )

    def plan(self, run: int, planned: int) -> None:
        """Set how many requests a run asks."""
        with self._db.transaction() as db:
            db.execute("UPDATE run SET planned = ? WHERE number = ?", (planned, run))

    def take(self, found: FoundInFiles) -> int:
        """Take everything in, in one transaction; the audit has bodies and lines.

        Returns:
            How many outcomes are new.
        """
        with self._db.transaction() as db:
            before = _outcomes(db)
            for step in _STEPS:
                db.execute(step)
            # More may follow, of what was derived: to be counted when somebody asks.
            db.execute("UPDATE run SET states = NULL")
            for run, groups in found.groups.items():
                db.executemany(
                    "INSERT OR IGNORE INTO counted_group VALUES (?, ?)", ((run, g) for g in groups)
                )
            db.executemany("DELETE FROM part WHERE path = ?", ((each,) for each in found.younger))
            db.executemany(
                "INSERT OR IGNORE INTO part VALUES (?,?,?,?,?,?)",
                (
                    (part.path, publish, part.staged, part.rows, part.bytes, part.sha256)
                    for part, publish in found.parts
                ),
            )
            return _outcomes(db) - before


def _outcomes(db: Connection) -> int:
    number: int = db.execute("SELECT count(*) FROM request").fetchone()[0]
    return number
