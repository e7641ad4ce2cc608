"""The body of a total: one number since the beginning."""

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


def totals_columns(_request: Request, body: bytes) -> tuple[Columns, ...]:
    """Read `{"totals": 231}`.

    Returns:
        One row, also for 0; none for `{"totals": null}`, which several tools guard
        against (nobody published one): answered with nothing is not 0.

    Raises:
        ShapeError: anything else; `{}` is not an answer.
    """
    read = document(body)
    if "totals" not in read:
        raise ShapeError(f"the body has no 'totals', but {listed(read)}")
    refuse_repeated_keys(body, 1)
    values = [] if read["totals"] is None else [read["totals"]]
    refuse_other_than_counts(values)
    return (Columns(Dataset.TOTALS, len(values), {"value": values}),)
