"""What a report says of the job itself, beside its numbers; handed in by who knows the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from harvester.model.receipt import Receipt
from harvester.report.run_periods import RunPeriod


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """One thing that a check of the numbers found.

    Attributes:
        severity: `error` (numbers are wrong or missing), `warning` (they may be) or `note`.
        what: one sentence.
        where: which dataset, entity or period; may be empty.
    """

    severity: str
    what: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run of the job, as the ledger has it.

    Attributes:
        receipts: how politely it asked, by host, all its calls together.
    """

    run_id: str
    state: str
    planned: int
    started_at: datetime
    ended_at: datetime | None
    receipts: Sequence[Receipt] = ()


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a report says of the job itself: runs, spec, findings.

    Attributes:
        name: of the job, the folder's own.
        institution: its slug; None: public scope.
        as_of: the latest run's date; None: the ledger knows no run.
        settle_days: how old a day must be before its number no longer moves.
        spec: the resolved spec as YAML text, without secrets; empty: not kept.
        created_by: the version that began the folder; empty: not known.
        version: of the harvester that writes the report.
        findings: what reconciliation found; None: it has not been asked.
        not_compared: why it has not.
        pauses: hosts that ask us to wait at this moment.
        periods: what each run was asked for.
    """

    name: str
    institution: str | None
    as_of: date | None
    settle_days: int
    spec: str
    runs: Sequence[RunFacts]
    created_by: str
    version: str
    findings: Sequence[ReportFinding] | None = None
    not_compared: str = ""
    pauses: Sequence[tuple[str, datetime]] = ()
    periods: Sequence[RunPeriod] = ()
