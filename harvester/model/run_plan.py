"""What decides the plan of a run, beside what was answered before.

A day of statistics is settled when it lies more than `settle_days` before the date it is read
on: later readings are not expected to change it. This rule stands here and nowhere else, once
for days as numbers (days since 1970-01-01), for dates, and for SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.model.dates import Window, day_of, epoch_day
from harvester.model.outcomes import ReadWindow
from harvester.model.question import Wanted
from harvester.model.terms import Kind


def last_settled_day(read_on: int, settle_days: int) -> int:
    """The youngest settled day of a reading; both days are counted since 1970-01-01."""
    return read_on - settle_days - 1


def last_settled(read_on: date, settle_days: int) -> date:
    """The youngest settled day of a reading."""
    return day_of(last_settled_day(epoch_day(read_on), settle_days))


def last_settled_sql(read_on: str, settle_days: int) -> str:
    """The youngest settled day as SQL; `read_on` is an expression of type DATE."""
    return f"({read_on} - {settle_days + 1})"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The run's date and `settle_days`: together they say which days are settled."""

    snapshot: date
    settle_days: int

    def settled_to(self, reading: ReadWindow) -> date:
        """The last day of a reading that need not be read again.

        A reading of the same date is as good as a new one, open days included.
        """
        if reading.snapshot == self.snapshot:
            return reading.last
        return min(reading.last, last_settled(reading.snapshot, self.settle_days))

    @property
    def last_day(self) -> int:
        """The youngest day that is settled on the run's date, counted since 1970-01-01."""
        return last_settled_day(epoch_day(self.snapshot), self.settle_days)


Entities = Mapping[Kind, Sequence[int]]


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """All that decides a run's plan beside earlier answers; fixed when the run begins.

    Attributes:
        number: of the run.
        wanted: what the job asks for, in stage order; windows of one question are disjoint.
        evidence: what is asked for its own sake and fills no dataset.
        entities: ids by kind, ascending.
        refresh: days to read again, however settled they are.
        skips: whether evidence may save requests (`planner.skip_unneeded`).
    """

    number: int
    wanted: Sequence[Wanted]
    entities: Entities
    today: Settlement
    evidence: Sequence[Wanted] = ()
    refresh: Window | None = None
    skips: bool = False
