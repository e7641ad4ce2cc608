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
    ended: anyio.Event = field(default_factory=anyio.Event)
    error: Exception | None = None


class GroupCommit(Generic[T]):
    """Commits outcomes together: whoever comes while a commit is under way shares the next one.

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
        self._is_committing = False
        self._batch: _Batch[T] = _Batch()

    async def keep(self, outcome: T) -> None:
        """Return when the outcome is durable.

        It is made so as well when its worker is stopped meanwhile.
        """
        batch = self._batch
        batch.outcomes.append(outcome)
        if self._is_committing:
            # Who commits now goes on with this batch. Only waiting costs each of fifty workers
            # a tenth of what a lock and a shield of its own would.
            await batch.ended.wait()
        else:
            await self._commit_all()
        if batch.error:
            raise batch.error

    async def _commit_all(self) -> None:
        self._is_committing = True
        try:
            with anyio.CancelScope(shield=True):
                while self._batch.outcomes:
                    batch, self._batch = self._batch, _Batch()
                    await self._commit_one(batch)
        finally:
            self._is_committing = False

    async def _commit_one(self, batch: _Batch[T]) -> None:
        try:
            await anyio.to_thread.run_sync(self._commit, batch.outcomes)
            self._kept(batch.outcomes)
        except Exception as error:  # noqa: BLE001  # raised by each who waits for it
            batch.error = error
        finally:
            batch.ended.set()
