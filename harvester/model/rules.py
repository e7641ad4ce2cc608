"""Rules that save requests, how they fared, and what they and failures are called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harvester.model.question import Question
from harvester.model.terms import Counter, Kind

# Why a series is reported whose total is lower than before.
TOTAL_FELL = "total_fell"
# Why one is reported whose total counts events that its timeline lacks.
TOTAL_ABOVE = "total_above_timeline"


class Rule(StrEnum):
    """Why a request need not be made. Each is tried before it is trusted.

    The first five are reasons of docs/contract.md §3, too.
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
class RuleTrial:
    """How a rule fared in one run: on how many series it was tried, and whether it held.

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
class Contradiction:
    """A series of which two endpoints say what cannot both be so.

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
        return self.reason in {TOTAL_FELL, TOTAL_ABOVE}


REASONS = {
    "total_is_zero": "the total is 0",
    "total_is_covered": "the total shows that nothing is new",
    "timeline_is_zero": "the timeline counts 0",
    "covered": "an earlier run has them",
    "derived": "computed from a finer granularity",
    "before_first_online": "before the item was online",
    "answered_by": "another request tells",
}


# The numbers are here all the same; under every other reason there is nothing to be had.
HAVE_NUMBERS = frozenset({"total_is_covered", "covered", "derived", "answered_by"})


def reason_words(reason: str) -> str:
    """The reason in words; an unknown one as it is."""
    return REASONS.get(reason, reason)


FAILURES = {
    "bad_request": "Figshare does not take this request",
    "blocked": "Figshare answers with a block page",
    "certificate": "whoever answers has no valid certificate",
    "connection": "no connection came about",
    "cut": "the reply broke off",
    "error_body": "the reply is an error in the place of an answer",
    "forbidden": "Figshare refuses this request, though not others",
    "lost": "the part that held its rows is gone, and so is its response",
    "oversize": "the reply is larger than an answer can be",
    "protocol": "the reply is no HTTP",
    "proxy": "the proxy opens no way to Figshare",
    "proxy_login": "the proxy takes no username and password of ours",
    "proxy_refusal": "the proxy does not let us through",
    "rate_limited": "Figshare keeps asking to slow down",
    "redirect": "Figshare sends us elsewhere",
    "server_error": "Figshare has an error of its own",
    "shape": "the reply does not answer the question",
    "timeout": "no reply came in time",
    "unknown_endpoint": "Figshare does not know this endpoint",
}


def failure_words(reason: str) -> str:
    """The reason of a failure in words, and as it is, for `failures --reason`."""
    return f"{FAILURES[reason]} ({reason})" if reason in FAILURES else reason
