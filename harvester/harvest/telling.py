"""What a report says of a job beside its numbers, read from `_harvest/`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import yaml

from harvester import __version__
from harvester.errors import OutputError
from harvester.ledger.ledger import Ledger
from harvester.report.about import Finding, JobFacts, RunFacts
from harvester.store.folder import JobFolder

_SETTLE_DAYS = 3
_LONGEST_LIST = 50


def job_facts(root: Path, findings: list[Finding] | None = None) -> JobFacts:
    """The job of a folder, also while a run writes it.

    Args:
        findings: what reconciliation found; None: it has not been asked.

    Raises:
        OutputError: there is no ledger, or it is damaged.
    """
    folder = JobFolder(root)
    spec = _spec(folder)
    runs, as_of, created_by = _ledger(folder.ledger)
    return JobFacts(
        name=root.resolve().name,
        institution=spec.get("source", {}).get("institution"),
        as_of=as_of,
        settle_days=spec.get("planner", {}).get("settle_days", _SETTLE_DAYS),
        spec=yaml.safe_dump(_told(spec), sort_keys=False, allow_unicode=True) if spec else "",
        runs=runs,
        created_by=created_by,
        version=__version__,
        findings=findings,
    )


def _spec(folder: JobFolder) -> dict[str, Any]:
    try:
        found: dict[str, Any] = orjson.loads(folder.resolved_spec.read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def _ledger(path: Path) -> tuple[list[RunFacts], date | None, str]:
    if not path.is_file():
        raise OutputError(
            "there is no ledger here",
            where=str(path.parent.parent),
            fix="name a job's folder (<output.path>/<name>) that a run has written",
        )
    ledger = Ledger(path)
    try:
        runs = ledger.runs.all()
        created_by = ledger.note("created_by") or ""
    finally:
        ledger.close()
    told = [
        RunFacts(run.run_id, run.state.value, run.planned, run.started_at, run.ended_at)
        for run in runs
    ]
    return told, runs[-1].snapshot if runs else None, created_by


def _told(spec: Any) -> Any:
    """The spec without what is not set, and with long lists of ids cut: a page is no archive."""
    if isinstance(spec, dict):
        return {key: _told(each) for key, each in spec.items() if each not in (None, [], {})}
    if isinstance(spec, list):
        told = [_told(each) for each in spec[:_LONGEST_LIST]]
        more = len(spec) - _LONGEST_LIST
        return [*told, f"... and {more:,} more"] if more > 0 else told
    return spec
