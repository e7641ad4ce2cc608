"""`harvester report`: one page of what was harvested, to look at and to pass on."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from harvester.cli.job import output_folder
from harvester.report.read_job_facts import job_facts
from harvester.report.reconcile import reconciliation
from harvester.report.report import write_report
from harvester.store.folder import JobFolder


def run(arguments: Namespace) -> int:
    """Write the page and print where it is."""
    folder = output_folder(arguments)
    target: Path = arguments.to or JobFolder(folder).inner / "report.html"
    findings, why = reconciliation(JobFolder(folder))
    facts = job_facts(folder, findings, not_compared=why)
    write_report(folder, facts, target, datetime.now(UTC), replaces=arguments.force)
    print(target)
    return 0
