"""`harvester export`: the numbers with titles and DOIs, for spreadsheets and other tools."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from harvester.cli.format import count
from harvester.cli.job import output_folder
from harvester.report.export.choice import ExportChoice
from harvester.report.export.writing import ExportFormat, ExportOrder, export
from harvester.report.read_job_facts import job_facts


def run(arguments: Namespace) -> int:
    """Write the export and print where it is."""
    folder = output_folder(arguments)
    shape = ExportFormat(arguments.to)
    target: Path = arguments.out or shape.target(folder.resolve().name)
    choice = ExportChoice(
        tuple(arguments.dataset),
        tuple(arguments.counter),
        arguments.first,
        arguments.last,
        tuple(arguments.group),
    )
    today = datetime.now(UTC).date()
    order = ExportOrder(shape, choice, target, replaces=arguments.force, today=today)
    exported = export(folder, job_facts(folder), order)
    for each in exported.written:
        split = f", split over {len(each.places)} sheets" if len(each.places) > 1 else ""
        print(f"  {each.sheet.name}: {count(each.rows, 'row')}{split}", file=sys.stderr)
    if exported.failed or exported.not_asked:
        print(
            f"not all has an answer: {count(exported.failed, 'request')} failed,"
            f" {exported.not_asked:,} not asked yet; the cells say so, the table missing says why",
            file=sys.stderr,
        )
    print(target)
    return 0
