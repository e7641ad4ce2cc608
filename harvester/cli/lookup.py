"""`check --resolve` as people read it: what it asks, how far it is, what it wrote."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, date, datetime

import anyio

from harvester.cli.events import Event, as_text
from harvester.cli.format import count, duration, pace, plain
from harvester.cli.signals import obeying
from harvester.discover.doi_lookup import LookupProgress, LookupResult, look_up_dois
from harvester.errors import SpecError
from harvester.id_files.resolved_dois import DoiStatus
from harvester.job.load_job import JobReading, read_job
from harvester.job.options import RunOptions
from harvester.job.settings import JobSettings

_BETWEEN_LINES_SECONDS = 60
_NAMED = 10  # DOIs without an answer
_WORDS = {
    DoiStatus.FOUND: "found",
    DoiStatus.NOT_FOUND: "at no public item of Figshare's",
    DoiStatus.AMBIGUOUS: "at several",
}


def look_up(arguments: Namespace) -> int:
    """Look up the DOIs of a job's files that hold no id; 0: all have an answer.

    Raises:
        SpecError: the spec or a file has other mistakes; then nothing is sent.
    """
    today: date = arguments.today or datetime.now(UTC).date()
    reading = read_job(arguments.job, today=today)
    if reading.job is None or reading.mistakes:
        raise SpecError([*reading.mistakes, *reading.doi_lines], where=reading.where)
    if not reading.open_dois:
        print("nothing to look up: every row has an id, or an answer about its DOI")
        return 0
    settings = JobSettings.of(reading.job)
    _announce(reading, settings)

    async def looking_up() -> LookupResult:
        options = RunOptions(today=arguments.today)
        return await obeying(
            lambda stop: look_up_dois(
                settings, reading.open_dois, replace(options, stop=stop), _watch
            )
        )

    result = anyio.run(looking_up)
    _tell(result, reading, f"harvester check {arguments.job} --resolve")
    return result.ending.value


def _announce(reading: JobReading, settings: JobSettings) -> None:
    dois, rate = sum(len(each.dois) for each in reading.open_dois), settings.requests_per_second
    time = duration(dois / rate) if rate else "no limit"
    print(f"looking up {count(dois, 'DOI')}, {pace(rate)}: {time} at most", file=sys.stderr)


async def _watch(progress: LookupProgress) -> None:
    while True:
        await anyio.sleep(_BETWEEN_LINES_SECONDS)
        state = progress.host.state if progress.host else "running"
        fares = "" if state == "running" else f", {state}"
        line = f"  {progress.answered:,} of {count(progress.of, 'DOI')} answered{fares}"
        print(line, file=sys.stderr, flush=True)


def _tell(result: LookupResult, reading: JobReading, again: str) -> None:
    progress = result.progress
    told = ", ".join(
        f"{progress.statuses[each]:,} {word}"
        for each, word in _WORDS.items()
        if progress.statuses.get(each)
    )
    print(f"looked up {count(progress.answered, 'DOI')}{': ' if told else ''}{told}")
    for each in reading.open_dois:
        if each.list.exists():
            print(f"written   {each.list}")
    for doi, sentence in progress.failed[:_NAMED]:
        print(plain(f"  {doi}: {sentence}"), file=sys.stderr)
    if progress.failed:
        print(
            f"no answer about {count(len(progress.failed), 'DOI')}; all others are kept: "
            f"`{again}` asks about these again",
            file=sys.stderr,
        )
    if result.problem:
        as_text(Event("error", f"harvester: {result.problem}"))
    if result.problem or result.why:
        print(f"stopped; `{again}` goes on where this stopped", file=sys.stderr)
