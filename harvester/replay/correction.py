"""What a body tells of its answer, against what the ledger says of it."""

from __future__ import annotations

from collections.abc import Mapping

from harvester.model.packed_counts import pack_counts, unpack_counts
from harvester.model.published import AnswerUpdate, PublishedAnswer
from harvester.model.reply import ReplySummary
from harvester.model.request import Request


def correction(
    answer: PublishedAnswer, request: Request, summary: ReplySummary, found: tuple[int, int, int]
) -> AnswerUpdate | None:
    """What the ledger should say of an answer; None: it does.

    Args:
        found: how long its body is, when it was read, and the publish of its home.
    """
    size, at, home = found
    is_asked = not answer.state.is_derived
    state = summary.state(request.question.endpoint) if is_asked else answer.state
    points = answer.points
    if summary.points is not None and _counts(answer.points) != _nonzero(summary.points):
        points = pack_counts(summary.points)
    change = AnswerUpdate(
        answer.question,
        answer.entity,
        answer.first,
        answer.run,
        state,
        summary.rows,
        size,
        summary.value,
        points,
        at,
        home if summary.rows else None,
    )
    return None if _told_by(change) == _told_by(answer) else change


def _told_by(each: PublishedAnswer | AnswerUpdate) -> tuple[object, ...]:
    at = each.at if isinstance(each, AnswerUpdate) else each.fetched_at
    return (each.state, each.rows, each.size, at, each.value, each.points)


def is_only_more(answer: PublishedAnswer, change: AnswerUpdate) -> bool:
    """Whether the ledger only lacks what an older version did not keep, or a lost one had."""
    value = change.value if answer.value is None else answer.value
    points = change.points if answer.points is None else answer.points
    return _told_by(answer._replace(value=value, points=points)) == _told_by(change)


def _counts(points: bytes | None) -> Mapping[int, int]:
    return unpack_counts(points) if points else {}


def _nonzero(counts: Mapping[int, int]) -> dict[int, int]:
    return {key: value for key, value in counts.items() if value}


def contradiction(answer: PublishedAnswer, change: AnswerUpdate) -> str:
    """How they differ, as a sentence."""
    what = "it is worked out" if answer.state.is_derived else f"its body of {change.size} bytes"
    counts = "" if answer.value == change.value else f" and counts {change.value}"
    known = "" if answer.value == change.value else f" that count {answer.value}"
    return (
        f"{what} makes {change.rows} rows{counts}, the ledger says {answer.state}, {answer.rows} "
        f"rows of {answer.size} bytes{known}"
    )
