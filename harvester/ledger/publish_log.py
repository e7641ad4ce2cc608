"""What is published where: the decision of the commit protocol, and the spool it empties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from secrets import randbelow
from sqlite3 import Connection
from typing import Any

from harvester.ledger.database import Database
from harvester.ledger.reply_cache import ReplyCache
from harvester.ledger.sql_batches import update_all
from harvester.model.dates import from_micros
from harvester.model.part_names import FACES, next_publish, part_name
from harvester.model.published import AnswerUpdate
from harvester.model.spool import OpenPublish, Part, Placement, SpooledReply, SpoolKey, SpoolKeys
from harvester.model.terms import State

_OF_SLOT = "WHERE question = ? AND entity = ? AND first = ? AND run = ?"

_PLACED = (
    "UPDATE request SET publish = placed.column1, home = placed.column2 FROM {rows} AS placed"
    " WHERE question = placed.column3 AND entity = placed.column4 AND first = placed.column5"
    " AND run = placed.column6"
)


class PublishLog:
    """Publishes, their parts, and the replies that wait in the spool."""

    def __init__(self, database: Database, fresh: ReplyCache) -> None:
        self._db = database
        self._fresh = fresh

    def next_number(self) -> int:
        """A number for the next publish; none was given it before, whatever was put back."""
        last = self._number("SELECT coalesce(max(number), 0) FROM publish")
        return next_publish(last, randbelow(FACES))

    def waiting(self) -> dict[int, tuple[int, int]]:
        """Replies and their rows in the spool, by question number."""
        rows: list[Any] = self._db.query(
            "SELECT question, count(*), sum(rows) FROM spool GROUP BY question"
        )
        return {question: (replies, made) for question, replies, made in rows}

    def last_spooled(self) -> int:
        """The youngest reply in the spool; 0 when it is empty."""
        return self._number("SELECT coalesce(max(id), 0) FROM spool")

    def keys(self, questions: Iterable[int], up_to: int, most: int) -> SpoolKeys:
        """Spooled replies of some questions, up to a spool id: the first, by their rows' order."""
        chosen = ",".join(str(number) for number in questions)
        with self._db.reader() as db:
            return SpoolKeys(
                db.execute(
                    "SELECT entity, question, first, coalesce(shown, last), id FROM spool"
                    f" WHERE question IN ({chosen})"
                    " AND id <= ? ORDER BY entity, question, first LIMIT ?",
                    (up_to, most),
                )
            )

    def spooled(self, keys: Iterable[SpoolKey]) -> Iterator[SpooledReply]:
        """The replies of these keys, one after the other, with their bodies."""
        with self._db.reader() as db:
            for key in keys:
                if fresh := self._fresh.take(key):
                    yield fresh
                    continue
                row = db.execute(
                    "SELECT question, entity, first, last, groups, http_status, content_type,"
                    " fetched_at, body, state, source FROM spool WHERE id = ?",
                    (key.spool_id,),
                ).fetchone()
                question, entity, first, last, groups, status, kind, at, body, state, source = row
                derived_answers = State(state) if state else None
                yield SpooledReply(
                    question, entity, first, last, groups, status, kind, from_micros(at), body,
                    derived_answers, source,
                )  # fmt: skip

    def decide(
        self, run: int, number: int, parts: Sequence[Part], placements: Iterable[Placement]
    ) -> None:
        """Step 3 of the commit protocol: from here on the parts will be in place."""
        with self._db.transaction() as db:
            _enter(db, run, number, parts)
            placed = ((number, each.home, each.question, *each.slot, run) for each in placements)
            update_all(db, _PLACED, placed)

    def decide_again(
        self, run: int, number: int, parts: Sequence[Part], changes: Iterable[AnswerUpdate]
    ) -> None:
        """Step 3 for parts made anew from bodies, with what those tell of their answers."""
        with self._db.transaction() as db:
            _enter(db, run, number, parts)
            _correct(db, changes)

    def correct(self, changes: Iterable[AnswerUpdate]) -> None:
        """Take in what bodies tell of their answers."""
        with self._db.transaction() as db:
            _correct(db, changes)

    def settle(self, number: int) -> None:
        """Step 5: all parts are in place; the spool lets go of what they hold."""
        with self._db.transaction() as db:
            db.execute(
                "DELETE FROM spool WHERE id IN (SELECT s.id FROM spool s JOIN request r"
                " USING (question, entity, first, run) WHERE r.publish = ?)",
                (number,),
            )
            db.execute("UPDATE publish SET state = 'published' WHERE number = ?", (number,))

    def unfinished(self) -> list[OpenPublish]:
        """Publishes that a crash may have left half done, oldest first."""
        numbers: list[Any] = self._db.query(
            "SELECT number FROM publish WHERE state = 'prepared' ORDER BY number"
        )
        return [OpenPublish(number, self._parts(number)) for (number,) in numbers]

    def parts(self) -> list[Part]:
        """Every part of the job, by path."""
        rows: list[Any] = self._db.query(
            "SELECT path, staged, rows, bytes, sha256 FROM part ORDER BY path"
        )
        return [Part(*row) for row in rows]

    def part(self, path: str) -> Part | None:
        """A part by its path; None: there is none."""
        rows: list[Any] = self._db.query(
            "SELECT path, staged, rows, bytes, sha256 FROM part WHERE path = ?", (path,)
        )
        return Part(*rows[0]) if rows else None

    def with_answers(self) -> list[int]:
        """The publishes that took replies of the service."""
        rows: list[Any] = self._db.query(
            "SELECT DISTINCT publish FROM request WHERE state IN ('done', 'empty') AND publish > 0"
        )
        return [number for (number,) in rows]

    def names(self) -> Mapping[int, str]:
        """The file name that each publish gave to its new parts, by publish number."""
        rows: list[Any] = self._db.query(
            "SELECT publish.number, run_id FROM publish JOIN run ON run.number = publish.run"
        )
        return {number: part_name(run_id, number) for number, run_id in rows}

    def _parts(self, publish: int) -> list[Part]:
        rows: list[Any] = self._db.query(
            "SELECT path, staged, rows, bytes, sha256 FROM part WHERE publish = ? ORDER BY staged",
            (publish,),
        )
        return [Part(*row) for row in rows]

    def _number(self, sql: str) -> int:
        return int(str(self._db.query(sql)[0][0]))


def _enter(db: Connection, run: int, number: int, parts: Sequence[Part]) -> None:
    db.execute("INSERT INTO publish VALUES (?, ?, 'prepared')", (number, run))
    db.executemany(
        "INSERT OR REPLACE INTO part VALUES (?,?,?,?,?,?)",
        ((part.path, number, part.staged, part.rows, part.bytes, part.sha256) for part in parts),
    )


def _correct(db: Connection, changes: Iterable[AnswerUpdate]) -> None:
    for each in changes:
        slot = (each.question, each.entity, each.first, each.run)
        told = (each.state.value, each.rows, each.size, each.value, each.at, each.home)
        db.execute(
            "UPDATE request SET state = ?, rows = ?, bytes = ?, value = ?, finished_at = ?,"
            f" home = ? {_OF_SLOT}",
            (*told, *slot),
        )
        db.execute(f"DELETE FROM points {_OF_SLOT}", slot)
        if each.points:
            db.execute("INSERT INTO points VALUES (?,?,?,?,?)", (*slot, each.points))
