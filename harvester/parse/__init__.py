"""Bodies in, columns out; what does not answer the question asked is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harvester.errors import ParseError
from harvester.model.request import Request
from harvester.model.rows import Columns
from harvester.model.terms import Endpoint
from harvester.parse.body import ShapeError
from harvester.parse.breakdown import breakdown_columns
from harvester.parse.count import count_columns
from harvester.parse.summary import summarize
from harvester.parse.timeline import timeline_columns
from harvester.parse.top import top_columns
from harvester.parse.total import totals_columns

__all__ = ["parse", "rows_in", "summarize"]

_PARSERS: dict[Endpoint, Callable[[Request, bytes], tuple[Columns, ...]]] = {
    Endpoint.TOTAL: totals_columns,
    Endpoint.COUNT: count_columns,
    Endpoint.TOP: top_columns,
    Endpoint.TIMELINE: timeline_columns,
    Endpoint.BREAKDOWN: breakdown_columns,
}


def parse(request: Request, body: bytes) -> tuple[Columns, ...]:
    """Read a body of status 200 as the columns that its request's datasets take from it.

    The same body always gives the same rows in the same order.

    Args:
        request: the question; its window must be set for a timeline and a breakdown.
        body: as received, content encoding undone: UTF-8 JSON, or anything at all.

    Returns:
        One `Columns` per dataset that the endpoint fills (a breakdown fills two). An
        answer with nothing (null or empty) gives them with length 0.

    Raises:
        ParseError: the body is no answer, or answers another question.
    """
    try:
        return _PARSERS[request.question.endpoint](request, body)
    except ShapeError as error:
        raise ParseError(
            f"not an answer to this request: {error}",
            where=request.key,
            fix="ask again with `harvester failures OUTPUT --retry`, then `run`; if the answer "
            "stays so, report it with its body, which is kept with the failure",
        ) from None  # the foreign cause may hold the whole body


def rows_in(columns: Iterable[Columns]) -> int:
    """How many rows a reply brings, over all its datasets; 0: answered with nothing."""
    return sum(each.length for each in columns)
