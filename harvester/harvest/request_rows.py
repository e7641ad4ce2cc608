"""The rows of requests/: each request of a run, and each stretch of days that needed none."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

from harvester.harvest.ledger_evidence import LedgerEvidence
from harvester.ledger.answers import Outcome
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.shown_days import ShownDays
from harvester.model.terms import State
from harvester.planner.planned import NotNeeded, Planned
from harvester.planner.step import Step
from harvester.planner.steps import steps
from harvester.store.requests import RequestRow

# Lines whose outcomes are looked up together.
_LINES_AT_ONCE = 2_000


def steps_of(ledger: Ledger, run: Run) -> list[Step]:
    """The steps of a run, planned from what the ledger knows now."""
    return steps(run.plan_inputs, LedgerEvidence(ledger, run))


def request_rows(ledger: Ledger, run: Run, *, pending: State) -> Generator[RequestRow, None, None]:
    """A line for each request of a run and each stretch that needed none, as far as it is planned.

    Args:
        pending: what a request without published rows is called: pending or abandoned.
    """
    # All that a run asked that is over was planned, also where its answers were lost since.
    is_over, is_reached = run.state is RunState.FINISHED, True
    shown = ShownDays(run.wanted)
    for step in steps_of(ledger, run):
        if step.waits and not (is_reached or is_over):
            # It is planned from what an earlier step will answer.
            continue
        for some in _grouped(step.items()):
            outcomes = _outcomes(ledger, run, some)
            for planned in some:
                if isinstance(planned.item, NotNeeded):
                    item = planned.item
                    row = RequestRow(item.saved, State.NOT_NEEDED, item.reason, item.proof)
                    yield row._replace(shown=shown.of(item.saved))
                    continue
                outcome = outcomes.get(planned.item.slot) if planned.is_in else None
                is_reached = is_reached and outcome is not None
                row = _line(planned.item, outcome, pending)
                yield row._replace(shown=shown.of(planned.item))


def _grouped(items: Iterable[Planned]) -> Iterator[list[Planned]]:
    """Lines of one question at a time, and not too many."""
    some: list[Planned] = []
    for planned in items:
        if some and (len(some) >= _LINES_AT_ONCE or _question(planned) != _question(some[0])):
            yield some
            some = []
        some.append(planned)
    if some:
        yield some


def _question(planned: Planned) -> Question:
    item = planned.item
    return (item.saved if isinstance(item, NotNeeded) else item).question


def _outcomes(
    ledger: Ledger, run: Run, some: Sequence[Planned]
) -> Mapping[tuple[int, int], Outcome]:
    slots = [each.item.slot[0] for each in some if isinstance(each.item, Request) and each.is_in]
    if not slots:
        return {}
    return ledger.answers.outcomes(run.number, _question(some[0]), min(slots), max(slots))


def _line(request: Request, outcome: Outcome | None, pending: State) -> RequestRow:
    if outcome is None:
        return RequestRow(request, pending)
    # An answer whose rows wait in the spool is not in the datasets yet: say so.
    waits = not outcome.is_published and outcome.state is not State.FAILED
    return RequestRow(
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
