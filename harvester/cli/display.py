"""A run while it goes on: live on a terminal, plain lines at a sane pace elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import anyio

from harvester.cli.words import count, duration, local, pace
from harvester.harvest.progress import Progress

_FIRST_LINE_SECONDS = 10
_LONGEST_BETWEEN_LINES_SECONDS = 300
_LIVE_SECONDS = 0.25

Watch = Callable[[Progress], Coroutine[Any, Any, None]]


def watcher() -> Watch:
    """The display that fits where stderr goes."""
    return _live if sys.stderr.isatty() else _lines


async def _lines(progress: Progress) -> None:
    """A line now, and then ever more seldom; a change of state at once."""
    print(_began(progress), file=sys.stderr, flush=True)
    wait = _FIRST_LINE_SECONDS
    while True:
        before = progress.state
        for _ in range(wait):
            await anyio.sleep(1)
            if progress.state != before:
                break
        print(_line(progress), file=sys.stderr, flush=True)
        wait = min(wait * 2, _LONGEST_BETWEEN_LINES_SECONDS)


async def _live(progress: Progress) -> None:
    """Bars per endpoint, and the state of things below them."""
    # Only a terminal needs rich.
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars
    from rich.text import Text

    console = Console(stderr=True)
    print(_began(progress), file=sys.stderr, flush=True)
    bars = Bars(TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn())
    rows = {
        endpoint: bars.add_task(endpoint.value, total=planned)
        for endpoint, planned in progress.planned.items()
        if planned
    }
    below = Text()
    with Live(Group(bars, below), console=console, refresh_per_second=4, transient=True):
        while True:
            for endpoint, row in rows.items():
                bars.update(row, completed=progress.settled[endpoint])
            below.plain = _below(progress)
            await anyio.sleep(_LIVE_SECONDS)


def _began(progress: Progress) -> str:
    settled, most = progress.settled.total(), "at most " if progress.skips else ""
    planned = f"{most}{count(progress.most, 'request')}"
    if settled:
        begun = f"run {progress.run_id} goes on: {settled:,} of {planned} are in"
    else:
        begun = f"run {progress.run_id} begins: {planned}"
    return f"{begun}, {pace(progress.pace)}, into {progress.folder}"


def _line(progress: Progress) -> str:
    now = local(datetime.now(UTC))
    settled, planned = progress.settled.total(), progress.most
    share = f"{100 * settled / planned:.0f} %" if planned else "100 %"
    most = "at most " if progress.skips else ""
    parts = [f"{settled:,} of {most}{planned:,} ({share})", *_facts(progress)]
    return f"{now}: {', '.join(parts)}"


def _below(progress: Progress) -> str:
    return ", ".join(_facts(progress))


def _facts(progress: Progress) -> list[str]:
    """Speed against the limit, retries, failures, time left, and what is in the way."""
    tally = progress.tally
    limit = f" of {progress.pace:g}" if progress.pace else ""
    facts = [f"{tally.mean_per_second:.1f}{limit} a second"]
    if tally.retries:
        facts.append(count(tally.retries, "repeat"))
    if progress.failed:
        facts.append(f"{progress.failed:,} failed")
    if progress.seconds_left is not None:
        most = "at most " if progress.skips else ""
        facts.append(f"{most}{duration(progress.seconds_left)} left")
    if progress.state != "running":
        facts.append(progress.state)
    return facts
