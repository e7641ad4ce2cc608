"""What became of each request: the outcomes, the spool, and what earlier runs answered."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from harvester.ledger.answer_rows import (
    INTO_REQUEST,
    INTO_SPOOL,
    Row,
    answered_row,
    derived_row,
    derived_spool_row,
    failed_row,
    fresh_reply,
    not_offered_row,
    spooled_row,
    window_days,
)
from harvester.ledger.database import Database
from harvester.ledger.lost_answers import IS_LOST
from harvester.ledger.reply_cache import ReplyCache
from harvester.ledger.sql_batches import insert_all
from harvester.model.dates import Window, day_of, epoch_day, from_micros
from harvester.model.outcomes import DerivedAnswer, ReadWindow
from harvester.model.packed_counts import pack_counts, unpack_counts
from harvester.model.question import Question
from harvester.model.reply import Failure, Reply
from harvester.model.request import Request
from harvester.model.spool import SpooledReply
from harvester.model.terms import Endpoint, State

Slot = tuple[int, int]


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

    def __init__(self, database: Database, fresh: ReplyCache) -> None:
        self._db = database
        self._fresh = fresh
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

    def known_id(self, question: Question) -> int | None:
        """The number of a question; None: nothing was ever kept for it."""
        return self._question_ids.get(question.key)

    def keep(self, run: int, outcomes: Sequence[Reply | Failure]) -> None:
        """Make outcomes durable, all in one transaction."""
        numbers = {each.request.question: 0 for each in outcomes}
        for question in numbers:
            numbers[question] = self.question_id(question)
        told: list[Row] = []
        spooled: list[Row] = []
        fresh: list[SpooledReply] = []
        failures: list[Row] = []
        groups: list[Row] = []
        points: list[Row] = []
        for outcome in outcomes:
            slot = (numbers[outcome.request.question], *outcome.request.slot, run)
            if isinstance(outcome, Reply):
                told.append(answered_row(slot, outcome))
                spooled.append(spooled_row(slot, outcome))
                fresh.append(fresh_reply(spooled[-1], outcome))
                groups += [(run, group) for group in outcome.request.groups]
                if outcome.summary.points:
                    points.append((*slot, pack_counts(outcome.summary.points)))
            elif outcome.request.question.is_undocumented:
                told.append(not_offered_row(slot, outcome))
            else:
                told.append(failed_row(slot, outcome))
                failures.append((*slot, outcome.reason, outcome.sentence, outcome.body))
        with self._db.transaction() as db:
            insert_all(db, INTO_REQUEST, told)
            insert_all(db, INTO_SPOOL, spooled)
            # Ids are given one after the other.
            (last_id,) = db.execute("SELECT last_insert_rowid()").fetchone()
            insert_all(db, "INSERT INTO failure", failures)
            insert_all(db, "INSERT INTO counted_group", groups)
            insert_all(db, "INSERT INTO points", points)
        self._fresh.keep(last_id - len(fresh) + 1, fresh)

    def keep_derived(self, run: int, answers: Sequence[DerivedAnswer]) -> None:
        """Make answers that no request brought durable, all in one transaction."""
        told: list[Row] = []
        spooled: list[Row] = []
        for each in answers:
            first, _ = window_days(each.window)
            slot = (self.question_id(each.question), each.entity_id, first, run)
            told.append(derived_row(slot, each))
            spooled.append(derived_spool_row(slot, each))
        with self._db.transaction() as db:
            insert_all(db, INTO_REQUEST, told)
            insert_all(db, INTO_SPOOL, spooled)

    def cut_short(self, run: int, question: Question, reach: Callable[[Window], date]) -> None:
        """Take answers of a run to long windows for what they are: answers to their beginning.

        Rows of later days are not published; where they are already, what is asked of those days
        takes their place (`readings`).

        Args:
            reach: the last day that the answer to a window has in full.
        """
        number = self.question_id(question)
        asked: list[Any] = self._db.query(
            "SELECT entity, first, last, rows, counts FROM request LEFT JOIN points USING"
            " (question, entity, first, run) WHERE question = ? AND run = ?"
            " AND state IN ('done', 'empty')",
            (number, run),
        )
        shorter: list[Row] = []
        for entity, first, last, rows, counts in asked:
            to = epoch_day(reach(Window(day_of(first), day_of(last))))
            if to < last:
                left = sum(day <= to for day in unpack_counts(counts)) if counts else rows
                shorter.append((to, min(rows, left), number, entity, first, run))
        key = "question = ? AND entity = ? AND first = ? AND run = ?"
        with self._db.transaction() as db:
            shown = "shown = min(coalesce(shown, last), ?), rows = ?"
            is_out = "rows_to = CASE WHEN publish IS NULL OR rows = 0 THEN rows_to ELSE last END"
            db.executemany(f"UPDATE request SET {shown}, {is_out} WHERE {key}", shorter)
            db.executemany(f"UPDATE spool SET {shown} WHERE {key}", shorter)

    def cut_before(self, run: int, question: Question, day: int) -> dict[Slot, int]:
        """The last day shown of a run's answers that show none of a day: they were cut short."""
        rows: list[Any] = self._db.query(
            "SELECT entity, first, shown FROM request WHERE question = ? AND run = ?"
            " AND last >= ? AND shown < ?",
            (self.known_id(question), run, day, day),
        )
        return {(entity, first): shown for entity, first, shown in rows}

    def outcomes(self, run: int, question: Question, low: int, high: int) -> dict[Slot, Outcome]:
        """What became of the requests of a question in this run, for entities low..high."""
        with self._db.reader() as db:
            rows: Iterable[tuple[Any, ...]] = db.execute(
                "SELECT r.entity, r.first, state, http_status, attempts, rows, bytes, finished_at,"
                " publish IS NOT NULL, reason, sentence FROM request r"
                " LEFT JOIN failure USING (question, entity, first, run)"
                " WHERE r.question = ? AND r.entity BETWEEN ? AND ? AND r.run = ?",
                (self.question_id(question), low, high, run),
            )
            return {
                (entity, first): Outcome(
                    State(state), status, attempts, made, size, from_micros(at), bool(is_out), *why
                )
                for entity, first, state, status, attempts, made, size, at, is_out, *why in rows
            }

    def tally(self, run: int) -> dict[str, int]:
        """How many requests of a run stand in each state."""
        # As counted at the end of the run; else anew.
        rows = self._db.query(
            "SELECT key, value FROM run, json_each(states) WHERE number = ?", (run,)
        ) or self._db.query(
            "SELECT state, count(*) FROM request WHERE run = ? GROUP BY state", (run,)
        )
        found = {State(str(state)): int(str(number)) for state, number in rows}
        return {state.value: n for state, n in found.items() if not state.is_derived}

    def asked(self, run: int, endpoint: Endpoint) -> int:
        """How many requests of a run to one endpoint have an outcome."""
        rows: list[Any] = self._db.query(
            "SELECT count(*) FROM request WHERE run = ? AND state IN ('done', 'empty', 'failed')"
            " AND question IN (SELECT id FROM question WHERE key LIKE ?)",
            (run, f"{endpoint.value}/%"),
        )
        return int(rows[0][0])

    def readings(
        self, question: Question, run: int, without: Collection[int] = ()
    ) -> dict[int, list[ReadWindow]]:
        """Windows of runs before one with an answer, by entity, oldest run first.

        Those of this run whose rows were published before their answer proved to be cut short
        stand among them: what is asked of the days behind replaces rows, too.

        Args:
            without: numbers of runs that are left out.
        """
        with self._db.reader() as db:
            runs = {
                number: (day_of(snapshot), run_id)
                for number, snapshot, run_id in db.execute(
                    "SELECT number, snapshot, run_id FROM run WHERE number <= ?", (run,)
                )
            }
            found: dict[int, list[ReadWindow]] = {}
            for entity, first, last, reader, home, is_lost in db.execute(
                f"SELECT entity, first, coalesce(rows_to, shown, last), run, home, {IS_LOST}"
                " FROM request WHERE question = ? AND (run < ? OR run = ? AND rows_to IS NOT NULL)"
                f" AND (state != 'failed' OR {IS_LOST}) ORDER BY entity, run, first",
                (self.question_id(question), run, run),
            ):
                if reader not in without:
                    days = day_of(first), day_of(last)
                    reading = ReadWindow(*days, *runs[reader], home, bool(is_lost))
                    found.setdefault(entity, []).append(reading)
            return found

    def one_answered(self, run: int, question: Question) -> Request | None:
        """A request of a run that was answered by the service; None: none was, or it is a count.

        Counts are told by their groups, which stand in the spool for a while only.
        """
        number = self.known_id(question)
        if number is None or question.endpoint is Endpoint.COUNT:
            return None
        found: list[Any] = self._db.query(
            "SELECT entity, first, last FROM request WHERE question = ? AND run = ?"
            " AND state IN ('done', 'empty') AND publish IS NOT 0 LIMIT 1",
            (number, run),
        )
        for entity, first, last in found:
            window = Window(day_of(first), day_of(last)) if first else None
            return Request(question, entity or None, window)
        return None

    def counted_groups(self, snapshot: date, up_to_run: int) -> dict[int, int]:
        """Groups that runs of this date counted, and which run last."""
        rows: list[Any] = self._db.query(
            "SELECT group_id, max(run) FROM counted_group JOIN run ON run.number = run"
            " WHERE run.snapshot = ? AND run.number <= ? GROUP BY group_id",
            (epoch_day(snapshot), up_to_run),
        )
        return dict(rows)
