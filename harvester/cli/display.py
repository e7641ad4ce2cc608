"""A run while it goes on: live on a terminal, plain lines at a sane pace elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio

from harvester.cli.events import EmitEvent, Event, as_json, as_text
from harvester.cli.format import count, local, pace
from harvester.cli.panel import PanelLine, facts, panel, spared
from harvester.job.progress import Progress
from harvester.job.progress_snapshot import ProgressSnapshot

if TYPE_CHECKING:
    from rich.text import Text

_FIRST_LINE_SECONDS = 10
_LONGEST_BETWEEN_LINES_SECONDS = 300
# Twice a second is alive, and calm.
_LIVE_SECONDS = 0.5

Watch = Callable[[Progress], Coroutine[Any, Any, None]]


def watcher(log_format: str) -> Watch:
    """The display that fits where stderr goes."""
    if log_format == "json":
        return _lines_to(as_json)
    # A dumb terminal cannot go back to a line it has written.
    is_live = sys.stderr.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}
    return _live if is_live else _lines_to(as_text)


def _lines_to(tell: EmitEvent) -> Watch:
    async def lines(progress: Progress) -> None:
        """A line now, and then ever more seldom; a change of state at once."""
        tell(_began(progress))
        wait = _FIRST_LINE_SECONDS
        while True:
            before = progress.state
            for _ in range(wait):
                await anyio.sleep(1)
                if progress.state != before:
                    break
            tell(_goes_on(progress.progress_snapshot, datetime.now(UTC), was=before))
            wait = min(wait * 2, _LONGEST_BETWEEN_LINES_SECONDS)

    return lines


async def _live(progress: Progress) -> None:
    """Bars per stage, and the state of things below them."""
    # Only a terminal needs rich.
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False)
    as_text(_began(progress))
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            lines = panel(progress.progress_snapshot, console.width)
            live.update(painted(lines, is_plain=not _draws(console.encoding)), refresh=True)
            await anyio.sleep(_LIVE_SECONDS)


def painted(lines: Sequence[PanelLine], *, is_plain: bool) -> Text:
    """The lines as rich paints them; `NO_COLOR` is its own affair."""
    from rich.text import Text

    full, empty = ("#", "-") if is_plain else ("━", "─")
    text = Text(no_wrap=True, overflow="crop")
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        text.append(line.label)
        if line.filled or line.empty:
            text.append(full * line.filled, style="cyan")
            text.append(empty * line.empty, style="bright_black")
            text.append("  ")
        text.append(line.text, style="yellow" if line.is_notice else "")
    return text


def _draws(encoding: str) -> bool:
    try:
        "━─".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _began(progress: Progress) -> Event:
    progress_snapshot = progress.progress_snapshot
    most = "" if progress_snapshot.is_exact else "at most "
    planned = f"{most}{count(progress_snapshot.most, 'request')}"
    if progress_snapshot.settled:
        so_far = f"{progress_snapshot.settled:,} of {planned} are in"
        begun = f"run {progress_snapshot.run_id} goes on: {so_far}"
    else:
        begun = f"run {progress_snapshot.run_id} begins: {planned}"
    sentence = f"{begun}, {pace(progress_snapshot.pace)}, into {progress.folder}"
    return Event("began", sentence, {"folder": str(progress.folder), **told(progress_snapshot)})


def _goes_on(progress_snapshot: ProgressSnapshot, now: datetime, *, was: str) -> Event:
    most = "" if progress_snapshot.is_exact else "at most "
    share = (
        f"{100 * progress_snapshot.settled / progress_snapshot.most:.0f} %"
        if progress_snapshot.most
        else "100 %"
    )
    stage = next((each.name for each in progress_snapshot.stages if not each.is_over), "")
    parts = [
        f"{progress_snapshot.settled:,} of {most}{progress_snapshot.most:,} ({share})",
        stage,
        *facts(progress_snapshot),
    ]
    if progress_snapshot.not_needed:
        parts.append(spared(progress_snapshot))
    if progress_snapshot.state != "running":
        parts.append(progress_snapshot.state)
    sentence = f"{local(now)}: {', '.join(filter(None, parts))}"
    name = "progress" if progress_snapshot.state == was else "service"
    return Event(name, sentence, told(progress_snapshot))


def told(progress_snapshot: ProgressSnapshot) -> dict[str, Any]:
    """How a run stands, for programs; seconds are null while nobody can tell."""
    least, most = progress_snapshot.seconds_left or (None, None)
    return {
        **progress_snapshot.as_json(),
        "settled": progress_snapshot.settled,
        "most": progress_snapshot.most,
        "seconds_left": {"least": least, "most": most},
    }
