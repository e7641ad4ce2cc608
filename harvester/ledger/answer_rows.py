"""Rows of the ledger's tables `request` and `spool`, one for each outcome."""

from __future__ import annotations

from typing import Any, cast

import orjson

from harvester.model.dates import Window, epoch_day, to_micros
from harvester.model.outcomes import DerivedAnswer
from harvester.model.reply import Failure, Reply
from harvester.model.spool import SpooledReply
from harvester.model.terms import State

Row = tuple[object, ...]

# In place of the number of a publish.
_NOTHING_TO_PUBLISH = 0

INTO_REQUEST = (
    "INSERT INTO request (question, entity, first, run, last, state, http_status, attempts,"
    " rows, bytes, finished_at, shown, value, publish)"
)
INTO_SPOOL = (
    "INSERT INTO spool (question, entity, first, run, last, groups, rows, http_status,"
    " content_type, fetched_at, body, shown, state, source)"
)


def window_days(window: Window | None) -> tuple[int, int]:
    """Its first and last day since 1970-01-01; zeros: it has none."""
    return (epoch_day(window.first), epoch_day(window.last)) if window else (0, 0)


def _last(outcome: Reply | Failure) -> int:
    request = outcome.request
    return request.groups[-1] if request.groups else window_days(request.window)[1]


def _shown(outcome: Reply | Failure) -> int | None:
    shown_to = outcome.request.shown_to
    return epoch_day(shown_to) if shown_to else None


def answered_row(slot: tuple[int, ...], reply: Reply) -> Row:
    """The outcome of a request that was answered."""
    read = (
        reply.http_status,
        reply.attempts,
        reply.rows,
        len(reply.body),
        to_micros(reply.fetched_at),
    )
    return (*slot, _last(reply), reply.state.value, *read, _shown(reply), reply.summary.value, None)


def spooled_row(slot: tuple[int, ...], reply: Reply) -> Row:
    """A reply as it waits for its publish."""
    groups = orjson.dumps(reply.request.groups).decode() if reply.request.groups else None
    read = (reply.http_status, reply.content_type, to_micros(reply.fetched_at), reply.body)
    return (*slot, _last(reply), groups, reply.rows, *read, _shown(reply), None, None)


def fresh_reply(row: Row, reply: Reply) -> SpooledReply:
    """The same reply with what its judging made of it, so that it is not parsed again."""
    question, entity, first, _, last, groups, _, status, kind, _, body, *_ = cast("Any", row)
    return SpooledReply(
        question, entity, first, last, groups, status, kind, reply.fetched_at, body,
        columns=reply.summary.columns,
    )  # fmt: skip


def failed_row(slot: tuple[int, ...], failure: Failure) -> Row:
    """The outcome of a request that failed."""
    size = len(failure.body or b"")
    told = (failure.http_status, failure.attempts, 0, size, to_micros(failure.failed_at))
    return (*slot, _last(failure), State.FAILED.value, *told, _shown(failure), None, None)


def not_offered_row(slot: tuple[int, ...], failure: Failure) -> Row:
    """What may be refused at any time is answered with nothing when it is: others are asked."""
    told = (failure.http_status, failure.attempts, 0, 0, to_micros(failure.failed_at))
    return (*slot, _last(failure), State.EMPTY.value, *told, None, None, _NOTHING_TO_PUBLISH)


def derived_row(slot: tuple[int, ...], derived: DerivedAnswer) -> Row:
    """The outcome of what was computed from other answers."""
    _, last = window_days(derived.window)
    told = (None, 0, derived.rows, 0, derived.at, None, derived.value, None)
    return (*slot, last, derived.state.value, *told)


def derived_spool_row(slot: tuple[int, ...], derived: DerivedAnswer) -> Row:
    """What was computed from other answers, as it waits for its publish."""
    _, last = window_days(derived.window)
    read = (None, derived.rows, 0, "", derived.at, derived.body, None)
    return (*slot, last, *read, derived.state.value, derived.source)
