"""`harvester check`: the mistakes of a job, before it runs."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace

import anyio

from harvester.cli.discovery import (
    discovery_lines,
    discovery_watcher,
    estimate_lines,
    span,
    with_estimate,
)
from harvester.cli.events import Event, as_text
from harvester.cli.format import duration, pace, plain
from harvester.cli.id_files import file_lines
from harvester.cli.job import loaded
from harvester.errors import UsageError
from harvester.job.credentials import open_secret_files, read_credentials, read_token
from harvester.job.network import missing_proxy_variable, network_of
from harvester.job.settings import JobSettings
from harvester.preview.plan import Preview, previewed


def run(arguments: Namespace) -> int:
    """Judge the spec; look up, look and list where asked; say what it costs; warn of secrets."""
    if arguments.resolve:
        # Who looks nothing up does not wait for aiohttp.
        from harvester.cli.lookup import look_up

        if code := look_up(arguments):
            return code
    job = loaded(arguments)
    settings = JobSettings.of(job)
    with previewed(settings, arguments.today) as preview:
        questions = [each.wanted.question for each in preview.size.questions]
        _warn(settings, uses_credentials=any(each.needs_credentials for each in questions))
    _show_ways(settings)
    code = _look(settings, arguments) if arguments.online else 0
    if arguments.count and code != 3:
        code = _count(settings, arguments) or code
    with previewed(settings, arguments.today) as preview:
        _show_cost(settings, arguments, preview, is_good=not code)
    for line in file_lines(job):
        print(plain(line))
    return code


def _show_ways(settings: JobSettings) -> None:
    """Through what requests go, and whose certificates count, where that is not the default.

    Raises:
        UsageError: they could not go.
    """
    if unset := missing_proxy_variable(settings):
        print(plain(f"warning: {unset.what}; `run` will need it. {unset.fix}"), file=sys.stderr)
        return
    for line in network_of(settings).lines:
        print(plain(f"{'route':<8} {line}"))


def _show_cost(
    settings: JobSettings, arguments: Namespace, preview: Preview, *, is_good: bool
) -> None:
    least, most = with_estimate(preview)
    requests, rate = span(least, most), settings.requests_per_second
    time = duration((least if most is None else most) / rate) if rate else "no limit"
    word = "good" if is_good else "well written, but see above"
    print(f"{arguments.job}: {word}. {requests}, {pace(rate)}: {time}")
    if most is None or arguments.count:
        for line in estimate_lines(preview.estimate):
            print(f"  {line}")


def _look(settings: JobSettings, arguments: Namespace) -> int:
    # Who only wants the spec judged does not wait for aiohttp.
    from harvester.job.options import RunOptions
    from harvester.preview.findings import Mark
    from harvester.preview.online_check import look_online

    found = anyio.run(look_online, settings, RunOptions(today=arguments.today))
    for each in found:
        print(plain(f"{each.mark.value:<8} {each.about}: {each.sentence}"))
    marks = {each.mark for each in found}
    if Mark.REFUSED in marks:
        return 3
    return 1 if Mark.WRONG in marks else 0


def _count(settings: JobSettings, arguments: Namespace) -> int:
    from harvester.cli.signals import obeying
    from harvester.discover.count_entities import CountResult, count_entities
    from harvester.job.options import RunOptions

    async def counting() -> CountResult:
        watch = discovery_watcher(as_text)
        options = RunOptions(today=arguments.today, watch_gathering=watch)
        return await obeying(lambda stop: count_entities(settings, replace(options, stop=stop)))

    counted = anyio.run(counting)
    for line in discovery_lines(counted.gathered):
        print(plain(line))
    if counted.problem:
        as_text(Event("error", f"harvester: {counted.problem}"))
    elif counted.why:
        again = f"harvester check {arguments.job} --count"
        print(f"interrupted; `{again}` or `run` goes on where this stopped", file=sys.stderr)
    return counted.ending.value


def _warn(settings: JobSettings, *, uses_credentials: bool) -> None:
    """Secrets that others can read, and those that `run` will miss."""
    warnings = open_secret_files(settings)
    if uses_credentials:
        warnings += _missing(
            settings, read_credentials, "timeline, breakdown and top of an institution need "
            "source.credentials",
        )  # fmt: skip
    if settings.needs_token:
        warnings += _missing(
            settings, read_token, "`discover` of groups and authors needs source.token"
        )
    for warning in warnings:
        print(plain(f"warning: {warning}"), file=sys.stderr)


def _missing(
    settings: JobSettings, read: Callable[[JobSettings], object], sentence: str
) -> list[str]:
    try:
        found = read(settings)
    except UsageError as error:
        return [f"{error.what}; `run` will need it. {error.fix}"]
    return [] if found or settings.simulator else [sentence]
