"""Requests that were given up, and why; who wants them asked again puts them back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harvester.ledger.database import Database
from harvester.model.request import read_request


class Failures:
    """Failed requests of runs."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def reasons(self, run: int) -> dict[str, int]:
        """How many requests of a run failed, by reason."""
        rows = self._db.query(
            "SELECT reason, count(*) FROM failure WHERE run = ? GROUP BY reason ORDER BY 1", (run,)
        )
        return {str(reason): int(str(number)) for reason, number in rows}

    def of(self, run: int) -> list[tuple[str, int, int, int, str, str, int | None, int]]:
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

    def take_back(self, run: int, keys: Iterable[str]) -> None:
        """Put these requests of a run back to pending, if they failed or were not to be had."""
        slots = [(read_request(key).question.key, *read_request(key).slot, run) for key in keys]
        if not slots:
            return
        is_one = (
            "question = (SELECT id FROM question WHERE key = ?) AND entity = ? AND first = ?"
            " AND run = ?"
        )
        # What is not offered counts as answered with nothing, and nothing of it is published.
        gave_nothing = "(state = 'failed' OR state = 'empty' AND publish = 0)"
        with self._db.transaction() as db:
            db.executemany(f"DELETE FROM request WHERE {is_one} AND {gave_nothing}", slots)
            db.executemany(f"DELETE FROM failure WHERE {is_one}", slots)

    def forget(self, run: int, reason: str | None) -> int:
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
