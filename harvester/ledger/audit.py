"""The ledger, held against what the files say: temporary tables beside its own.

A million requests are compared and sorted by SQLite on disk, not in our memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from harvester.ledger.database import Database
from harvester.ledger.sql_batches import fill, recreate
from harvester.model.published import BodyLocation, NumberedRow

_TABLES = """
CREATE TEMP TABLE body (
    question INTEGER, entity INTEGER, first INTEGER, run INTEGER, last INTEGER,
    publish INTEGER, place INTEGER, http_status INTEGER, fetched_at INTEGER,
    PRIMARY KEY (question, entity, first, run)
) WITHOUT ROWID;
CREATE TEMP TABLE line (
    run INTEGER, question INTEGER, entity INTEGER, first INTEGER, last INTEGER, state TEXT,
    http_status INTEGER, attempts INTEGER, rows INTEGER, bytes INTEGER, finished_at INTEGER,
    reason TEXT, proof TEXT, shown INTEGER
);
CREATE INDEX temp.line_slot ON line (question, entity, first, run);
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


class Spared(NamedTuple):
    """A row of requests/ that needed no request, in the ledger's numbers."""

    entity: int
    first: int
    last: int
    reason: str
    proof: str


class Audit:
    """Compares the ledger with bodies and rows that are handed in, by SQL."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self) -> None:
        """Make the temporary tables, empty."""
        with self._db.aside() as db:
            recreate(db, _TABLES)

    def questions(self) -> dict[str, int]:
        """The number of every question, by key."""
        rows: list[Any] = self._db.query("SELECT key, id FROM question")
        return dict(rows)

    def take_bodies(self, bodies: Iterable[BodyLocation]) -> None:
        """Note where bodies lie; of two for one request the first counts."""
        fill(self._db, "INSERT OR IGNORE INTO temp.body VALUES (?,?,?,?,?,?,?,?,?)", bodies)

    def forget_bodies(self, publish: int) -> None:
        """Take back what was noted of a part that turned out to be damaged."""
        with self._db.aside() as db:
            db.execute("DELETE FROM temp.body WHERE publish = ?", (publish,))

    def take_lines(self, lines: Iterable[NumberedRow]) -> None:
        """Note what requests/ says."""
        fill(self._db, f"INSERT INTO temp.line VALUES ({','.join('?' * 14)})", lines)

    def without_body(self) -> list[tuple[int, int, int]]:
        """(publish, how many of its answers have no body, how many it has); only where any."""
        rows: list[Any] = self._db.query(
            "SELECT r.publish, sum(b.place IS NULL), count(*) FROM request r LEFT JOIN body b"
            " ON (b.question, b.entity, b.first, b.run, b.publish)"
            "  = (r.question, r.entity, r.first, r.run, r.publish)"
            " WHERE r.state IN ('done', 'empty') AND r.publish > 0 GROUP BY 1"
            " HAVING sum(b.place IS NULL) > 0 ORDER BY 1"
        )
        return rows

    def bodies_unknown(self) -> Mismatch | None:
        """Bodies of requests that the ledger has no answer of."""
        return self._mismatch(
            "body x LEFT JOIN request r USING (question, entity, first, run)",
            # One that was lost may have a body again: its days were asked anew.
            "r.state IS NULL OR r.state NOT IN ('done', 'empty')"
            " AND NOT (r.state = 'failed' AND r.home IS NOT NULL)",
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
            "x.state <> 'failed' AND x.publish IS NULL AND s.id IS NULL",
        )

    def lines_differing(self, run: int, states: Sequence[str]) -> Mismatch | None:
        """Rows of requests/ in these states whose outcome is not what the ledger says."""
        chosen = ", ".join(f"'{state}'" for state in states)
        pairs = ("state", "http_status", "attempts", "rows", "bytes", "finished_at")
        differs = " OR ".join(f"r.{name} IS NOT x.{name}" for name in pairs)
        # Of what is evidence alone no day is shown, and an older version said of none.
        differs += " OR x.shown <> coalesce(r.shown, r.last)"
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

    def derived_untold(self, run: int) -> Mismatch | None:
        """Answers of a run that were derived, for days that no row of its file tells."""
        return self._mismatch(
            "request x LEFT JOIN line l ON (l.question, l.entity, l.run)"
            " = (x.question, x.entity, x.run) AND l.state = 'not_needed'"
            " AND l.first <= x.first AND l.last >= x.last",
            "x.run = ? AND x.state IN ('derived', 'answered_by') AND l.state IS NULL",
            (run,),
        )

    def unproven(self, run: int) -> Mismatch | None:
        """Rows of a run's file that needed no request and do not say why.

        So do those that say another request answered, and the ledger has no such answer.
        """
        return self._mismatch(
            "line x",
            "x.run = ? AND x.state = 'not_needed' AND (x.reason IS NULL OR x.proof IS NULL"
            " OR (x.reason = 'answered_by' AND NOT EXISTS (SELECT 1 FROM request r WHERE"
            " (r.question, r.entity, r.run) = (x.question, x.entity, x.run)"
            " AND r.state = 'answered_by')))",
            (run,),
        )

    def not_zero(self, run: int, question: int, total: int) -> Mismatch | None:
        """Rows of a question that say its total is 0, where no total of that date was."""
        return self._mismatch(
            "line x",
            "x.run = ? AND x.question = ? AND x.reason = 'total_is_zero'"
            " AND NOT EXISTS (SELECT 1 FROM request r JOIN run ON run.number = r.run"
            "  WHERE r.question = ? AND r.entity = x.entity AND coalesce(r.value, 0) = 0"
            "  AND r.state <> 'failed' AND r.run <= x.run"
            "  AND run.snapshot = (SELECT snapshot FROM run WHERE number = x.run))",
            (run, question, total),
        )

    def line_states(self, run: int) -> dict[str, int]:
        """How many rows of a run's file stand in each state."""
        rows: list[Any] = self._db.query(
            "SELECT state, count(*) FROM line WHERE run = ? GROUP BY 1", (run,)
        )
        return dict(rows)

    def spared(self, run: int, question: int) -> Iterator[Spared]:
        """Stretches of a question that a run neither asked nor found covered, by entity."""
        with self._db.aside() as db:
            for row in db.execute(
                "SELECT entity, first, last, coalesce(reason, ''), coalesce(proof, '') FROM line"
                " WHERE run = ? AND question = ? AND state = 'not_needed'"
                " AND reason IS NOT 'covered' ORDER BY entity, first",
                (run, question),
            ):
                yield Spared(*row)

    def knows_values(self, run: int) -> bool:
        """Whether the ledger has a value of every answer of a run that must have one."""
        return not self._db.query(
            "SELECT 1 FROM request JOIN question ON id = question WHERE run = ?"
            " AND state = 'done' AND value IS NULL AND key NOT LIKE 'count/%' LIMIT 1",
            (run,),
        )

    def has_pieces(self, run: int, question: int) -> bool:
        """Whether a run asked some days of a series twice: at once, and in pieces."""
        return bool(
            self._db.query(
                "SELECT 1 FROM request long JOIN request piece USING (question, entity, run)"
                " WHERE run = ? AND question = ? AND piece.first > long.first"
                " AND piece.first <= long.last AND long.state IN ('done', 'empty')"
                " AND piece.attempts > 0 LIMIT 1",
                (run, question),
            )
        )

    def windows(self, run: int, question: int) -> Iterator[tuple[int, int, int]]:
        """(entity, first, last) of every row of a question in a run's file, by entity."""
        with self._db.aside() as db:
            yield from db.execute(
                "SELECT entity, first, last FROM line WHERE run = ? AND question = ? ORDER BY 1, 2",
                (run, question),
            )

    def _mismatch(
        self, source: str, where: str, values: tuple[object, ...] = ()
    ) -> Mismatch | None:
        rows: list[Any] = self._db.query(
            f"SELECT count(*), {_SLOT} FROM {source} LEFT JOIN question q ON q.id = x.question"
            f" WHERE {where}",
            values,
        )
        return Mismatch(*rows[0]) if rows[0][0] else None
