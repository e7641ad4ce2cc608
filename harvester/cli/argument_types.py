"""Words of the command line as values; what cannot be one is answered with how it is written."""

from __future__ import annotations

import argparse
from datetime import date

from harvester.model.dates import Window
from harvester.model.limits import BEGINNING, LAST_RUN_DATE
from harvester.model.terms import Granularity


def day(text: str) -> date:
    """A date, as `2026-01-15`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write YYYY-MM-DD") from None


def run_date(text: str) -> date:
    """The date of a run or of a simulated service."""
    found = day(text)
    if not BEGINNING <= found <= LAST_RUN_DATE:
        what = f"no run has the date {text}: write one from {BEGINNING} to {LAST_RUN_DATE}"
        raise argparse.ArgumentTypeError(what)
    return found


def days(text: str) -> Window:
    """`2026-01..2026-03` or `2026-01-15..2026-02-10`, both ends included."""
    first, _, last = text.partition("..")
    try:
        begin = date.fromisoformat(first if len(first) == 10 else f"{first}-01")
        end = date.fromisoformat(last if len(last) == 10 else f"{last}-01")
        return Window(begin, end if len(last) == 10 else Granularity.MONTH.period_end(end))
    except ValueError:
        what = f"{text!r} is no stretch of days: write START..END, such as 2026-01..2026-03"
        raise argparse.ArgumentTypeError(what) from None


def time_of_day(text: str) -> tuple[int, int]:
    """Hour and minute, as `06:00`."""
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2:
        hour, minute = int(hours), int(minutes)
        if hour < 24 and minute < 60:
            return hour, minute
    raise argparse.ArgumentTypeError(f"{text!r} is no time of day: write HH:MM, such as 06:00")


def share(text: str) -> float:
    """A share in (0, 1], as `5%` or `0.05`."""
    number = text.removesuffix("%")
    try:
        found = float(number) / (100 if number != text else 1)
    except ValueError:
        found = 0.0
    if not 0 < found <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: write such as 5% or 0.05")
    return found


def whole_number(text: str) -> int:
    """A number of digits alone."""
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
