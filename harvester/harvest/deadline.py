"""`--until`: a run that ends at a time of day."""

from __future__ import annotations

from datetime import datetime

from harvester.clock import Clock
from harvester.fetch.stop import Stop
from harvester.harvest.result import UNTIL


async def stop_at(clock: Clock, stop: Stop, moment: datetime) -> None:
    """Stop at this moment; requests under way may take as long as they need."""
    await clock.sleep(max(0.0, (moment - clock.now()).total_seconds()))
    stop.set(UNTIL, lets_finish=True)
