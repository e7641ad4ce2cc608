"""The ledger, held against what the files say: temporary tables beside its own.

A million requests are compared and sorted by SQLite on disk, not in our memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from harvester.ledger.database import Database
from harvester.model.kept import Answer, Body, Line

_TABLES = """
CREATE TEMP TABLE body (
    question INTEGER, entity INTEGER, first INTEGER, run INTEGER, last INTEGER,
    publish INTEGER, place INTEGER, http_status INTEGER, fetched_at INTEGER,
    PRIMARY KEY (question, entity, first, run)
) WITHOUT ROWID;
CREATE TEMP TABLE line (
    run INTEGER, question INTEGER, entity INTEGER, first INTEGER, last INTEGER, state TEXT,
    http_status INTEGER, attempts INTEGER, rows INTEGER, bytes INTEGER, finished_at INTEGER,
    reason TEXT, proof TEXT
);
CREATE INDEX temp.line_slot ON line (question, entity, first, run);
CREATE TEMP TABLE place_of (question INTEGER PRIMARY KEY, partition INTEGER);
CREATE TEMP TABLE answer (
    partition INTEGER, home INTEGER, entity INTEGER, question INTEGER, first INTEGER,
    last INTEGER, run INTEGER, publish INTEGER, rows INTEGER, bytes INTEGER,
    fetched_at INTEGER, place INTEGER,
    PRIMARY KEY (partition, home, entity, question, first, run)
) WITHOUT ROWID;
"""
# An answer's rows lie in its home. One without rows has none: should a mended parser find rows
# in it, they go to the part of the publish that took its body.
_ANSWERS = """
INSERT INTO answer
SELECT p.partition, coalesce(r.home, r.publish), r.entity, r.question, r.first, r.last, r.run,
       r.publish, r.rows, r.bytes, r.finished_at, b.place
FROM request r JOIN place_of p USING (question)
LEFT JOIN body b ON (b.question, b.entity, b.first, b.run, b.publish)
                  = (r.question, r.entity, r.first, r.run, r.publish)
