"""One call of a service: what is sent, and how to tell what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from harvester.fetch.response import Response


class ApiCall(NamedTuple):
    """One call of a service: what is sent, and what counts as its answer.

    Statistics, pages of a listing and single items are all sent as calls, so that one client,
    one governor and one table of verdicts serve them all.

    Attributes:
        address: the complete URL, percent-encoded.
        judge: how much an answer holds; raises ParseError when it is no answer to this.
        stage: under which word its accepted answers are counted.
        needs_credentials: whether the service wants to know who asks.
        body: JSON of a POST; None: a GET.
        headers: beside those that every call of the host carries.
        answers: statuses beside 200 that answer it; all but 304 only with a body in JSON.
        reads: names of the headers of the answer that are handed over, too.
    """

    address: str
    judge: Callable[[Response], int]
    stage: str
    needs_credentials: bool = False
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    answers: frozenset[int] = frozenset()
    reads: tuple[str, ...] = ()
