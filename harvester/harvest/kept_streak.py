"""The failures in a row of a run, over its calls: kept in the ledger, beside their outcomes."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from harvester.fetch.failure_streak import FailureStreak
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.reply import Failure, Reply
from harvester.model.request import Request, read_request

# The name of the fact in the ledger.
FAILURE_STREAK = "failure_streak"


class KeptStreak:
    """A run's streak, and what the next call must know of it.

    Attributes:
        streak: goes on where the last call left it.
    """

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._ledger = ledger
        self._run = run
        self._noted = ledger.get_meta(FAILURE_STREAK)
        told = orjson.loads(self._noted) if self._noted else {}
        if told.get("run") != run.number:
            told = {}
        self.streak = FailureStreak(
            suspects=told.get("suspects", {}), unconfirmed=told.get("unconfirmed", {})
        )

    def note(self) -> None:
        """Keep what the next call must know; before the outcomes that it is about."""
        self._note(self.streak.unconfirmed, self._suspects)

    def take_back(self) -> None:
        """Nothing has confirmed them, and nothing more is asked: the next call asks them again."""
        self._ledger.failures.take_back(self._run.number, self.streak.unconfirmed)
        self._note({}, self._suspects)

    def forget(self) -> None:
        """The run is over, or nothing fails any more."""
        if self._noted is not None:
            self._ledger.delete_meta(FAILURE_STREAK)
            self._noted = None

    @property
    def _suspects(self) -> Mapping[str, str]:
        return self.streak.failures if self.streak.all_alike else self.streak.suspects

    def _note(self, unconfirmed: Mapping[str, str], suspects: Mapping[str, str]) -> None:
        if not (unconfirmed or suspects):
            self.forget()
            return
        told = {"run": self._run.number, "unconfirmed": unconfirmed, "suspects": suspects}
        text = orjson.dumps(told).decode()
        if text != self._noted:
            self._ledger.set_meta(FAILURE_STREAK, text)
            self._noted = text

    def known_good(self) -> list[Request]:
        """A request to each suspect's question that this run has had answered, if there is one."""
        # A key leaves the institution out.
        asked = {read_request(key).question.key for key in self.streak.suspects}
        questions = {each.question for each in (*self._run.wanted, *self._run.evidence)}
        found = [
            self._ledger.answers.one_answered(self._run.number, each)
            for each in sorted(questions, key=lambda each: each.key)
            if each.key in asked
        ]
        return [each for each in found if each]

    async def heard_again(self, outcome: Reply | Failure) -> None:
        """What came of a request that had been answered before; its answer is not kept twice."""
        if isinstance(outcome, Reply):
            self.streak.proven.add(outcome.request.question.key)