WHERE r.state IN ('done', 'empty') AND r.publish IS NOT NULL
ORDER BY 1, 2, 3, 4, 5, 7
"""
_SLOT = "q.key, x.entity, x.first, x.run"
_ASKED = "('done', 'empty', 'failed')"


class Mismatch(NamedTuple):
    """How many requests do not agree, and one of them."""

    number: int
    key: str
    entity: int
    first: int
    run: int


class Audit:
    """Comparisons of the ledger with bodies and lines that are handed in."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self) -> None:
        """Make the temporary tables, empty."""
        with self._db.aside() as db:
            for name in ("body", "line", "place_of", "answer"):
                db.execute(f"DROP TABLE IF EXISTS temp.{name}")
            for statement in _TABLES.split(";"):
                db.execute(statement)

    def questions(self) -> dict[str, int]:
        """The number of every question, by key."""
        rows: list[Any] = self._db.query("SELECT key, id FROM question")
        return dict(rows)

    def take_bodies(self, bodies: Iterable[Body]) -> None:
        """Note where bodies lie; of two for one request the first counts."""
        self._take("INSERT OR IGNORE INTO temp.body VALUES (?,?,?,?,?,?,?,?,?)", bodies)

    def forget_bodies(self, publish: int) -> None:
        """Take back what was noted of a part that turned out to be damaged."""
        with self._db.aside() as db:
            db.execute("DELETE FROM temp.body WHERE publish = ?", (publish,))

    def take_lines(self, lines: Iterable[Line]) -> None:
        """Note what requests/ says."""
        self._take(f"INSERT INTO temp.line VALUES ({','.join('?' * 13)})", lines)

    def sort_answers(self, partitions: Mapping[int, int]) -> None:
        """Sort the published answers by the part that holds their rows.

        Args:
            partitions: question -> partition, for questions whose answers make rows.
        """
        self._take("INSERT INTO temp.place_of VALUES (?, ?)", partitions.items())
        self._take(_ANSWERS, [()])

    def homes(self, partition: int) -> list[int]:
        """The publishes whose parts hold the rows of a partition, oldest first."""
        found = self._db.query(
            "SELECT DISTINCT home FROM answer WHERE partition = ? ORDER BY 1", (partition,)
        )
        return [int(str(home)) for (home,) in found]

    def answers(self, partition: int, home: int) -> Iterator[Answer]:
        """The answers whose rows lie in one part, in the order of their rows."""
        with self._db.aside() as db:
            for row in db.execute(
                "SELECT entity, question, first, last, run, publish, rows, bytes, fetched_at,"
                " place FROM answer WHERE partition = ? AND home = ?"
                " ORDER BY entity, question, first, run",
                (partition, home),
            ):
                yield Answer(*row)

    def is_rewritten(self, partition: int, home: int) -> bool:
        """Whether a part took rows of later publishes, and so was written anew."""
        return bool(
            self._db.query(
                "SELECT 1 FROM answer WHERE partition = ? AND home = ? AND publish <> home LIMIT 1",
                (partition, home),
            )
        )

    def readings_of(self, question: int, entity: int) -> list[tuple[int, int, int]]:
        """(run, first, last) of every published answer of a series."""
        rows: list[Any] = self._db.query(
            "SELECT run, first, last FROM request WHERE question = ? AND entity = ?"
            " AND state IN ('done', 'empty') AND publish IS NOT NULL",
            (question, entity),
        )
        return rows

    def asked_again(self, question: int) -> bool:
        """Whether any series of a question was read by more than one run."""
        return bool(
            self._db.query(
                "SELECT 1 FROM request WHERE question = ? AND run <> (SELECT min(run) FROM request"
                " WHERE question = ?) LIMIT 1",
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

    def without_body(self) -> list[tuple[int, int, int]]:
        """(publish, how many of its answers have no body, how many it has); only where any."""
        rows: list[Any] = self._db.query(
            "SELECT r.publish, sum(b.place IS NULL), count(*) FROM request r LEFT JOIN body b"
            " ON (b.question, b.entity, b.first, b.run, b.publish)"
            "  = (r.question, r.entity, r.first, r.run, r.publish)"
            " WHERE r.state IN ('done', 'empty') AND r.publish IS NOT NULL GROUP BY 1"
            " HAVING sum(b.place IS NULL) > 0 ORDER BY 1"
        )
        return rows

    def bodies_unknown(self) -> Mismatch | None:
        """Bodies of requests that the ledger has no answer of."""
        return self._mismatch(
            "body x LEFT JOIN request r USING (question, entity, first, run)",
            "r.state IS NULL OR r.state NOT IN ('done', 'empty')",
        )

    def bodies_differing(self) -> Mismatch | None:
        """Bodies whose status or moment is not what the ledger says."""
        return self._mismatch(
            "body x JOIN request r USING (question, entity, first, run)",
            "r.http_status IS NOT x.http_status OR r.finished_at IS NOT x.fetched_at",
        )

    def replies_lost(self) -> Mismatch | None:
        """Answers that neither the spool nor any part holds."""
        return self._mismatch(
            "request x LEFT JOIN spool s USING (question, entity, first, run)",
            "x.state IN ('done', 'empty') AND x.publish IS NULL AND s.id IS NULL",
        )

    def lines_differing(self, run: int, states: Sequence[str]) -> Mismatch | None:
        """Rows of requests/ in these states whose outcome is not what the ledger says."""
        chosen = ", ".join(f"'{state}'" for state in states)
        pairs = ("state", "http_status", "attempts", "rows", "bytes", "finished_at")
        differs = " OR ".join(f"r.{name} IS NOT x.{name}" for name in pairs)
        return self._mismatch(
            "line x LEFT JOIN request r USING (question, entity, first, run)"
            " LEFT JOIN failure f USING (question, entity, first, run)",
            f"x.run = ? AND x.state IN ({chosen}) AND ({differs} OR f.reason IS NOT x.reason)",
            (run,),
        )

    def outcomes_untold(self, run: int) -> Mismatch | None:
        """Outcomes of a run that its file of requests does not have."""
        return self._mismatch(
            "request x LEFT JOIN line l ON (l.question, l.entity, l.first, l.run)"
            f" = (x.question, x.entity, x.first, x.run) AND l.state IN {_ASKED}",
            f"x.run = ? AND x.state IN {_ASKED} AND l.state IS NULL",
            (run,),
        )

    def line_states(self, run: int) -> dict[str, int]:
        """How many rows of a run's file stand in each state."""
        rows: list[Any] = self._db.query(
            "SELECT state, count(*) FROM line WHERE run = ? GROUP BY 1", (run,)
        )
        return dict(rows)

    def windows(self, run: int, question: int) -> Iterator[tuple[int, int, int]]:
        """(entity, first, last) of every row of a question in a run's file, by entity."""
        with self._db.aside() as db:
            yield from db.execute(
                "SELECT entity, first, last FROM line WHERE run = ? AND question = ? ORDER BY 1, 2",
                (run, question),
            )

    def read_windows(self, question: int) -> Iterator[tuple[int, int, int, int]]:
        """(entity, first, last, run) of every published answer of a question, by entity."""
        with self._db.reader() as db:
            yield from db.execute(
                "SELECT entity, first, last, run FROM request WHERE question = ?"
                " AND state IN ('done', 'empty') AND publish IS NOT NULL ORDER BY 1, 2",
                (question,),
            )

    def _take(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Fill a temporary table, all rows in one transaction: one each would cost more."""
        with self._db.aside() as db:
            begins = not db.in_transaction
            if begins:
                db.execute("BEGIN")
            try:
                db.executemany(sql, rows)
            finally:
                if begins:
                    db.execute("COMMIT")

    def _mismatch(
        self, source: str, where: str, values: tuple[object, ...] = ()
    ) -> Mismatch | None:
        rows: list[Any] = self._db.query(
            f"SELECT count(*), {_SLOT} FROM {source} LEFT JOIN question q ON q.id = x.question"
            f" WHERE {where}",
            values,
        )
        return Mismatch(*rows[0]) if rows[0][0] else None
