"""Signals, obeyed in good order."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from harvester.cli.events import EmitEvent, Event, as_text
from harvester.errors import chief
from harvester.fetch.stop import SIGINT, SIGTERM, Stop

T = TypeVar("T")

_NAMES = {signal.SIGINT: SIGINT, signal.SIGTERM: SIGTERM}


async def obeying(work: Callable[[Stop], Awaitable[T]], tell: EmitEvent = as_text) -> T:
    """Do something that SIGINT and SIGTERM can end; the stop is handed to it."""
    stop = Stop()
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_obey, stop, tell)
            result = await work(stop)
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise chief(group) from None
    return result


async def _obey(stop: Stop, tell: EmitEvent) -> None:
    """The first signal ends the work in good order, the second at once: all is durable."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for number in signals:
            if stop.why in _NAMES.values():
                os._exit(128 + number)
            tell(Event("stopping", "stopping; what is under way is kept (again: stop at once)"))
            stop.set(_NAMES[number])
