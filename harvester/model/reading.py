"""A window that an earlier run has read."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Reading(NamedTuple):
    """A window of one series that an earlier run asked and got an answer to.

    Attributes:
        first: of the window; without a window it means nothing, nor does `last`.
        snapshot: the date of that run; days too near to it were not settled yet.
        run_id: of that run, for the proof.
        home: the publish whose part holds its rows; None while they are in the spool.
    """

    first: date
    last: date
    snapshot: date
    run_id: str
    home: int | None
