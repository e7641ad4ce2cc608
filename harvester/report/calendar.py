"""Months and quarters that are over, settled and wholly harvested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from harvester.model.run_plan import last_settled
from harvester.model.terms import Granularity

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NamedDays:
    """Days, both ends included, with their name."""

    first: date
    last: date
    name: str


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the month of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def last_closed_month(read_to: date, as_of: date, settle_days: int) -> NamedDays:
    """The youngest month of which every day is read and settled.

    Args:
        read_to: the last day that was read.
        as_of: the date it was read on.
    """
    settled_to = min(read_to, last_settled(as_of, settle_days))
    start = Granularity.MONTH.period_start(settled_to)
    if Granularity.MONTH.period_end(start) > settled_to:
        start = months_before(start, 1)
    return month_of(start)


def month_of(start: date) -> NamedDays:
    """The month of a day."""
    first = Granularity.MONTH.period_start(start)
    return NamedDays(first, Granularity.MONTH.period_end(first), f"{first:%B %Y}")


def quarter_to(month: NamedDays) -> NamedDays:
    """The youngest calendar quarter that ends with this month or before it."""
    back = month.first.month % 3
    last = months_before(month.first, back)
    first = months_before(last, 2)
    name = f"quarter {(first.month + 2) // 3} of {first.year}"
    return NamedDays(first, Granularity.MONTH.period_end(last), name)


def year_to(month: NamedDays) -> NamedDays:
    """The twelve months that end with this one."""
    first = months_before(month.first, 11)
    return NamedDays(first, month.last, f"{first:%B %Y} to {month.first:%B %Y}")


def before(stretch: NamedDays, months: int) -> NamedDays:
    """The same number of months just before."""
    first = months_before(stretch.first, months)
    last = stretch.first - ONE_DAY
    name = f"{first:%B %Y}" if months == 1 else f"{first:%B %Y} to {last:%B %Y}"
    return NamedDays(first, last, name)
