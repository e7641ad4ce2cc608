"""One export, from the folder to the finished file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from harvester.report.answered import FAILED, NOT_ASKED
from harvester.report.completeness import MissingRequests, missing_requests
from harvester.report.export.choice import ExportChoice
from harvester.report.export.csv_folder import write_csv, write_readme
from harvester.report.export.readme import ReadmeFacts, Written, lines
from harvester.report.export.sheet import Sheet
from harvester.report.export.sheets import MISSING, prepare, sheets
from harvester.report.export.target import WritePlace, finished
from harvester.report.export.workbook import write_workbook
from harvester.report.job_facts import JobFacts
from harvester.report.tables import Tables, opened_tables
from harvester.report.wording import count


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


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what of it has no answer.

    Attributes:
        failed, not_asked: requests.
    """

    written: Sequence[Written]
    failed: int
    not_asked: int


def export(folder: Path, job: JobFacts, order: ExportOrder) -> Exported:
    """Write an export, whole or not at all.

    Raises:
        UsageError: the order does not fit the folder, or something stands in the way.
        OutputError: a file cannot be read or written.
    """
    with (
        opened_tables(folder) as tables,
        finished(WritePlace(order.target, replaces=order.replaces), folder) as beside,
    ):
        prepare(tables, job.periods)
        chosen = list(sheets(tables, order.choice))
        period = _period(tables, chosen)
        missing = _missing(tables, chosen)
        failed = sum(each.requests for each in missing if each.state == "failed")
        not_asked = sum(each.requests for each in missing) - failed

        def readme(written: Sequence[Written]) -> list[tuple[str, ...]]:
            told = [_told(each) for each in missing]
            return list(lines(ReadmeFacts(job, order.choice, written, period, order.today, told)))

        if order.shape is ExportFormat.XLSX:
            written = write_workbook(tables, chosen, beside, readme)
        else:
            written = write_csv(tables, chosen, beside)
            write_readme(readme(written), beside)
        return Exported(written, failed, not_asked)


def _missing(tables: Tables, chosen: Sequence[Sheet]) -> list[MissingRequests]:
    """What has no answer, of what is exported."""
    sheet = next(each for each in chosen if each.name == MISSING)
    tables.do(f"CREATE TEMP TABLE chosen_gap AS SELECT d.* FROM {sheet.source}", sheet.values)
    return list(missing_requests(tables, "chosen_gap"))


def _told(each: MissingRequests) -> tuple[str, str]:
    """A line of the README."""
    how = FAILED if each.state == "failed" else NOT_ASKED
    days = f", {each.first} to {each.last}" if each.first else ""
    whom = f"{count(each.entities, each.kind)} ({each.examples}{_more(each)})"
    asked = f"{each.question} of {whom}" if each.entities else f"{each.question} of all together"
    return f"{count(each.requests, 'request')} {how}", f"{asked}{days}: {each.reason}"


def _more(each: MissingRequests) -> str:
    return ", ..." if each.entities > each.examples.count(",") + 1 else ""


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
