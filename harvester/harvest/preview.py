"""What a `run` would ask now, worked out without sending or writing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from harvester.harvest.choice import Called, Choice, choose
from harvester.harvest.facts import job_folder, pace_of, planned_spec, run_date
from harvester.harvest.known import plan_of
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.planner.coverage import Today
from harvester.planner.expand import NothingKnown, Plan, requests_of
from harvester.planner.size import PlanSize, size
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import entity_ids, wanted


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan before it is carried out.

    Attributes:
        plan: of the run that would go on or begin.
        size: what it costs, less what the unfinished run has.
        goes_on: the id of the unfinished run that would be resumed; None: a new one begins.
        is_finished: the job is finished for this date, and nothing would be sent.
        failed: requests of the finished run that failed.
    """

    plan: Plan
    size: PlanSize
    goes_on: str | None
    is_finished: bool
    failed: int
    ledger: Ledger | None

    @property
    def requests(self) -> Iterator[Request]:
        """Every request that would be sent, lazily."""
        if self.is_finished:
            return iter(())
        return requests_of(self.plan, self._answered if self.goes_on else None)

    def _answered(self, question: Question) -> set[tuple[int, int]]:
        latest = self.ledger.runs.latest() if self.ledger else None
        if self.ledger is None or latest is None:
            return set()
        return self.ledger.answers.answered(latest.number, question)


@contextmanager
def previewed(job: JobSpec, today: date | None) -> Iterator[Preview]:
    """Work out what a run would ask.

    Raises:
        UsageError: an unfinished run does not fit the spec or the date.
        OutputError: the ledger is damaged.
    """
    path = job_folder(job) / "_harvest" / "ledger.sqlite"
    snapshot = run_date(job, today, datetime.now(UTC).date())
    if not path.is_file():
        asked = wanted(job, snapshot)
        plan = Plan(asked, entity_ids(job), NothingKnown(), _today(job, snapshot))
        cost = size(plan, requests_per_second=pace_of(job))
        yield Preview(plan, cost, None, is_finished=False, failed=0, ledger=None)
        return
    ledger = Ledger(path)
    try:
        yield _with_ledger(job, ledger, today, snapshot)
    finally:
        ledger.close()


def _with_ledger(job: JobSpec, ledger: Ledger, today: date | None, snapshot: date) -> Preview:
    latest = ledger.runs.latest()
    called = Called(today, snapshot, planned_spec(job), new_run=False)
    choice = choose(latest, called, where=str(job_folder(job)))
    if latest and choice in {Choice.RESUME, Choice.NOTHING}:
        tally = ledger.answers.tally(latest.number)
        plan = plan_of(ledger, latest)
        cost = size(plan, done=sum(tally.values()), requests_per_second=pace_of(job))
        is_finished = choice is Choice.NOTHING
        if is_finished:
            cost = replace(cost, done=cost.requests + cost.done)
        failed = tally.get("failed", 0)
        return Preview(plan, cost, latest.run_id, is_finished, failed, ledger)
    number = latest.number + 1 if latest else 1
    run = new_run(job, number, ledger.runs.next_run_id(snapshot), snapshot, datetime.now(UTC))
    plan = plan_of(ledger, run)
    cost = size(plan, requests_per_second=pace_of(job))
    return Preview(plan, cost, None, is_finished=False, failed=0, ledger=ledger)


def new_run(job: JobSpec, number: int, run_id: str, snapshot: date, at: datetime) -> Run:
    """A run of this date, not yet entered anywhere."""
    return Run(
        number=number,
        run_id=run_id,
        snapshot=snapshot,
        state=RunState.UNFINISHED,
        spec=planned_spec(job),
        wanted=wanted(job, snapshot),
        entities=entity_ids(job),
        settle_days=job.planner.settle_days,
        planned=0,
        started_at=at,
        ended_at=None,
    )


def _today(job: JobSpec, snapshot: date) -> Today:
    return Today(snapshot, job.planner.settle_days)
