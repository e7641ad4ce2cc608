"""The ledger as the plan asks it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from harvester.ledger.answers import Outcome
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.question import Question
from harvester.model.reading import Reading
from harvester.model.request import Request
from harvester.model.terms import State
from harvester.planner.coverage import Today
from harvester.planner.expand import NotNeeded, Plan
from harvester.store.requests import RequestLine


class LedgerKnown:
    """What runs before one number answered; the same for the whole life of that run."""

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._ledger = ledger
        self._run = run
        self._last: tuple[Question, Mapping[int, Sequence[Reading]]] | None = None

    def readings(self, question: Question) -> Mapping[int, Sequence[Reading]]:
        """Answered windows by entity id, oldest run first; one question is held at a time."""
        if self._last is None or self._last[0] != question:
            found = self._ledger.answers.readings(question, self._run.number)
            self._last = (question, found)
        return self._last[1]

    def counted_groups(self) -> set[int]:
        """The groups that an earlier run of the same date counted."""
        return self._ledger.answers.counted_groups(self._run.snapshot, self._run.number)


def plan_of(ledger: Ledger, run: Run) -> Plan:
    """The plan of a run, from what the ledger keeps of it: the same today as on its first day."""
    today = Today(run.snapshot, run.settle_days)
    return Plan(run.wanted, run.entities, LedgerKnown(ledger, run), today)


def request_lines(
    ledger: Ledger, run: Run, *, pending: State
) -> Generator[RequestLine, None, None]:
    """A line for each request of a run and each stretch that needed none.

    Args:
        pending: what a request without published rows is called: pending or abandoned.
    """
    plan = plan_of(ledger, run)
    for wanted in run.wanted:
        outcomes = ledger.answers.outcomes(run.number, wanted.question)
        at = next(outcomes, None)
        for item in plan.items(wanted):
            if isinstance(item, NotNeeded):
                yield RequestLine(item.saved, State.NOT_NEEDED, item.reason, item.proof)
                continue
            # Both come by entity and first day.
            while at and at[0] < item.slot:
                at = next(outcomes, None)
            matched = at[1] if at and at[0] == item.slot else None
            yield _line(item, matched, pending)


def _line(request: Request, outcome: Outcome | None, pending: State) -> RequestLine:
    if outcome is None:
        return RequestLine(request, pending)
    # An answer whose rows wait in the spool is not in the datasets yet: say so.
    waits = not outcome.is_published and outcome.state is not State.FAILED
    return RequestLine(
        request,
        State.PENDING if waits else outcome.state,
        outcome.reason,
        outcome.sentence,
        outcome.http_status,
        outcome.attempts,
        outcome.rows,
        outcome.bytes,
        outcome.finished_at,
    )
