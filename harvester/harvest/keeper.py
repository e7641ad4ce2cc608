"""Outcomes into the ledger: one commit each when they come slowly, many at once when fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio
import anyio.to_thread

from harvester.model.reply import Failure, Reply

Outcomes = Sequence[Reply | Failure]


@dataclass(slots=True)
class _Batch:
    outcomes: list[Reply | Failure] = field(default_factory=list)
    is_kept: bool = False


class Keeper:
    """Group commit: whoever comes while a commit is under way shares the next one.

    A commit costs a millisecond of disk; shared by fifty workers it costs each of them no
    more than one of their own would, and the loop goes on meanwhile.
    """

    def __init__(
        self, commit: Callable[[Outcomes], None], kept: Callable[[Outcomes], None]
    ) -> None:
        """Take the two effects.

        Args:
            commit: makes outcomes durable; called in a thread, never twice at once.
            kept: told afterwards, in the loop.
        """
        self._commit = commit
        self._kept = kept
        self._lock = anyio.Lock()
        self._batch = _Batch()

    async def keep(self, outcome: Reply | Failure) -> None:
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
