"""What earlier requests came to, as the planner reads it from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.terms import State

_DAY_MICROS = 24 * 3600 * 1_000_000


class PastOutcome(NamedTuple):
    """What one request for a series came to in some run; days are days since 1970-01-01.

    Attributes:
        run: number of the run.
        snapshot: the date of that run.
        first, last: the days asked for; without a window they mean nothing.
        shown: the last day whose rows go to the datasets: `last`, unless the request ran on
            beyond the period for the sake of evidence.
        state: done, empty, failed, derived or answered_by.
        rows: how many it makes in the datasets.
        value: `ReplySummary.value`.
        at: when it was read, microseconds since 1970, UTC.
        points: packed counts of `ReplySummary.points`; None where none were kept.
        sent_last: the last day that was sent, where the service is known not to have answered
            that far and `last` is the day it did; None: `last`.
        began_at: when that run began, as `at`; None: as it was read.
        fills: whether its rows went to the datasets; False: what its run asked as evidence
            alone is what this run wants, and is not here yet.
        is_lost: its rows are in no file any more; then it is no answer, nor is what it replaced.
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
    began_at: int | None = None
    fills: bool = True
    is_lost: bool = False

    @property
    def read_on(self) -> int:
        """The day it was read: the run's date and the midnights that passed since the run began.

        A run that goes on for days keeps its date, and its totals count on.
        """
        if self.began_at is None:
            return self.snapshot
        return self.snapshot + max(0, self.at // _DAY_MICROS - self.began_at // _DAY_MICROS)

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


class ReadWindow(NamedTuple):
    """A window of one series that an earlier run asked and got an answer to.

    Attributes:
        first: of the window; without a window it means nothing, nor does `last`.
        snapshot: the date of that run; days too near to it were not settled yet.
        run_id: of that run, for the proof.
        home: the publish whose part holds its rows; None while they are in the spool.
        is_lost: the part held them, and does no more.
    """

    first: date
    last: date
    snapshot: date
    run_id: str
    home: int | None
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class DerivedAnswer:
    """Rows for one series that no request of its own brought; stored as if one had.

    Attributes:
        entity_id: of the series.
        window: the days they stand for; None for a total.
        body: in the service's form, so that it is read as every other answer is.
        at: when the oldest answer that contributed was read, microseconds since 1970, UTC.
        state: DERIVED (from a finer granularity) or ANSWERED_BY (another request has it).
        source: the request_id that answered; None for what is derived.
        rows: how many rows the body makes.
        value: as in `ReplySummary`.
    """

    question: Question
    entity_id: int
    window: Window | None
    body: bytes
    at: int
    state: State
    source: str | None
    rows: int
    value: int
