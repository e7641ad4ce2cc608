"""Signals, obeyed in good order."""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from harvester.cli.events import EmitEvent, Event, as_text
from harvester.errors import chief
from harvester.fetch.stop import SIGHUP, SIGINT, SIGTERM, Stop

T = TypeVar("T")

_NAMES = {signal.SIGINT: SIGINT, signal.SIGTERM: SIGTERM, signal.SIGHUP: SIGHUP}


async def obeying(work: Callable[[Stop], Awaitable[T]], tell: EmitEvent = as_text) -> T:
    """Do something that SIGINT, SIGTERM and SIGHUP can end; the stop is handed to it."""
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
    obeyed = [each for each in _NAMES if not _is_ignored(each)]
    with anyio.open_signal_receiver(*obeyed) as signals:
        async for number in signals:
            if stop.why in _NAMES.values():
                # A shell and the system both tell of one terminal that is gone.
                if number == signal.SIGHUP:
                    continue
                os._exit(128 + number)
            tell(Event("stopping", "stopping; what is under way is kept (again: stop at once)"))
            stop.set(_NAMES[number])


def _is_ignored(number: signal.Signals) -> bool:
    """Whether who called us wants it ignored: a hung-up terminal does not end `nohup`."""
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
