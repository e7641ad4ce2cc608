"""What a report says of a job beside its numbers, read from `_harvest/`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import yaml

from harvester.errors import OutputError
from harvester.ledger.ledger import Ledger
from harvester.report.job_facts import JobFacts, ReportFinding, RunFacts
from harvester.report.run_periods import RunPeriod
from harvester.store.folder import JobFolder
from harvester.version import __version__

_SETTLE_DAYS = 3
_LONGEST_LIST = 50


def job_facts(
    root: Path, findings: list[ReportFinding] | None = None, *, not_compared: str = ""
) -> JobFacts:
    """The job of a folder, also while a run writes it.

    Args:
        findings: what reconciliation found; None: it has not been asked.
        not_compared: why not.

    Raises:
        OutputError: there is no ledger, or it is damaged.
    """
    folder = JobFolder(root)
    spec = _spec(folder)
    told = _ledger(folder.ledger)
    return JobFacts(
        name=root.resolve().name,
        institution=spec.get("source", {}).get("institution"),
        as_of=told.as_of,
        settle_days=spec.get("planner", {}).get("settle_days", _SETTLE_DAYS),
        spec=yaml.safe_dump(_told(spec), sort_keys=False, allow_unicode=True) if spec else "",
        runs=told.runs,
        created_by=told.created_by,
        version=__version__,
        findings=findings,
        not_compared=not_compared,
        pauses=told.pauses,
        periods=told.periods,
    )


def _spec(folder: JobFolder) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(folder.resolved_spec.read_bytes())
    except (OSError, ValueError):
        return {}
    return found


class _Told(NamedTuple):
    """What the ledger has."""

    runs: list[RunFacts]
    as_of: date | None
    created_by: str
    pauses: list[tuple[str, datetime]]
    periods: list[RunPeriod]


def _ledger(path: Path) -> _Told:
    if not path.is_file():
        raise OutputError(
            "there is no ledger here",
            where=str(path.parent.parent),
            fix="name a job's folder (<output.path>/<name>) that a run has written",
        )
    with Ledger(path, read_only=True) as ledger:
        runs = ledger.runs.all()
        facts = [
            RunFacts(
                run.run_id,
                run.state.value,
                run.planned,
                run.started_at,
                run.ended_at,
                ledger.receipts.of(run.number),
            )
            for run in runs
        ]
        now = datetime.now(UTC)
        pauses = [(host, until) for host, until in ledger.pauses() if until > now]
        as_of = runs[-1].snapshot if runs else None
        periods = [
            RunPeriod(run.run_id, each.question, each.window)
            for run in runs
            for each in run.wanted
            if each.window
        ]
        return _Told(facts, as_of, ledger.get_meta("created_by") or "", pauses, periods)


def _told(spec: Any) -> Any:
    """The spec without what is not set, and with long lists of ids cut: a page is no archive."""
    if isinstance(spec, dict):
        return {key: _told(each) for key, each in spec.items() if each not in (None, [], {})}
    if isinstance(spec, list):
        told = [_told(each) for each in spec[:_LONGEST_LIST]]
        more = len(spec) - _LONGEST_LIST
        return [*told, f"... and {more:,} more"] if more > 0 else told
    return spec
