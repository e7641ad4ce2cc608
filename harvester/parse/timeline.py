"""The body of a timeline: events by period."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.parse.body import answer, refuse_other_than_counts, refuse_repeated_keys
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
    names: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    if counts.keys() == spans.days.keys():
        # Busy items name every period, and then all replies share three columns.
        names, starts, ends = spans.names, spans.starts, spans.ends
    else:
        # Within one granularity the order of text is the order of time.
        names = sorted(counts)
        starts, ends = spans.of(names)
    values: list[int] = list(map(counts.__getitem__, names))
    refuse_other_than_counts(values, names)
    return (
        Columns(
            Dataset.TIMELINE,
            len(names),
            {"period": names, "period_start": starts, "period_end": ends, "value": values},
        ),
    )
