"""What decides the plan of a run, beside what was answered before.

A day of statistics is settled when it lies more than `settle_days` before the date it is read
on: later readings are not expected to change it. This rule stands here and nowhere else, once
for days as numbers (days since 1970-01-01), for dates, and for SQL.
"""

from __future__ import annotations

from datetime import date

from harvester.model.dates import day_of, epoch_day


def last_settled_day(read_on: int, settle_days: int) -> int:
    """The youngest settled day of a reading; both days are counted since 1970-01-01."""
    return read_on - settle_days - 1


def last_settled(read_on: date, settle_days: int) -> date:
    """The youngest settled day of a reading."""
    return day_of(last_settled_day(epoch_day(read_on), settle_days))


def last_settled_sql(read_on: str, settle_days: int) -> str:
    """The youngest settled day as SQL; `read_on` is an expression of type DATE."""
    return f"({read_on} - {settle_days + 1})"
