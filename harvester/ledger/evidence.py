"""What the plan draws conclusions from: outcomes of a series over all runs, and trials of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from sqlite3 import Connection
from typing import Any

from harvester.ledger.database import Database
from harvester.ledger.lost_answers import IS_LOST
from harvester.model.outcomes import PastOutcome
from harvester.model.rules import Contradiction, Rule, RuleTrial
from harvester.model.terms import Counter, Kind, State

_STATES = {state.value: state for state in State}
_COLUMNS = (
    f"entity, run, first, last, coalesce(shown, last), state, rows, value, finished_at, {IS_LOST}"
)
_CHOSEN = "WHERE question = ? AND entity BETWEEN ? AND ? AND run <= ?"
_WITHOUT_POINTS = f"SELECT {_COLUMNS}, NULL FROM request {_CHOSEN}"
_WITH_POINTS = (
    f"SELECT {_COLUMNS}, counts FROM request"
    f" LEFT JOIN points USING (question, entity, first, run) {_CHOSEN}"
)


def _by_run(told: PastOutcome) -> tuple[int, int]:
    return told.run, told.first


class Evidence:
    """Reads outcomes entity by entity, a bounded stretch of ids at a time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def outcomes(
        self, question: int, entities: tuple[int, int], up_to_run: int, *, has_points: bool
    ) -> dict[int, list[PastOutcome]]:
        """Outcomes of a question for a stretch of entities, by entity; oldest run first.

        Args:
            question: its number in the ledger.
            entities: first and last, both included.
            has_points: whether counts may have been kept for it one by one.
        """
        low, high = entities
        found: dict[int, list[PastOutcome]] = {}
        with self._db.reader() as db:
            runs = db.execute("SELECT number, snapshot, started_at FROM run").fetchall()
            dates = {number: (snapshot, started) for number, snapshot, started in runs}
            # What was lost after a run had ended, it knew.
            is_over = self._is_over(db, up_to_run)
            rows: Iterable[tuple[Any, ...]] = db.execute(
                _WITH_POINTS if has_points else _WITHOUT_POINTS, (question, low, high, up_to_run)
            )
            for entity, run, first, last, shown, state, made, value, at, is_lost, counts in rows:
                snapshot, began = dates[run]
                told = PastOutcome(
                    run, snapshot, first, last, shown, _STATES[state], made, value, at, counts,
                    began_at=began,
                )  # fmt: skip
                if is_lost:
                    knew = is_over or run == up_to_run
                    told = told._replace(state=State.DONE) if knew else told._replace(is_lost=True)
                if entity in found:
                    found[entity].append(told)
                else:
                    found[entity] = [told]
        for some in found.values():
            if len(some) > 1:
                some.sort(key=_by_run)
        return found

    @staticmethod
    def _is_over(db: Connection, run: int) -> bool:
        found = db.execute("SELECT state <> 'unfinished' FROM run WHERE number = ?", (run,))
        return any(is_over for (is_over,) in found)

    def trials_made(self, run: int) -> list[tuple[int, RuleTrial]]:
        """Proofs of all runs up to this one, with the number of each one's run."""
        rows: list[Any] = self._db.query(
            "SELECT run, rule, kind, counter, tried, holds, sentence FROM proof WHERE run <= ?"
            " ORDER BY run, rule, kind, counter",
            (run,),
        )
        return [
            (
                number,
                RuleTrial(
                    Rule(rule),
                    Kind(kind),
                    Counter(counter) if counter else None,
                    tried,
                    bool(holds),
                    sentence,
                ),
            )
            for number, rule, kind, counter, tried, holds, sentence in rows
        ]

    def keep_trials(self, run: int, trials_made: Sequence[RuleTrial]) -> None:
        """Remember what was tried in this run."""
        with self._db.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO proof VALUES (?,?,?,?,?,?,?)",
                (
                    (
                        each.rule.value,
                        each.kind.value,
                        each.counter.value if each.counter else "",
                        run,
                        each.tried,
                        each.holds,
                        each.sentence,
                    )
                    for each in trials_made
                ),
            )

    def keep_contradictions(
        self, run: int, contradictions: Iterable[tuple[int, Contradiction]]
    ) -> None:
        """Remember series that contradict themselves, each with its question's number."""
        with self._db.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO doubt VALUES (?,?,?,?,?)",
                (
                    (number, each.entity_id, run, each.reason, each.sentence)
                    for number, each in contradictions
                ),
            )

    def contradicted(self, question: int, run: int) -> set[int]:
        """Entities whose series of a question is in doubt in this run."""
        rows: list[Any] = self._db.query(
            "SELECT DISTINCT entity FROM doubt WHERE question = ? AND run = ?", (question, run)
        )
        return {entity for (entity,) in rows}

    def contradictions(self, run: int) -> list[tuple[str, int, str, str]]:
        """Every doubt of a run: (question key, entity, reason, sentence)."""
        rows: list[Any] = self._db.query(
            "SELECT key, entity, reason, sentence FROM doubt JOIN question ON id = question"
            " WHERE run = ? ORDER BY key, entity, reason",
            (run,),
        )
        return rows
