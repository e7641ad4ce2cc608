"""Published answers and where their bodies and rows lie, for whoever compares ledger and files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from harvester.model.terms import State


class PublishedAnswer(NamedTuple):
    """A published answer as the ledger keeps it; days are days since 1970-01-01.

    Attributes:
        entity: of its slot.
        question: its number in the ledger.
        first: of its slot.
        last: of its window; of a count: its last group.
        shown: the last day whose rows go to the datasets: `last`, unless its window runs on, or
            the service is known not to have answered that far.
        rows_to: the last day whose rows went there: `shown`, unless that came to light later.
        run: number of its run.
        publish: that took it in, and holds its body.
        state: done, empty, derived or answered_by.
        rows: how many it makes in the datasets.
        size: bytes of its body; 0 where it was derived.
        fetched_at: microseconds since 1970, UTC.
        value: `ReplySummary.value`; None also where an older version kept none.
        points: packed counts of `ReplySummary.points`; None where none were kept.
        place: number of its body in the responses part of its publish; None: there is no body.
    """

    entity: int
    question: int
    first: int
    last: int
    shown: int
    rows_to: int
    run: int
    publish: int
    state: State
    rows: int
    size: int
    fetched_at: int
    value: int | None
    points: bytes | None
    place: int | None


class BodyLocation(NamedTuple):
    """Where the body of a request lies.

    Attributes:
        publish: whose responses part holds it.
        place: its number in that part, from 0.
        fetched_at: microseconds since 1970, UTC.
    """

    question: int
    entity: int
    first: int
    run: int
    last: int
    publish: int
    place: int
    http_status: int
    fetched_at: int


class RowLocation(NamedTuple):
    """Rows of one request that were found in a part.

    Attributes:
        last: as in `PublishedAnswer`.
        home: the publish that gave the part its name.
        rows: how many, over all datasets.
        at: their harvested_at, microseconds since 1970, UTC.
    """

    question: int
    entity: int
    first: int
    run: int
    last: int
    home: int
    rows: int
    at: int


class NumberedRow(NamedTuple):
    """A row of requests/ in the ledger's numbers.

    Attributes:
        shown: the last of its days that fill datasets; None: none do, or nothing was said of it.
    """

    run: int
    question: int
    entity: int
    first: int
    last: int
    state: str
    http_status: int | None
    attempts: int | None
    rows: int | None
    bytes: int | None
    finished_at: int | None
    reason: str | None
    proof: str | None
    shown: int | None = None


class AnswerUpdate(NamedTuple):
    """What a body, read again, tells otherwise than the ledger's answer.

    Attributes:
        size, value, points: as in `PublishedAnswer`.
        at: when it was read, microseconds since 1970, UTC.
        home: the publish whose part holds its rows; None: it makes none.
    """

    question: int
    entity: int
    first: int
    run: int
    state: State
    rows: int
    size: int
    value: int | None
    points: bytes | None
    at: int
    home: int | None


@dataclass(slots=True)
class Unverifiable:
    """Answers that nothing can be compared with any more: their rows are left alone.

    Attributes:
        request_ids: their bodies are missing, or damaged.
        entities: what answers about them were derived from is not here.
    """

    request_ids: list[str] = field(default_factory=list)
    entities: set[int] = field(default_factory=set)
