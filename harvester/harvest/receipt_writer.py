"""How politely a call asks, written into the ledger while it goes on and when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import anyio
import anyio.to_thread

from harvester.errors import chief
from harvester.fetch.origin import Origins
from harvester.fetch.tally import Tally
from harvester.ledger.receipts import Receipts
from harvester.model.host_status import HostStatus
from harvester.model.receipt import Receipt

# What a kill may cost the receipt; `status` is as fresh as this.
_BETWEEN_WRITES_SECONDS = 1.0


@dataclass(slots=True)
class ReceiptWriter:
    """Writes how politely one call asks into the ledger, every second and at its end.

    Attributes:
        run: its number.
        begun_at: tells this call from others of the same run.
    """

    receipts: Receipts
    run: int
    origins: Origins
    begun_at: datetime
    _written: tuple[list[Receipt], dict[str, HostStatus]] = field(default_factory=lambda: ([], {}))

    @property
    def so_far(self) -> list[Receipt]:
        """What this call has sent, by host."""
        told = (receipt_of(host, tally) for host, tally in self.origins.tallies.items())
        return [each for each in told if each.sent]

    async def write(self) -> None:
        """Write it down, if anything has changed since."""
        now = (self.so_far, self.origins.host_statuses)
        if now != self._written:
            await anyio.to_thread.run_sync(self.receipts.keep, self.run, self.begun_at, *now)
            self._written = now

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write it down every second, and once more when the context ends.

        Raises:
            OutputError: the ledger cannot be written; and whatever happens inside, as it is.
        """
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._keep_writing)
                yield
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise chief(group) from None
        with anyio.CancelScope(shield=True):
            await self.write()

    async def _keep_writing(self) -> None:
        while True:
            # The machine's own time, whatever clock the run has: nothing is decided by it.
            await anyio.sleep(_BETWEEN_WRITES_SECONDS)
            await self.write()


def receipt_of(host: str, tally: Tally) -> Receipt:
    """The receipt of one host, from what was counted."""
    return Receipt(
        host,
        tally.sent,
        tally.retries,
        tally.probes,
        tally.limited,
        tally.blocked,
        tally.pauses,
        tally.paused_seconds,
        tally.seconds,
        tally.most_in_a_second,
    )
