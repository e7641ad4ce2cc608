"""Rules that save requests, what shows that they hold, and where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harvester.model.question import Question
from harvester.model.terms import Counter, Kind

# Why a series is reported whose total is lower than before.
TOTAL_FELL = "total_fell"


class Rule(StrEnum):
    """Why a request need not be made. Each is tried before it is trusted.

    The first five are reasons of the contract (§3), too.
    """

    TOTAL_IS_ZERO = "total_is_zero"
    TOTAL_IS_COVERED = "total_is_covered"
    TIMELINE_IS_ZERO = "timeline_is_zero"
    DERIVED = "derived"
    BEFORE_FIRST_ONLINE = "before_first_online"
    WHOLE_WINDOW = "whole_window"  # a timeline may be asked in one window
    RANKING_IS_TOTALS = "ranking_is_totals"  # a ranking has every item's total
    UNRANKED_IS_ZERO = "unranked_is_zero"  # and whom it lacks has none
    COMBINED_IS_TOTALS = "combined_is_totals"  # one request has the totals of all counters


@dataclass(frozen=True, slots=True)
class Proof:
    """How a rule fared in one run.

    Attributes:
        counter: None where it was tried for a kind as a whole.
        tried: on so many series.
        holds: False: once is enough, the rule is never trusted again for this job.
        sentence: what was compared, and what differed.
    """

    rule: Rule
    kind: Kind
    counter: Counter | None
    tried: int
    holds: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A series of which two stages say what cannot both be so.

    Attributes:
        question: the one whose answers are not trusted as evidence.
    """

    question: Question
    entity_id: int
    reason: str
    sentence: str

    @property
    def is_note(self) -> bool:
        """Whether it is only to be reported: nothing else is asked for its sake."""
        return self.reason == TOTAL_FELL
