"""Events over time: each subject's months by counter, and what its totals are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harvester.model.run_plan import last_settled
from harvester.model.terms import Granularity
from harvester.report.answered import AnsweredEntities, answered_of
from harvester.report.job_facts import JobFacts
from harvester.report.outliers import outliers
from harvester.report.subject import Subject, in_order
from harvester.report.tables import Tables


@dataclass(frozen=True, slots=True)
class Point:
    """One month, or one year where no months were harvested.

    Attributes:
        is_open: it was not over, or its days might still move, when it was read.
        stands_out: see outliers.py.
    """

    start: date
    value: int
    is_open: bool
    stands_out: bool


@dataclass(frozen=True, slots=True)
class CounterCurve:
    """One counter of one subject over time.

    Attributes:
        grain: `month` or `year`.
        read_to: the last day that was read.
    """

    counter: str
    grain: str
    points: Sequence[Point]
    read_to: date

    @property
    def total(self) -> int:
        """All events of the line."""
        return sum(point.value for point in self.points)

    def events(self, first: date, last: date) -> int:
        """Events of the periods that begin between two days."""
        return sum(point.value for point in self.points if first <= point.start <= last)


@dataclass(frozen=True, slots=True)
class OverTime:
    """A subject over time, a line a counter.

    Attributes:
        answered: by counter, how many of the subject's entities have all of their answers.
    """

    subject: Subject
    lines: Sequence[CounterCurve]
    answered: Mapping[str, AnsweredEntities]

    def whose(self, counter: str) -> str:
        """Of whom a line tells: `all 150 articles`, or `149 of 150 articles`."""
        return self.subject.label_of(self.answered.get(counter))


def over_time(tables: Tables, subjects: Sequence[Subject], job: JobFacts) -> list[OverTime]:
    """Every subject that has a series."""
    told = []
    for subject in subjects:
        covered = _covered(tables, subject)
        rows = tables.rows(
            "SELECT counter, grain, start, sum(value), max(last) FROM series"
            f" WHERE {subject.condition} GROUP BY ALL ORDER BY counter, start"
        )
        lines = []
        # All counters of a subject begin together, so that their pictures lie under each other.
        starts = {grain: min(row[2] for row in rows if row[1] == grain) for _, grain, *_ in rows}
        for counter in in_order({row[0] for row in rows}):
            mine = [row for row in rows if row[0] == counter]
            read_to = max(row[4] for row in mine)
            read_to = max(read_to, covered.get(counter, read_to))
            lines.append(_line(counter, mine, starts[mine[0][1]], read_to, job))
        if lines:
            told.append(OverTime(subject, lines, answered_of(tables, _question(subject))))
    return told


def _question(subject: Subject) -> str:
    """The timelines that a subject's lines are made of."""
    return (
        f"endpoint = 'timeline' AND sub_item IS NULL AND {subject.condition} AND"
        " (entity, counter, granularity) IN (SELECT (entity, counter, granularity) FROM grains)"
    )


def _covered(tables: Tables, subject: Subject) -> dict[str, date]:
    """The last day that is known of a subject, by counter: months without events leave no row."""
    rows = tables.rows(
        "SELECT counter, max(window_end) FROM asked JOIN grains USING"
        " (entity, counter, granularity) WHERE endpoint = 'timeline' AND sub_item IS NULL AND"
        f" fills AND state IN ('done', 'empty', 'not_needed') AND {subject.condition} GROUP BY 1"
    )
    return dict(rows)


def _line(
    counter: str,
    rows: Sequence[tuple[str, str, date, int, date]],
    start: date,
    read_to: date,
    job: JobFacts,
) -> CounterCurve:
    """Every period from `start` to the last that was read."""
    grain = Granularity(rows[0][1])
    values = {row[2]: int(row[3]) for row in rows}
    settled_to = min(read_to, last_settled(job.as_of, job.settle_days)) if job.as_of else read_to
    starts = []
    while start <= read_to:
        starts.append(start)
        start = grain.period_end(start) + timedelta(days=1)
    series = [values.get(each, 0) for each in starts]
    is_open = [grain.period_end(each) > settled_to for each in starts]
    # An unfinished month is no month to compare with.
    closed = [value for value, late in zip(series, is_open, strict=True) if not late]
    marked = outliers(closed) if grain is Granularity.MONTH else set()
    points = [
        Point(each, value, late, place in marked)
        for place, (each, value, late) in enumerate(zip(starts, series, is_open, strict=True))
    ]
    return CounterCurve(counter, grain.value, points, read_to)
