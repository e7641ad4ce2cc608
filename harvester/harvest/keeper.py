"""Outcomes into the ledger: one commit each when they come slowly, many at once when fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")


@dataclass(slots=True)
class _Batch(Generic[T]):
    outcomes: list[T] = field(default_factory=list)
    is_kept: bool = False


class Keeper(Generic[T]):
    """Group commit: whoever comes while a commit is under way shares the next one.

    A commit costs a millisecond of disk; shared by fifty workers it costs each of them no
    more than one of their own would, and the loop goes on meanwhile.
    """

    def __init__(
        self, commit: Callable[[Sequence[T]], None], kept: Callable[[Sequence[T]], None]
    ) -> None:
        """Take the two effects.

        Args:
            commit: makes outcomes durable; called in a thread, never twice at once.
            kept: told afterwards, in the loop.
        """
        self._commit = commit
        self._kept = kept
        self._lock = anyio.Lock()
        self._batch: _Batch[T] = _Batch()

    async def keep(self, outcome: T) -> None:
        """Return when the outcome is durable."""
        batch = self._batch
        batch.outcomes.append(outcome)
        # A reply that arrived is kept even when its worker is being stopped.
        with anyio.CancelScope(shield=True):
            async with self._lock:
                if batch.is_kept:
                    return
                self._batch = _Batch()
                await anyio.to_thread.run_sync(self._commit, batch.outcomes)
                batch.is_kept = True
                self._kept(batch.outcomes)
