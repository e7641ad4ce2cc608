"""`harvester run`: harvest, watched, and stopped in good order."""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from dataclasses import replace
from datetime import datetime, timedelta

import anyio

from harvester.cli.display import watcher
from harvester.cli.job import loaded
from harvester.cli.summary import show
from harvester.errors import chief
from harvester.fetch.stop import Stop
from harvester.harvest.facts import open_secret_files
from harvester.harvest.options import RunOptions
from harvester.harvest.result import SIGINT, SIGTERM, RunResult
from harvester.harvest.run import run_async
from harvester.spec.jobspec import JobSpec

_NAMES = {signal.SIGINT: SIGINT, signal.SIGTERM: SIGTERM}


def run(arguments: Namespace) -> int:
    """Harvest the job; the exit code says how it ended."""
    job = loaded(arguments)
    for warning in open_secret_files(job):
        print(f"warning: {warning}", file=sys.stderr)
    options = RunOptions(
        today=arguments.today,
        until=_moment(arguments.until),
        max_requests=arguments.max_requests,
        refresh=arguments.refresh,
        new_run=arguments.new_run,
        watch=watcher(),
    )
    result = anyio.run(_run, job, options)
    show(result, arguments.job)
    return result.exit_code


async def _run(job: JobSpec, options: RunOptions) -> RunResult:
    stop = Stop()
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_obey_signals, stop)
            result = await run_async(job, replace(options, stop=stop))
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise chief(group) from None
    return result


async def _obey_signals(stop: Stop) -> None:
    """The first signal ends the run in good order, the second at once: all is durable."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for number in signals:
            if stop.why in _NAMES.values():
                os._exit(128 + number)
            print("stopping; what is under way is kept (again: stop at once)", file=sys.stderr)
            stop.set(_NAMES[number])


def _moment(time: tuple[int, int] | None) -> datetime | None:
    """The next time the local clock shows this."""
    if time is None:
        return None
    now = datetime.now().astimezone()
    then = now.replace(hour=time[0], minute=time[1], second=0, microsecond=0)
    return then if then > now else then + timedelta(days=1)
