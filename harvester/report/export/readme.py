"""The README of an export: what the tables hold, in which units, and what to beware of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.model.meanings import MEANINGS
from harvester.report.export.choice import ExportChoice
from harvester.report.export.sheet import Sheet
from harvester.report.job_facts import JobFacts
from harvester.report.wording import between, count, day, shown

# Beside the columns of the datasets: those that the workbook makes of them.
OWN_MEANINGS = {
    "views": "all-time views",
    "downloads": "all-time downloads",
    "shares": "all-time shares",
    "all months": "sum of the months shown that have a number",
    "months missing": "months shown that have none because an answer is missing",
}
_MOST_MISSING = 40
_CAVEATS = """\
Sum only within one granularity and one sub_item: a year holds the events of its months.
Never add up groups (one may hold those below it) or authors (co-authored items count for each).
A country's value holds its cities: never add up both. Figshare lists ten cities at most.
Absent is not zero: no events only where the table missing has nothing of it.
Counts include machine traffic that Figshare does not filter.
Days are UTC dates; Figshare documents no time zone.
Text that a spreadsheet could take for a formula has an apostrophe (') before it.
Steering characters in texts (terminal escapes, bidirectional overrides) are spaces here.
""".splitlines()


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet that was written.

    Attributes:
        places: the sheets or files that hold it, in order; several where one has no room.
        shortened: cells cut to the 32,767 characters that Excel holds.
    """

    sheet: Sheet
    rows: int
    places: Sequence[str]
    shortened: int = 0


@dataclass(frozen=True, slots=True)
class ReadmeFacts:
    """All that a README says.

    Attributes:
        period: first and last day of all periods exported; None: there are none.
        today: the date it is written on.
        missing: what has no answer: how many requests, and what they asked.
    """

    job: JobFacts
    choice: ExportChoice
    written: Sequence[Written]
    period: tuple[date | None, date | None]
    today: date
    missing: Sequence[tuple[str, str]] = ()


def lines(told: ReadmeFacts) -> Iterator[tuple[str, ...]]:
    """The README, a row each: one cell is a heading or a sentence, more are a table's."""
    job = told.job
    yield (f"Usage statistics of Figshare: {shown(job.name)}",)
    yield ("institution", shown(job.institution) or "public scope, no institution")
    yield ("period", between(*told.period) or "no periods, only all-time numbers")
    yield ("harvested", day(job.as_of) or "not known")
    yield ("written", f"{day(told.today)}, harvester {job.version}")
    yield ("chosen", _chosen(told.choice))
    yield ("",)
    yield from _missing(told.missing)
    yield ("",)
    yield ("Tables",)
    for each in told.written:
        yield (
            ", ".join(each.places),
            f"{count(each.rows, 'row')}. {each.sheet.about}{_notes(each)}",
        )
    yield ("",)
    yield ("Columns",)
    names = {column.name for each in told.written for column in each.sheet.columns}
    for name, meaning in (MEANINGS | OWN_MEANINGS).items():
        if name in names:
            yield (name, meaning)
    if any(each.sheet.name.endswith("by month") for each in told.written):
        yield ("2026-03", "events of that month; (to 22): the month was not over, read to that day")
    yield ("",)
    yield ("Beware",)
    for caveat in _CAVEATS:
        yield (caveat,)


def _missing(missing: Sequence[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    yield ("Missing",)
    if not missing:
        yield ("nothing", "everything that was planned of these tables has its answer")
        return
    yield ("failed", "in a cell: the request failed, the number is not known")
    yield ("not asked", "in a cell: it was not asked yet, or not at all; the number is not known")
    yield from missing[:_MOST_MISSING]
    if len(missing) > _MOST_MISSING:
        yield (f"{len(missing) - _MOST_MISSING:,} more lines", "see the table missing")


def _chosen(choice: ExportChoice) -> str:
    told = []
    if choice.datasets:
        told.append(f"datasets {', '.join(choice.datasets)}")
    if choice.counters:
        told.append(f"counters {', '.join(choice.counters)}")
    if choice.first or choice.last:
        told.append(f"periods wholly within {choice.first or '...'} to {choice.last or '...'}")
    if choice.groups:
        told.append(
            f"groups {', '.join(map(str, choice.groups))} and the articles directly in them"
        )
    return "; ".join(told) or "everything"


def _notes(each: Written) -> str:
    told = ""
    if len(each.places) > 1:
        told += f" Split over {len(each.places)}: a sheet of Excel holds 1,048,576 rows."
    if each.shortened:
        told += (
            f" {count(each.shortened, 'cell was', 'cells were')} shortened to the 32,767"
            " characters that Excel holds."
        )
    return told
