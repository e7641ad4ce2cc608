"""Months that stand out so far that machines may have made them. They are marked, never removed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

TIMES = 3
LEAST_EVENTS = 100
_NEIGHBOURS = 6
_FEWEST = 6

RULE = (
    f"A month is marked when it holds at least {TIMES} times the median of the six months before"
    f" and the six months after it, and at least {LEAST_EVENTS} events more than that median."
    " Figshare's counts include machine traffic; a mark is a question, not a verdict, and nothing"
    " is filtered."
)


def outliers(values: Sequence[int]) -> set[int]:
    """The places of the months that stand out.

    Args:
        values: events by month, oldest first, months without events as 0.

    Returns:
        Empty where a month has fewer than six neighbours to be compared with.
    """
    found = set()
    for place, value in enumerate(values):
        around = [
            *values[max(0, place - _NEIGHBOURS) : place],
            *values[place + 1 : place + 1 + _NEIGHBOURS],
        ]
        if len(around) < _FEWEST:
            continue
        usual = median(around)
        if value >= TIMES * usual and value - usual >= LEAST_EVENTS:
            found.add(place)
    return found
