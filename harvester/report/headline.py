"""The first numbers of a report: how much, of what, over which days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.report.answered import answered_of
from harvester.report.calendar import before, last_closed_month, year_to
from harvester.report.job_facts import JobFacts
from harvester.report.subject import Subject, in_order
from harvester.report.tables import Tables
from harvester.report.time_series import CounterCurve, OverTime
from harvester.report.wording import between


@dataclass(frozen=True, slots=True)
class Card:
    """One counter's headline.

    Attributes:
        source: `totals` (all time, as Figshare says it) or `timeline` (periods added up).
        when: the period or the date it holds for, in words.
        year: events of the last twelve closed months; None: not harvested by month.
        year_before: of the twelve before; None: not all harvested.
        year_name: which twelve months.
    """

    counter: str
    value: int
    source: str
    when: str
    year: int | None = None
    year_before: int | None = None
    year_name: str = ""


def cards(
    tables: Tables, subject: Subject, over_time: OverTime | None, job: JobFacts
) -> list[Card]:
    """A card for each counter that was harvested of a subject."""
    totals = {
        row[0]: row[1:]
        for row in tables.rows(
            "SELECT counter, CAST(sum(value) AS BIGINT), min(snapshot), max(snapshot) FROM latest"
            f" WHERE {subject.condition} GROUP BY 1"
        )
    }
    # An older reading is a number, too: it lies among the dates of the card.
    read = "(entity, counter, entity_id) IN (SELECT (entity, counter, entity_id) FROM latest)"
    whole = answered_of(tables, f"endpoint = 'total' AND {subject.condition}", but=read)
    lines = {line.counter: line for line in over_time.lines} if over_time else {}
    told = []
    for counter in in_order({*totals, *lines}):
        line = lines.get(counter)
        if counter in totals:
            value, first, last = totals[counter]
            when, source = f"all time, read on {between(first, last)}", "totals"
            whose = whole.get(counter)
        else:
            line = lines[counter]
            value, source = line.total, "timeline"
            when = between(line.points[0].start, line.read_to)
            whose = over_time.answered.get(counter) if over_time else None
        if whose and not whose.is_whole:
            when = f"{subject.label_of(whose)}, {when}"
        told.append(Card(counter, value, source, when, *_years(line, job)))
    return told


def _years(line: CounterCurve | None, job: JobFacts) -> tuple[int | None, int | None, str]:
    if line is None or line.grain != "month":
        return None, None, ""
    month = last_closed_month(line.read_to, job.as_of or line.read_to, job.settle_days)
    year = year_to(month)
    earlier = before(year, 12)
    first = line.points[0].start
    return (
        line.events(year.first, year.last) if first <= year.last else None,
        line.events(earlier.first, earlier.last) if first <= earlier.first else None,
        year.name,
    )


def main_subject(subjects: Sequence[Subject]) -> Subject | None:
    """Whom the headline speaks of; None: nothing was harvested yet."""
    return subjects[0] if subjects else None
