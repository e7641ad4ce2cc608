"""Answers that others hold, in the service's own form: read like any other from then on."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from harvester.model.question import Question
from harvester.model.terms import State
from harvester.model.worked import WorkedOut
from harvester.planner.intervals import Stretch, window_of


def derived(
    question: Question, entity_id: int, days: Stretch, at: int, counts: Mapping[str, int]
) -> WorkedOut:
    """A timeline as sums of a finer one.

    Args:
        at: when the oldest reading that contributed was read.
        counts: by the service's spelling of the period; empty: no events.
    """
    return WorkedOut(
        question,
        entity_id,
        window_of(days),
        orjson.dumps({"timeline": counts or None}),
        at,
        State.DERIVED,
        None,
        len(counts),
        sum(counts.values()),
    )


def answered_by(question: Question, entity_id: int, value: int, at: int, source: str) -> WorkedOut:
    """A total that another request has told.

    Args:
        source: its request_id; `at` is when it was read.
    """
    body = orjson.dumps({"totals": value})
    return WorkedOut(question, entity_id, None, body, at, State.ANSWERED_BY, source, 1, value)
