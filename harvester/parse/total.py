"""The body of a total: one number since the beginning, or one for each counter."""

from __future__ import annotations

from typing import Any

from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.model.terms import Counter
from harvester.parse.body import (
    ShapeError,
    document,
    listed,
    refuse_other_than_counts,
    refuse_repeated_keys,
)


def totals_columns(request: Request, body: bytes) -> tuple[Columns, ...]:
    """Read `{"totals": 231}`, or all counters where the question names none.

    Returns:
        One row, also for 0; none for `{"totals": null}`, which several tools guard
        against (nobody published one): answered with nothing is not 0.

    Raises:
        ShapeError: anything else; `{}` is not an answer.
    """
    read = document(body)
    if request.question.is_undocumented:
        return (_all_counters(read, body),)
    if "totals" not in read:
        raise ShapeError(f"the body has no 'totals', but {listed(read)}")
    refuse_repeated_keys(body, 1)
    values = [] if read["totals"] is None else [read["totals"]]
    refuse_other_than_counts(values)
    return (Columns(Dataset.TOTALS, len(values), {"value": values}),)


def _all_counters(read: dict[str, Any], body: bytes) -> Columns:
    """Read `{"views": 5, "downloads": 3, "shares": 0, "cites": 1}`, which no page documents.

    Returns:
        The counters by their place in `Counter`, those that are null left out. It fills no
        dataset as it is: the plan gives each counter its own total.
    """
    if missing := [counter.value for counter in Counter if counter not in read]:
        raise ShapeError(f"the body has no {missing[0]!r}, but {listed(read)}")
    refuse_repeated_keys(body, len(read))
    found = {place: read[counter] for place, counter in enumerate(Counter)}
    found = {place: value for place, value in found.items() if value is not None}
    refuse_other_than_counts(list(found.values()))
    return Columns(Dataset.TOTALS, len(found), {"place": list(found), "value": [*found.values()]})
