"""What the ledger has been told about one series: the outcomes that evidence is made of."""

from __future__ import annotations

from typing import NamedTuple

from harvester.model.terms import State


class Told(NamedTuple):
    """One outcome of one series in some run; days are days since 1970-01-01.

    Attributes:
        run: number of the run.
        snapshot: the date of that run.
        first, last: the days asked for; without a window they mean nothing.
        shown: the last day whose rows go to the datasets: `last`, unless the request ran on
            beyond the period for the sake of evidence.
        state: done, empty, failed, derived or answered_by.
        rows: how many it makes in the datasets.
        value: `Gist.value`.
        at: when it was read, microseconds since 1970, UTC.
        points: `packed` counts of `Gist.points`; None where none were kept.
        sent_last: the last day that was sent, where the service is known not to have answered
            that far and `last` is the day it did; None: `last`.
    """

    run: int
    snapshot: int
    first: int
    last: int
    shown: int
    state: State
    rows: int
    value: int | None
    at: int
    points: bytes | None
    sent_last: int | None = None

    @property
    def is_answer(self) -> bool:
        """Whether it says something about the series: all but failures do."""
        return self.state is not State.FAILED

    @property
    def lacks_counts(self) -> bool:
        """Whether it has events of which nobody knows when they were.

        An older version kept neither value nor counts; what was done had events all the same.
        """
        has_events = self.state is State.DONE if self.value is None else bool(self.value)
        return self.points is None and has_events
