"""Why no request was needed (contract §3), for people."""

from __future__ import annotations

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
