"""What a report says of a job beside its numbers, read from `_harvest/` without writing there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import yaml

from harvester import __version__
from harvester.ledger.database import reading
from harvester.model.moment import moment_of
from harvester.model.window import day_of
from harvester.report.about import Finding, JobFacts, RunFacts
from harvester.store.folder import JobFolder

_SETTLE_DAYS = 3


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
    with reading(path) as db:
        found = db.execute(
            "SELECT run_id, state, planned, started_at, ended_at, snapshot FROM run ORDER BY number"
        ).fetchall()
        made = db.execute("SELECT value FROM meta WHERE key = 'created_by'").fetchone()
    runs = [
        RunFacts(run_id, state, planned, moment_of(started), moment_of(ended) if ended else None)
        for run_id, state, planned, started, ended, _ in found
    ]
    return runs, day_of(found[-1][5]) if found else None, made[0] if made else ""


def _told(spec: Any) -> Any:
    """The spec without what is not set, and with long lists of ids cut: a page is no archive."""
    if isinstance(spec, dict):
        return {key: _told(each) for key, each in spec.items() if each not in (None, [], {})}
    if isinstance(spec, list):
        told = [_told(each) for each in spec[:_LONGEST_LIST]]
        more = len(spec) - _LONGEST_LIST
        return [*told, f"... and {more:,} more"] if more > 0 else told
    return spec


_LONGEST_LIST = 50
