"""The words of a period, resolved to days."""

from __future__ import annotations

from datetime import date, timedelta

from harvester.model.dates import Window
from harvester.model.limits import BEGINNING
from harvester.spec.dimension import Period


def first_day(period: Period) -> date:
    """Its first day."""
    return period.start if isinstance(period.start, date) else BEGINNING


def last_day(period: Period, today: date) -> date:
    """Its last day; a word stands for the end of a complete period before `today`."""
    match period.end:
        case "yesterday":
            return _day_before(today)
        case "last-month":
            return _day_before(today.replace(day=1))
        case "last-year":
            return _day_before(today.replace(month=1, day=1))
        case day:
            return day


def window_of(period: Period, today: date) -> Window:
    """The days asked for.

    Raises:
        ValueError: it ends before it starts; cross_checks.py has told so.
    """
    return Window(first_day(period), last_day(period, today))


def period_complaint(period: Period, today: date) -> tuple[str, str] | None:
    """What makes a period impossible on this day: the key at fault and a sentence, or None."""
    first, last, yesterday = first_day(period), last_day(period, today), _day_before(today)
    if last > yesterday:
        return "end", (
            f"{last} lies after yesterday ({yesterday}): a day is counted when it is over, "
            "write yesterday"
        )
    if last >= first:
        return None
    word = "" if isinstance(period.end, date) else f" ({period.end})"
    return "start", f"the period starts on {first}, after its end on {last}{word}"


def _day_before(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else day
