"""Answers that others hold, in the service's own form: read like any other from then on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from harvester.model.dates import periods
from harvester.model.outcomes import DerivedAnswer
from harvester.model.question import Question
from harvester.model.terms import Granularity, State
from harvester.planner.history import SeriesHistory
from harvester.planner.intervals import DayRange, range_window


def derived(
    question: Question, entity_id: int, days: DayRange, at: int, counts: Mapping[str, int]
) -> DerivedAnswer:
    """A timeline as sums of a finer one.

    Args:
        at: when the oldest reading that contributed was read.
        counts: by the service's spelling of the period; empty: no events.
    """
    return DerivedAnswer(
        question,
        entity_id,
        range_window(days),
        orjson.dumps({"timeline": counts or None}),
        at,
        State.DERIVED,
        None,
        len(counts),
        sum(counts.values()),
    )


def answered_by(
    question: Question, entity_id: int, value: int, at: int, source: str
) -> DerivedAnswer:
    """A total that another request has told.

    Args:
        source: its request_id; `at` is when it was read.
    """
    body = orjson.dumps({"totals": value})
    return DerivedAnswer(question, entity_id, None, body, at, State.ANSWERED_BY, source, 1, value)


def sums(
    history: SeriesHistory, granularity: Granularity, stretch: DayRange
) -> Iterator[tuple[DayRange, int, dict[str, int]]]:
    """Sums by period, in parts whose oldest contributing reading is the same.

    Yields:
        (days, when that reading was read, counts by the service's spelling of the period).
    """
    part: DayRange | None = None
    at, counts = 0, dict[str, int]()
    for text, (first, last) in periods(granularity, range_window(stretch)).items():
        read_at = history.read_at((first, last))
        if part and read_at != at and read_at:
            yield part, at, counts
            part, counts = None, {}
        part = (part[0] if part else first, last)
        at = read_at or at
        if events := history.between((first, last)):
            counts[text] = events
    if part:
        yield part, at, counts
