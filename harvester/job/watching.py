"""Whoever watches a job: shown it while it goes on, and never in its way."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def watched(
    watch: Callable[[T], Coroutine[Any, Any, None]], seen: T, say: Callable[[str], None]
) -> None:
    """Let somebody watch until they are cancelled; what goes wrong there ends the watching alone.

    Args:
        say: writes a line into the job's log.
    """
    try:
        await watch(seen)
    except Exception as error:  # noqa: BLE001  # a display decides nothing
        say(f"the display has ended: {type(error).__name__}: {error}")
