"""A run before it begins: all that decides its plan, not yet entered in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from harvester.harvest.ledger_evidence import LedgerEvidence
from harvester.job.settings import JobSettings
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.dates import Window
from harvester.model.terms import Kind
from harvester.planner.evidence_requests import PlannerOptions, evidence_for, useful_evidence


def drop_useless_evidence(run: Run, ledger: Ledger) -> Run:
    """The run without the evidence that would save nothing, for all it tells of is here."""
    evidence = tuple(useful_evidence(run.plan_inputs, LedgerEvidence(ledger, run)))
    return replace(run, evidence=evidence)


def new_run(
    settings: JobSettings,
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
        wanted=settings.wanted(snapshot),
        entities={},
        settle_days=settings.settle_days,
        planned=0,
        started_at=at,
        ended_at=None,
        skips=settings.skips,
        refresh=refresh,
    )
    return with_entities(settings, run, settings.entities)


def with_entities(settings: JobSettings, run: Run, entities: Mapping[Kind, Sequence[int]]) -> Run:
    """A run of these entities, with the evidence that is worth asking for so many."""
    means = PlannerOptions(
        skips=settings.skips,
        combined=settings.combined_totals,
        ranked=settings.ranked_totals,
        is_first=run.number == 1,
    )
    evidence = tuple(evidence_for(run.wanted, entities, means))
    return replace(run, entities=entities, evidence=evidence)
