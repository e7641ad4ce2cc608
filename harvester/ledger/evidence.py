"""What the plan draws conclusions from: outcomes of a series over all runs, proofs and doubts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harvester.ledger.database import Database
from harvester.model.proof import Doubt, Proof, Rule
from harvester.model.terms import Counter, Kind, State
from harvester.model.told import Told

_STATES = {state.value: state for state in State}


class Evidence:
    """Reads outcomes entity by entity, a bounded stretch of ids at a time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def told(self, question: int, low: int, high: int, up_to_run: int) -> dict[int, list[Told]]:
        """Outcomes of a question for entities low..high, by entity; oldest run first.

        Args:
            question: its number in the ledger.
        """
        found: dict[int, list[Told]] = {}
        with self._db.reader() as db:
            rows: Iterable[tuple[Any, ...]] = db.execute(
                "SELECT r.entity, r.run, run.snapshot, r.first, r.last, coalesce(shown, last),"
                " r.state, rows, value, finished_at, counts FROM request r"
                " JOIN run ON run.number = r.run LEFT JOIN points p USING"
                " (question, entity, first, run)"
                " WHERE r.question = ? AND r.entity BETWEEN ? AND ? AND r.run <= ?"
                " ORDER BY r.entity, r.run, r.first",
                (question, low, high, up_to_run),
            )
            for entity, run, snapshot, first, last, shown, state, *rest in rows:
                found.setdefault(entity, []).append(
                    Told(run, snapshot, first, last, shown, _STATES[state], *rest)
                )
        return found

    def proofs(self, run: int) -> list[tuple[int, Proof]]:
        """Proofs of all runs up to this one, with the number of each one's run."""
        rows: list[Any] = self._db.query(
            "SELECT run, rule, kind, counter, tried, holds, sentence FROM proof WHERE run <= ?"
            " ORDER BY run, rule, kind, counter",
            (run,),
        )
        return [
            (
                number,
                Proof(
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

    def keep_proofs(self, run: int, proofs: Sequence[Proof]) -> None:
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
                    for each in proofs
                ),
            )

    def keep_doubts(self, run: int, doubts: Iterable[tuple[int, Doubt]]) -> None:
        """Remember series that contradict themselves, each with its question's number."""
        with self._db.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO doubt VALUES (?,?,?,?,?)",
                (
                    (number, each.entity_id, run, each.reason, each.sentence)
                    for number, each in doubts
                ),
            )

    def doubted(self, question: int, run: int) -> set[int]:
        """Entities whose series of a question is in doubt in this run."""
        rows: list[Any] = self._db.query(
            "SELECT DISTINCT entity FROM doubt WHERE question = ? AND run = ?", (question, run)
        )
        return {entity for (entity,) in rows}

    def doubts(self, run: int) -> list[tuple[str, int, str, str]]:
        """Every doubt of a run: (question key, entity, reason, sentence)."""
        rows: list[Any] = self._db.query(
            "SELECT key, entity, reason, sentence FROM doubt JOIN question ON id = question"
            " WHERE run = ? ORDER BY key, entity, reason",
            (run,),
        )
        return rows
