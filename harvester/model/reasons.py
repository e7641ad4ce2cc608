"""Why no request was needed (contract §3), and why one failed: for people."""

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


FAILURES = {
    "bad_request": "Figshare does not take this request",
    "blocked": "Figshare answers with a block page",
    "certificate": "whoever answers has no valid certificate",
    "connection": "no connection came about",
    "cut": "the reply broke off",
    "error_body": "the reply is an error in the place of an answer",
    "forbidden": "Figshare refuses this request, though not others",
    "oversize": "the reply is larger than an answer can be",
    "protocol": "the reply is no HTTP",
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
