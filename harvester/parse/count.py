"""The body of a count: how many public articles each group has."""

from __future__ import annotations

from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.parse.body import (
    ShapeError,
    document,
    listed,
    refuse_other_than_counts,
    refuse_repeated_keys,
)


def count_columns(request: Request, body: bytes) -> tuple[Columns, ...]:
    """Read `{"327": 20, "328": 1}`, which has no wrapper.

    Returns:
        A row per group asked, by id.

    Raises:
        ShapeError: a group asked is missing (it would pass for a group without
            articles), one that was not asked is there, or a value is no count.
    """
    read = document(body)
    asked = [str(group) for group in request.groups]
    if strange := read.keys() - set(asked):
        raise ShapeError(f"groups were counted that nobody asked for: {listed(sorted(strange))}")
    if missing := [group for group in asked if group not in read]:
        raise ShapeError(f"groups that were asked for are missing: {listed(missing)}")
    refuse_repeated_keys(body, len(read))
    articles: list[int] = [read[group] for group in asked]
    refuse_other_than_counts(articles, asked)
    return (
        Columns(
            Dataset.COUNTS,
            len(articles),
            {"group_id": list(request.groups), "articles": articles},
        ),
    )
