"""What became of requests, as a matrix: its words, its cells, how a state is come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from harvester.model.rules import HAVE_NUMBERS

# What a cell counts, and what that means.
STATES = {
    "done": "answered with numbers",
    "known": "not asked: the numbers are here all the same",
    "empty": "answered with nothing",
    "not_needed": "not needed: there is nothing to be had",
    "failed": "failed",
    "open": "not asked yet, or given up",
}
# What a request asks, as one text.
QUESTION = (
    "concat_ws(' ', endpoint, granularity, counter, CASE WHEN sub_item IS NOT NULL THEN"
    " concat(sub_item, '=', coalesce(sub_item_id, 'each')) END)"
)
_REASONS = ", ".join(f"'{each}'" for each in sorted(HAVE_NUMBERS))
# Over the requests of one question, as columns; and from these to the state, gaps aside.
ANSWERS = (
    "bool_or(state = 'done') AS done, bool_or(state = 'empty') AS empty,"
    f" bool_or(state = 'not_needed' AND coalesce(reason, '') IN ({_REASONS})) AS known"
)
STATE = (
    "CASE WHEN done THEN 'done' WHEN known THEN 'known' WHEN empty THEN 'empty'"
    " ELSE 'not_needed' END"
)
COUNTS = ", ".join(f"count(*) FILTER (WHERE state = '{each}')" for each in STATES)


@dataclass(frozen=True, slots=True)
class Cell:
    """How many entities of a band (or series of a year) are in each state.

    Attributes:
        numbers: in the order of STATES.
        read_to: the last day read of a year that was not over, or not settled; None: it was.
        is_open: some of its days were not settled: a later run reads them again.
    """

    numbers: tuple[int, ...]
    read_to: date | None = None
    is_open: bool = False

    @property
    def total(self) -> int:
        """All of them; 0: nothing was asked here."""
        return sum(self.numbers)

    @property
    def missing(self) -> int:
        """Failed or open."""
        return self.numbers[-2] + self.numbers[-1]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Lines by columns; a cell that is of no question is absent."""

    columns: Sequence[str]
    lines: Sequence[tuple[str, Sequence[Cell | None]]]

    @property
    def has_open(self) -> bool:
        """Whether some days are read again by a later run."""
        return any(cell.is_open for _, cells in self.lines for cell in cells if cell)
