"""What became of each request: the outcomes, the spool, and what earlier runs answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from harvester.ledger.database import Database
from harvester.model.moment import micros, moment_of
from harvester.model.question import Question
from harvester.model.reading import Reading
from harvester.model.reply import Failure, Reply
from harvester.model.terms import State
from harvester.model.window import day_of, epoch_day

Slot = tuple[int, int]
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the ledger says of one request of a run.

    Attributes:
        is_published: its rows stand in the datasets; False: still in the spool.
        reason: None unless it failed.
    """

    state: State
    http_status: int | None
    attempts: int
    rows: int
    bytes: int
    finished_at: datetime
    is_published: bool
    reason: str | None
    sentence: str | None


class Answers:
    """Outcomes by question, slot and run.

    A reply is kept in one transaction with its state, before anyone looks for its rows
    (storage.md, step 1): it is here whole, or it is asked again.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._question_ids: dict[str, int] = {}
        for key, number in database.query("SELECT key, id FROM question"):
            self._question_ids[str(key)] = int(str(number))

    def question_id(self, question: Question) -> int:
        """The number under which a question is kept; given on first sight."""
        if (known := self._question_ids.get(question.key)) is not None:
            return known
        with self._db.transaction() as db:
            number = db.execute("INSERT INTO question (key) VALUES (?)", (question.key,)).lastrowid
        self._question_ids[question.key] = int(number or 0)
        return self._question_ids[question.key]

    def keep(self, run: int, outcomes: Sequence[Reply | Failure]) -> None:
        """Make outcomes durable, all in one transaction."""
        numbers = {each.request.question: 0 for each in outcomes}
        for question in numbers:
            numbers[question] = self.question_id(question)
        told: list[Row] = []
        spooled: list[Row] = []
        failures: list[Row] = []
        groups: list[Row] = []
        for outcome in outcomes:
            slot = (numbers[outcome.request.question], *outcome.request.slot, run)
            if isinstance(outcome, Reply):
                told.append(_answered(slot, outcome))
                spooled.append(_spooled(slot, outcome))
                groups += [(run, group) for group in outcome.request.groups]
            else:
                told.append(_failed(slot, outcome))
                failures.append((*slot, outcome.reason, outcome.sentence, outcome.body))
        with self._db.transaction() as db:
            db.executemany(_ANSWERED, told)
            db.executemany(_SPOOLED, spooled)
            db.executemany("INSERT INTO failure VALUES (?,?,?,?,?,?,?)", failures)
            db.executemany("INSERT INTO counted_group VALUES (?, ?)", groups)

    def answered(self, run: int, question: Question) -> set[Slot]:
        """The slots of a question that have an outcome in this run."""
        rows = self._db.query(
            "SELECT entity, first FROM request WHERE question = ? AND run = ?",
            (self.question_id(question), run),
        )
        return {(entity, first) for entity, first in rows}  # type: ignore[misc]  # INTEGER columns

    def outcomes(self, run: int, question: Question) -> Iterator[tuple[Slot, Outcome]]:
        """What became of each request of a question in this run, by entity, then first day."""
        with self._db.reader() as db:
            rows: Iterable[tuple[Any, ...]] = db.execute(
                "SELECT r.entity, r.first, state, http_status, attempts, rows, bytes, finished_at,"
                " publish IS NOT NULL, reason, sentence FROM request r"
                " LEFT JOIN failure USING (question, entity, first, run)"
                " WHERE r.question = ? AND r.run = ? ORDER BY r.entity, r.first",
                (self.question_id(question), run),
            )
            for entity, first, state, status, attempts, made, size, at, is_out, *why in rows:
                reason, sentence = why
                yield (
                    (entity, first),
                    Outcome(
                        State(state), status, attempts, made, size, moment_of(at), bool(is_out),
                        reason, sentence,
                    ),
                )  # fmt: skip

    def tally(self, run: int) -> dict[str, int]:
        """How many requests of a run stand in each state."""
        rows = self._db.query(
            "SELECT state, count(*) FROM request WHERE run = ? GROUP BY state", (run,)
        )
        return {str(state): int(str(number)) for state, number in rows}

    def failure_reasons(self, run: int) -> dict[str, int]:
        """How many requests of a run failed, by reason."""
        rows = self._db.query(
            "SELECT reason, count(*) FROM failure WHERE run = ? GROUP BY reason ORDER BY 1", (run,)
        )
        return {str(reason): int(str(number)) for reason, number in rows}

    def failures(self, run: int) -> list[tuple[str, int, int, int, str, str, int | None, int]]:
        """Failed requests of a run.

        Returns:
            (question key, entity, first, last, reason, sentence, http status, attempts).
        """
        rows: list[Any] = self._db.query(
            "SELECT key, r.entity, r.first, r.last, reason, sentence, http_status, attempts"
            " FROM request r JOIN failure f USING (question, entity, first, run)"
            " JOIN question q ON q.id = r.question WHERE r.run = ? AND r.state = 'failed'"
            " ORDER BY key, r.entity, r.first",
            (run,),
        )
        return rows

    def forget_failures(self, run: int, reason: str | None) -> int:
        """Put failed requests back to pending; `reason` None: all of them."""
        chosen = "run = ? AND (? IS NULL OR reason = ?)"
        with self._db.transaction() as db:
            gone = db.execute(
                "DELETE FROM request WHERE state = 'failed' AND run = ? AND (question, entity,"
                f" first) IN (SELECT question, entity, first FROM failure WHERE {chosen})",
                (run, run, reason, reason),
            ).rowcount
            db.execute(f"DELETE FROM failure WHERE {chosen}", (run, reason, reason))
        return gone

    def readings(self, question: Question, before_run: int) -> dict[int, list[Reading]]:
        """Windows of earlier runs with an answer, by entity, oldest run first."""
        with self._db.reader() as db:
            runs = {
                number: (day_of(snapshot), run_id)
                for number, snapshot, run_id in db.execute(
                    "SELECT number, snapshot, run_id FROM run WHERE number < ?", (before_run,)
                )
            }
            found: dict[int, list[Reading]] = {}
            if not runs:
                return found
            for entity, first, last, run, home in db.execute(
                "SELECT entity, first, last, run, home FROM request WHERE question = ? AND run < ?"
                " AND state IN ('done', 'empty') ORDER BY entity, run, first",
                (self.question_id(question), before_run),
            ):
                reading = Reading(day_of(first), day_of(last), *runs[run], home)
                found.setdefault(entity, []).append(reading)
            return found

    def counted_groups(self, snapshot: date, before_run: int) -> set[int]:
        """Groups that earlier runs of this date counted."""
        rows = self._db.query(
            "SELECT group_id FROM counted_group JOIN run ON run.number = counted_group.run"
            " WHERE run.snapshot = ? AND run.number < ?",
            (epoch_day(snapshot), before_run),
        )
        return {int(str(group)) for (group,) in rows}


_ANSWERED = (
    "INSERT INTO request (question, entity, first, run, last, state, http_status, attempts,"
    " rows, bytes, finished_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)
_SPOOLED = (
    "INSERT INTO spool (question, entity, first, run, last, groups, rows, http_status,"
    " content_type, fetched_at, body) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)


def _last(outcome: Reply | Failure) -> int:
    request = outcome.request
    if request.groups:
        return request.groups[-1]
    return epoch_day(request.window.last) if request.window else 0


def _answered(slot: tuple[int, ...], reply: Reply) -> tuple[object, ...]:
    state = "done" if reply.rows else "empty"
    size = len(reply.body)
    fetched = micros(reply.fetched_at)
    return (
        *slot, _last(reply), state, reply.http_status, reply.attempts, reply.rows, size, fetched
    )  # fmt: skip


def _spooled(slot: tuple[int, ...], reply: Reply) -> tuple[object, ...]:
    groups = orjson.dumps(reply.request.groups).decode() if reply.request.groups else None
    read = (reply.http_status, reply.content_type, micros(reply.fetched_at), reply.body)
    return (*slot, _last(reply), groups, reply.rows, *read)


def _failed(slot: tuple[int, ...], failure: Failure) -> tuple[object, ...]:
    size = len(failure.body or b"")
    told = (failure.http_status, failure.attempts, 0, size, micros(failure.failed_at))
    return (*slot, _last(failure), "failed", *told)
