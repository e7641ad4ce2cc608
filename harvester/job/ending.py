"""How a call ended: complete, with failures, refused, paused or interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from harvester.errors import HarvestError
from harvester.fetch.stop import SIGHUP, SIGINT, SIGTERM


class Ending(Enum):
    """Why a run stopped, with the exit code of the contract."""

    COMPLETE = 0
    WITH_FAILURES = 1
    REFUSED = 3
    PAUSED = 5
    INTERRUPTED = 130
    TERMINATED = 143
    HUNG_UP = 129


# By the signal that a run was stopped with.
INTERRUPTIONS = {
    SIGINT: Ending.INTERRUPTED,
    SIGTERM: Ending.TERMINATED,
    SIGHUP: Ending.HUNG_UP,
}


def ending_of(
    problem: HarvestError | None, why: str, states: Mapping[str, int], *, is_over: bool
) -> Ending:
    """How a call of `run` ended."""
    if is_over:
        return Ending.WITH_FAILURES if states.get("failed") else Ending.COMPLETE
    if problem:
        return Ending.REFUSED
    return INTERRUPTIONS.get(why, Ending.PAUSED)
