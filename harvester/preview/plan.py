"""What a `run` would ask now, worked out without sending or writing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from harvester.harvest.ledger_evidence import LedgerKnown
from harvester.harvest.new_run import new_run, thrifty, with_entities
from harvester.harvest.resume import Called, Choice, changed_since, choose
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.request import Request
from harvester.model.run_plan import Basis
from harvester.planner.inputs import Known, NothingKnown
from harvester.planner.size import PlanSize, first_size, known_requests, next_month, size
from harvester.preview.estimate import Foreseen, foresee


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan before it is carried out.

    Attributes:
        basis: of the run that would go on or begin.
        size: what it costs, less what the unfinished run has.
        goes_on: the id of the unfinished run that would be resumed; None: a new one begins.
        is_finished: the job is finished for this date, and nothing would be sent.
        failed: requests of the finished run that failed.
        foreseen: what is asked before the plan; the plan rests on what it knows of entities.
    """

    basis: Basis
    known: Known
    size: PlanSize
    goes_on: str | None
    foreseen: Foreseen
    is_finished: bool = False
    failed: int = 0

    @property
    def requests(self) -> Iterator[Request]:
        """The requests that would be sent, as far as they do not depend on answers, lazily."""
        return iter(()) if self.is_finished else known_requests(self.basis, self.known)


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
    with Ledger(settings.ledger) as ledger:
        yield _with_ledger(settings, ledger, today, snapshot)


def _unknown(settings: JobSettings, run: Run, ledger: Ledger | None) -> Preview:
    """A job that never ran; its entities may have been counted."""
    foreseen = foresee(settings, ledger, run.snapshot)
    basis = with_entities(settings, run, foreseen.entities).basis
    stages, questions = first_size(basis)
    cost = PlanSize(
        stages,
        questions,
        requests_per_second=settings.requests_per_second,
        next_month=next_month(basis),
    )
    return Preview(basis, NothingKnown(), cost, None, foreseen)


def _with_ledger(
    settings: JobSettings, ledger: Ledger, today: date | None, snapshot: date
) -> Preview:
    latest = ledger.runs.latest()
    called = Called(today, snapshot, changed_since(latest, settings, ledger), new_run=False)
    choice = choose(latest, called, where=str(settings.folder))
    if latest is None:
        run = new_run(settings, 1, f"{snapshot}.1", snapshot, datetime.now(UTC))
        return _unknown(settings, run, ledger)
    is_finished = choice is Choice.NOTHING
    if choice is Choice.RESUME or is_finished:
        run, foreseen = latest, Foreseen(latest.entities)
    else:
        run_id = ledger.runs.next_run_id(snapshot)
        run = new_run(settings, latest.number + 1, run_id, snapshot, datetime.now(UTC))
        run = replace(run, gathers=True)
    if run.gathers:
        foreseen = foresee(settings, ledger, run.snapshot)
        run = thrifty(with_entities(settings, run, foreseen.entities), ledger)
    basis, known = run.basis, LedgerKnown(ledger, run)
    tally = ledger.answers.tally(run.number)
    cost = PlanSize(
        size(basis, known),
        done=sum(tally.values()),
        requests_per_second=settings.requests_per_second,
        next_month=next_month(basis),
    )
    goes_on = run.run_id if run.number == latest.number else None
    failed = tally.get("failed", 0) + ledger.items.tally(run.number).get("failed", 0)
    return Preview(basis, known, cost, goes_on, foreseen, is_finished, failed)
