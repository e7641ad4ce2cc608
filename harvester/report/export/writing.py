"""One export, from the folder to the finished file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from harvester.report.export.choice import ExportChoice
from harvester.report.export.csv_folder import write_csv, write_readme
from harvester.report.export.readme import ReadmeFacts, Written, lines
from harvester.report.export.sheet import Sheet
from harvester.report.export.sheets import prepare, sheets
from harvester.report.export.target import WritePlace, finished
from harvester.report.export.workbook import write_workbook
from harvester.report.job_facts import JobFacts
from harvester.report.tables import Tables, opened_tables


class ExportFormat(StrEnum):
    """What an export becomes."""

    CSV = "csv"
    XLSX = "xlsx"

    def target(self, name: str) -> Path:
        """Where an export of a job goes unless it is told: into the working directory."""
        return Path(f"{name}-export") if self is ExportFormat.CSV else Path(f"{name}.xlsx")


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is to be exported, and where to.

    Attributes:
        replaces: whether an earlier export that stands there may go.
        today: the date that the README names.
    """

    shape: ExportFormat
    choice: ExportChoice
    target: Path
    replaces: bool
    today: date


def export(folder: Path, job: JobFacts, order: ExportOrder) -> list[Written]:
    """Write an export, whole or not at all.

    Raises:
        UsageError: the order does not fit the folder, or something stands in the way.
        OutputError: a file cannot be read or written.
    """
    with (
        opened_tables(folder) as tables,
        finished(WritePlace(order.target, replaces=order.replaces), folder) as beside,
    ):
        prepare(tables)
        chosen = list(sheets(tables, order.choice))
        period = _period(tables, chosen)

        def readme(written: Sequence[Written]) -> list[tuple[str, ...]]:
            return list(lines(ReadmeFacts(job, order.choice, written, period, order.today)))

        if order.shape is ExportFormat.XLSX:
            return write_workbook(tables, chosen, beside, readme)
        written = write_csv(tables, chosen, beside)
        write_readme(readme(written), beside)
        return written


def _period(tables: Tables, chosen: Sequence[Sheet]) -> tuple[date | None, date | None]:
    """From the first to the last day of all periods that are exported."""
    found = [
        tables.one(
            f"SELECT min(d.period_start), max(d.period_end) FROM {sheet.source}", sheet.values
        )
        for sheet in chosen
        if any(column.name == "period_end" for column in sheet.columns)
    ]
    firsts, lasts = [row[0] for row in found if row[0]], [row[1] for row in found if row[1]]
    return min(firsts, default=None), max(lasts, default=None)
