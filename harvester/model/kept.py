"""What stands between the ledger and whoever holds its answers against the files."""

from __future__ import annotations

from typing import NamedTuple


class Answer(NamedTuple):
    """A published answer as the ledger keeps it; days are days since 1970-01-01.

    Attributes:
        entity: of its slot.
        question: its number in the ledger.
        first: of its slot.
        last: of its window; of a count: its last group.
        run: number of its run.
        publish: that holds its body.
        rows: how many its body makes.
        fetched_at: microseconds since 1970, UTC.
        place: number of its body in the responses part of its publish; None: there is no body.
    """

    entity: int
    question: int
    first: int
    last: int
    run: int
    publish: int
    rows: int
    bytes: int
    fetched_at: int
    place: int | None


class Body(NamedTuple):
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


class Housed(NamedTuple):
    """Rows of one request that were found in a part.

    Attributes:
        last: as in `Answer`.
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


class Line(NamedTuple):
    """A row of requests/ in the ledger's numbers."""

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


class Change(NamedTuple):
    """What a body tells anew of an answer.

    Attributes:
        home: the publish whose part holds its rows; None: it makes none.
    """

    question: int
    entity: int
    first: int
    run: int
    rows: int
    bytes: int
    home: int | None
