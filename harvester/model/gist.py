"""What a body says, in a few numbers: what the plan may conclude from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from harvester.model.rows import Columns
from harvester.model.terms import Endpoint, State


class Gist(NamedTuple):
    """The numbers of one accepted body.

    Attributes:
        rows: how many rows it makes, over all its datasets.
        value: a total; the sum of a timeline; the sum over the countries of a breakdown; the
            number of entries of a ranking. None where it says nothing (null), and for a count.
        points: counts by key, zeros left out: by first day of the period (days since
            1970-01-01) for a timeline; by id for a ranking of entities; by place of the
            counter in `Counter` for a total of all counters. None for everything else.
        columns: all that it says, for who writes it soon; None: parse it again.
    """

    rows: int
    value: int | None = None
    points: Mapping[int, int] | None = None
    columns: tuple[Columns, ...] | None = None

    def state(self, endpoint: Endpoint) -> State:
        """Done, or empty: answered with nothing. A total of 0 is no nothing."""
        says = self.value is not None if endpoint is Endpoint.TOTAL else self.rows or self.value
        return State.DONE if says else State.EMPTY
