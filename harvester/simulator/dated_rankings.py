"""Rankings of a period: what the truth says of it, bent by the habits that a service may have."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Final

from harvester.simulator.error_bodies import invalid
from harvester.simulator.question import Question
from harvester.simulator.quirks import Quirks
from harvester.simulator.rankings import ranked
from harvester.simulator.seeded import quick
from harvester.simulator.truth import Truth

_ALL: Final = 10_000_000  # more than any ranking has
_HOURS: Final = 24
_OnDay = Callable[[int], dict[int, int]]


def dated_ranking(
    truth: Truth, question: Question, window: tuple[date, date], count: int
) -> list[tuple[int, int]]:
    """The ids with the most events in a window, as the service's habits have it.

    Raises:
        ProblemError: the service ranks nothing by period.
    """
    quirks = truth.config.quirks
    if quirks.dated_tops_are_refused:
        raise invalid("start_date", "Dates are not supported without sub_item")
    first, last = (day.toordinal() for day in _seen(truth, window))
    tally = _between(truth, question, first, last)
    if quirks.dated_top_shift_hours:
        _shift(tally, lambda day: _between(truth, question, day, day), (first, last), quirks)
    hidden = quirks.dated_top_hides_every
    kept = (
        (str(number), events)
        for number, events in tally.items()
        if not hidden or number % hidden != 0
    )
    found = ranked(kept, lists_zeros=quirks.top_lists_zeros)
    length = _length(quirks, min(count, len(found)))
    numbers = [(int(key), events) for key, events in found]
    return numbers[:length] if quirks.top_is_best else numbers[len(numbers) - length :]


def _seen(truth: Truth, window: tuple[date, date]) -> tuple[date, date]:
    """The window that is looked at in place of the one that was asked for."""
    quirks, (first, last) = truth.config.quirks, window
    if quirks.dated_top_widens_to_months:
        following = date(last.year + last.month // 12, last.month % 12 + 1, 1)
        first, last = first.replace(day=1), date.fromordinal(following.toordinal() - 1)
    if quirks.dated_top_lag_days:
        newest = truth.config.today.toordinal() - quirks.dated_top_lag_days
        last = min(last, date.fromordinal(newest))
    return first, last


def _between(truth: Truth, question: Question, first: int, last: int) -> dict[int, int]:
    if first > last:
        return {}
    window = date.fromordinal(first), date.fromordinal(last)
    kind, counter = str(question.kind), str(question.counter)
    return dict(truth.top_between(question.scope, counter, kind, _ALL, *window))


def _shift(tally: dict[int, int], on_day: _OnDay, window: tuple[int, int], quirks: Quirks) -> None:
    """Move the events of a day's last hours to the next day, or of its first to the one before."""
    hours, (first, last) = quirks.dated_top_shift_hours, window
    if first > last:
        return
    leaves, comes = (last, first - 1) if hours > 0 else (first, last + 1)
    for day, sign in ((leaves, -1), (comes, 1)):
        for number, events in on_day(day).items():
            moved = _moved(events, hours, quick(day, number))
            tally[number] = tally.get(number, 0) + sign * moved


def _moved(events: int, hours: int, bits: int) -> int:
    """How many of a day's events fall into some of its hours; single ones by chance."""
    return (events * abs(hours) + bits % _HOURS) // _HOURS


def _length(quirks: Quirks, length: int) -> int:
    """How many of those that there are come back."""
    length = min(length, quirks.dated_top_longest or length)
    if quirks.dated_top_is_round and length:
        return int(10 ** math.floor(math.log10(length)))
    return length


def seconds_of(quirks: Quirks, question: Question) -> float:
    """How long the service works on a ranking beyond the time of any answer; infinite: for ever."""
    if question.endpoint != "top" or "sub_item" in question.query:
        return 0.0
    start, end = question.start, question.end
    if quirks.dated_top_times_out_from and start is not None and end is not None:
        days = end.toordinal() - start.toordinal() + 1
        if days >= quirks.dated_top_times_out_from:
            return math.inf
    count = question.query.get("count", "")
    is_long = count.isdigit() and int(count) > quirks.slow_top_count
    return quirks.slow_top_seconds if is_long else 0.0
