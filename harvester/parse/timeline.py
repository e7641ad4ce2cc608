"""The body of a timeline: events by period."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.parse.body import (
    answer,
    refuse_other_than_counts,
    refuse_repeated_keys,
    surely_counts,
)
from harvester.parse.spans import spans_of


def timeline_columns(request: Request, body: bytes) -> tuple[Columns, ...]:
    """Read `{"timeline": {period: events}}`, whose periods come in no order.

    Returns:
        A row per period named, oldest first, 0 included where the service says 0. A period
        without events is absent, and with none at all the timeline is null or empty.

    Raises:
        ShapeError: another shape, spelling or window, or no count.

    Source: Figshare's documentation of timeline (read 2024-12 and 2026-07).
    """
    spans = spans_of(request)
    counts = answer(body, "timeline")
    refuse_repeated_keys(body, 1 + len(counts))
    if tuple(counts) == spans.names:
        # Busy items name every period, mostly in order: such replies share three columns.
        known = surely_counts(list(counts.values()), body)
        if known is not None:
            return (_columns(spans.names, spans.starts, spans.ends, known),)
    # Within one granularity the order of text is the order of time.
    names = sorted(counts)
    starts, ends = spans.of(names)
    values: list[int] = list(map(counts.__getitem__, names))
    refuse_other_than_counts(values, names)
    return (_columns(names, starts, ends, values),)


def _columns(
    names: Sequence[str], starts: Sequence[int], ends: Sequence[int], values: Sequence[int]
) -> Columns:
    return Columns(
        Dataset.TIMELINE,
        len(names),
        {"period": names, "period_start": starts, "period_end": ends, "value": values},
    )
