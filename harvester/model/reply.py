"""What came back for a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from harvester.model.gist import Gist
from harvester.model.request import Request
from harvester.model.terms import State


@dataclass(frozen=True, slots=True)
class Reply:
    """An accepted answer: status 200, and the body answers the question asked.

    Attributes:
        body: as received, content encoding undone.
        fetched_at: when its last byte arrived, UTC.
        attempts: how often it was sent, at least 1.
        gist: what the body says, in a few numbers.
    """

    request: Request
    http_status: int
    content_type: str
    body: bytes
    fetched_at: datetime
    attempts: int
    gist: Gist

    @property
    def rows(self) -> int:
        """How many rows the body makes; 0: answered with nothing."""
        return self.gist.rows

    @property
    def state(self) -> State:
        """Done, or empty."""
        return self.gist.state(self.request.question.endpoint)


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
