"""A run before it begins: all that decides its plan, not yet entered in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from harvester.harvest.evidence import LedgerKnown
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.dates import Window
from harvester.model.terms import Kind
from harvester.planner.evidence_requests import Means, evidence_for, still_of_use
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import entity_ids, wanted


def thrifty(run: Run, ledger: Ledger) -> Run:
    """The run without the evidence that would save nothing, for all it tells of is here."""
    evidence = tuple(still_of_use(run.basis, LedgerKnown(ledger, run)))
    return replace(run, evidence=evidence)


def new_run(
    job: JobSpec,
    number: int,
    run_id: str,
    snapshot: date,
    at: datetime,
    refresh: Window | None = None,
) -> Run:
    """A run of this date, not yet entered anywhere."""
    run = Run(
        number=number,
        run_id=run_id,
        snapshot=snapshot,
        state=RunState.UNFINISHED,
        wanted=wanted(job, snapshot),
        entities={},
        settle_days=job.planner.settle_days,
        planned=0,
        started_at=at,
        ended_at=None,
        skips=job.planner.skip_unneeded,
        refresh=refresh,
    )
    return with_entities(job, run, entity_ids(job))


def with_entities(job: JobSpec, run: Run, entities: Mapping[Kind, Sequence[int]]) -> Run:
    """A run of these entities, with the evidence that is worth asking for so many."""
    planner = job.planner
    means = Means(
        skips=planner.skip_unneeded,
        combined=planner.combined_totals,
        ranked=planner.ranked_totals,
        is_first=run.number == 1,
    )
    evidence = tuple(evidence_for(run.wanted, entities, means))
    return replace(run, entities=entities, evidence=evidence)
