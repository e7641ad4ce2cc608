"""What a body tells of its answer, against what the ledger says of it."""

from __future__ import annotations

from collections.abc import Mapping

from harvester.model.packed_counts import packed, unpacked
from harvester.model.published import Answer, Change
from harvester.model.reply import Gist
from harvester.model.request import Request


def correction(
    answer: Answer, request: Request, gist: Gist, found: tuple[int, int, int]
) -> Change | None:
    """What the ledger should say of an answer; None: it does.

    Args:
        found: how long its body is, when it was read, and the publish of its home.
    """
    size, at, home = found
    is_asked = not answer.state.is_worked_out
    state = gist.state(request.question.endpoint) if is_asked else answer.state
    points = answer.points
    if gist.points is not None and _counts(answer.points) != _nonzero(gist.points):
        points = packed(gist.points)
    change = Change(
        answer.question,
        answer.entity,
        answer.first,
        answer.run,
        state,
        gist.rows,
        size,
        gist.value,
        points,
        at,
        home if gist.rows else None,
    )
    return None if _told_by(change) == _told_by(answer) else change


def _told_by(each: Answer | Change) -> tuple[object, ...]:
    at = each.at if isinstance(each, Change) else each.fetched_at
    return (each.state, each.rows, each.size, at, each.value, each.points)


def is_only_more(answer: Answer, change: Change) -> bool:
    """Whether the ledger only lacks what an older version did not keep, or a lost one had."""
    value = change.value if answer.value is None else answer.value
    points = change.points if answer.points is None else answer.points
    return _told_by(answer._replace(value=value, points=points)) == _told_by(change)


def _counts(points: bytes | None) -> Mapping[int, int]:
    return unpacked(points) if points else {}


def _nonzero(counts: Mapping[int, int]) -> dict[int, int]:
    return {key: value for key, value in counts.items() if value}


def contradiction(answer: Answer, change: Change) -> str:
    """How they differ, as a sentence."""
    what = "it is worked out" if answer.state.is_worked_out else f"its body of {change.size} bytes"
    counts = "" if answer.value == change.value else f" and counts {change.value}"
    known = "" if answer.value == change.value else f" that count {answer.value}"
    return (
        f"{what} makes {change.rows} rows{counts}, the ledger says {answer.state}, {answer.rows} "
        f"rows of {answer.size} bytes{known}"
    )
