"""What a `run` would ask now, derived without sending or writing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from harvester.harvest.ledger_evidence import LedgerEvidence
from harvester.harvest.new_run import drop_useless_evidence, new_run, with_entities
from harvester.harvest.resume import RunCall, RunDecision, changed_since, decide
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.request import Request
from harvester.model.run_plan import PlanInputs
from harvester.planner.inputs import EvidenceSource, NoEvidence
from harvester.planner.size import PlanSize, first_size, known_requests, next_month, size
from harvester.preview.estimate import Estimate, estimate


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan before it is carried out, with what it costs.

    Attributes:
        inputs: of the run that would go on or begin.
        size: what it costs, less what the unfinished run has.
        goes_on: the id of the unfinished run that would be resumed; None: a new one begins.
        is_finished: the job is finished for this date, and nothing would be sent.
        failed: requests of the finished run that failed.
        estimated: what is asked before the plan; the plan rests on what it knows of entities.
    """

    inputs: PlanInputs
    known: EvidenceSource
    size: PlanSize
    goes_on: str | None
    estimate: Estimate
    is_finished: bool = False
    failed: int = 0

    @property
    def requests(self) -> Iterator[Request]:
        """The requests that would be sent, as far as they do not depend on answers, lazily."""
        return iter(()) if self.is_finished else known_requests(self.inputs, self.known)


@contextmanager
def previewed(settings: JobSettings, today: date | None) -> Iterator[Preview]:
    """Work out what a run would ask.

    Raises:
        UsageError: an unfinished run does not fit the spec or the date.
        OutputError: the ledger is damaged.
    """
    snapshot = settings.run_date(today, datetime.now(UTC).date())
    if not settings.ledger.is_file():
        run = new_run(settings, 1, f"{snapshot}.1", snapshot, datetime.now(UTC))
        yield _unknown(settings, run, None)
        return
    with Ledger(settings.ledger, read_only=True) as ledger:
        yield _with_ledger(settings, ledger, today, snapshot)


def _unknown(settings: JobSettings, run: Run, ledger: Ledger | None) -> Preview:
    """A job that never ran; its entities may have been counted."""
    estimated = estimate(settings, ledger, run.snapshot)
    inputs = with_entities(settings, run, estimated.entities).plan_inputs
    stages, questions = first_size(inputs)
    cost = PlanSize(
        stages,
        questions,
        requests_per_second=settings.requests_per_second,
        next_month=next_month(inputs),
    )
    return Preview(inputs, NoEvidence(), cost, None, estimated)


def _with_ledger(
    settings: JobSettings, ledger: Ledger, today: date | None, snapshot: date
) -> Preview:
    latest = ledger.runs.latest()
    called = RunCall(
        today,
        snapshot,
        changed_since(latest, settings, ledger),
        new_run=False,
        asks_anew=ledger.lost_answers.asks_anew,
    )
    choice = decide(latest, called, where=str(settings.folder))
    if latest is None:
        run = new_run(settings, 1, f"{snapshot}.1", snapshot, datetime.now(UTC))
        return _unknown(settings, run, ledger)
    is_finished = choice is RunDecision.NOTHING
    if choice is RunDecision.RESUME or is_finished:
        run, estimated = latest, Estimate(latest.entities)
    else:
        run_id = ledger.runs.next_run_id(snapshot)
        run = new_run(settings, latest.number + 1, run_id, snapshot, datetime.now(UTC))
        run = replace(run, gathers=True)
    if run.gathers:
        estimated = estimate(settings, ledger, run.snapshot)
        run = drop_useless_evidence(with_entities(settings, run, estimated.entities), ledger)
    inputs, known = run.plan_inputs, LedgerEvidence(ledger, run)
    tally = ledger.answers.tally(run.number)
    cost = PlanSize(
        size(inputs, known),
        done=sum(tally.values()),
        requests_per_second=settings.requests_per_second,
        next_month=next_month(inputs),
    )
    goes_on = run.run_id if run.number == latest.number else None
    failed = tally.get("failed", 0) + ledger.metadata.tally(run.number).get("failed", 0)
    return Preview(inputs, known, cost, goes_on, estimated, is_finished, failed)
