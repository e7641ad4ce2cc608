"""`harvester run`: harvest, watched, and stopped in good order."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import datetime, timedelta

import anyio

from harvester.cli.discovery import discovery_watcher
from harvester.cli.display import watcher
from harvester.cli.events import EmitEvent, Event, Level, event_writer
from harvester.cli.id_files import lookup_lines
from harvester.cli.job import loaded
from harvester.cli.signals import obeying
from harvester.cli.summary import show
from harvester.harvest.result import RunResult
from harvester.harvest.run import run_async
from harvester.job.credentials import open_secret_files
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings
from harvester.recovery.refetch import made_ready


def run(arguments: Namespace) -> int:
    """Harvest the job; the exit code says how it ended."""
    job = loaded(arguments)
    settings = JobSettings.of(job)
    tell = event_writer(arguments.log_format)
    for line in lookup_lines(job):
        tell(Event("ids", line))
    for warning in open_secret_files(settings):
        tell(Event("warning", f"warning: {warning}", level=Level.WARNING))
    options = RunOptions(
        today=arguments.today,
        until=_moment(arguments.until),
        max_requests=arguments.max_requests,
        refresh=arguments.refresh,
        new_run=arguments.new_run,
        refetch=arguments.refetch,
        watch=watcher(arguments.log_format),
        watch_gathering=discovery_watcher(tell),
    )
    if options.refetch:
        refetch = made_ready(settings, options, lambda line: tell(Event("refetch", line)))
        for sentence in refetch.sentences:
            tell(Event("refetch", f"refetch: {sentence}"))
        result = refetch.ended(anyio.run(_run, settings, options, tell))
    else:
        result = anyio.run(_run, settings, options, tell)
    show(result, arguments.job, tell)
    return result.exit_code


async def _run(settings: JobSettings, options: RunOptions, tell: EmitEvent) -> RunResult:
    return await obeying(lambda stop: run_async(settings, replace(options, stop=stop)), tell)


def _moment(time: tuple[int, int] | None) -> datetime | None:
    """The next time the local clock shows this."""
    if time is None:
        return None
    now = datetime.now().astimezone()
    then = now.replace(hour=time[0], minute=time[1], second=0, microsecond=0)
    return then if then > now else then + timedelta(days=1)
