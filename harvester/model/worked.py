"""An answer that was worked out of others, in place of a request."""

from __future__ import annotations

from dataclasses import dataclass

from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.terms import State


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """Rows for one series that no request of its own brought; stored as if one had.

    Attributes:
        entity_id: of the series.
        window: the days they stand for; None for a total.
        body: in the service's form, so that it is read as every other answer is.
        at: when the oldest answer that contributed was read, microseconds since 1970, UTC.
        state: DERIVED (from a finer granularity) or ANSWERED_BY (another request has it).
        source: the request_id that answered; None for what is derived.
        rows: how many rows the body makes.
        value: as in `Gist`.
    """

    question: Question
    entity_id: int
    window: Window | None
    body: bytes
    at: int
    state: State
    source: str | None
    rows: int
    value: int
