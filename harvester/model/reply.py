"""What came back for a request: an answer with what it counts, or a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from harvester.model.request import Request
from harvester.model.rows import Columns
from harvester.model.terms import Endpoint, State


@dataclass(frozen=True, slots=True)
class Reply:
    """An accepted answer: status 200, and the body answers the question asked.

    Attributes:
        body: as received, content encoding undone.
        fetched_at: when its last byte arrived, UTC.
        attempts: how often it was sent, at least 1.
        summary: what the body says, in a few numbers.
    """

    request: Request
    http_status: int
    content_type: str
    body: bytes
    fetched_at: datetime
    attempts: int
    summary: ReplySummary

    @property
    def rows(self) -> int:
        """How many rows the body makes; 0: answered with nothing."""
        return self.summary.rows

    @property
    def state(self) -> State:
        """Done, or empty."""
        return self.summary.state(self.request.question.endpoint)


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that was given up.

    Attributes:
        reason: a short stable word, as `failures --reason` takes it.
        sentence: the same for people.
        http_status: of the last attempt; None when no status came.
        body: of the last attempt, kept for whoever looks into it; None when none came.
    """

    request: Request
    reason: str
    sentence: str
    http_status: int | None
    attempts: int
    failed_at: datetime
    body: bytes | None = None


class ReplySummary(NamedTuple):
    """The numbers of one accepted body: rows, sum, and counts by period where they are kept.

    Attributes:
        rows: how many rows it makes, over all its datasets.
        value: a total; the sum of a timeline; the sum over the countries of a breakdown; the
            number of entries of a ranking. None where it says nothing (null), and for a count.
        points: counts by key; a key that is not there has 0: by first day of the period (days
            since 1970-01-01) for a timeline; by id for a ranking of entities and for a count; by
            place of the counter in `Counter` for a total of all counters. None for everything
            else.
        columns: all that it says, for who writes it soon; None: parse it again.
    """

    rows: int
    value: int | None = None
    points: Mapping[int, int] | None = None
    columns: tuple[Columns, ...] | None = None

    def state(self, endpoint: Endpoint) -> State:
        """Done, or empty: answered with nothing. A total of 0 is no nothing."""
        says = self.value is not None if endpoint is Endpoint.TOTAL else self.rows or self.value
        return State.DONE if says else State.EMPTY
