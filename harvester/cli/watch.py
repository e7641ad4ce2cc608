"""The same lines again and again while a run goes on: in place, or where they changed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from harvester.cli.format import local

_TERMINAL_SECONDS = 2.0
_LINES_SECONDS = 10.0


def watch(lines: Callable[[], Sequence[str]], goes_on: Callable[[], bool]) -> None:
    """Show the lines until nothing goes on any more, and as they stand then."""
    if sys.stdout.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}:
        _in_place(lines, goes_on)
    else:
        _anew(lines, goes_on)


def _in_place(lines: Callable[[], Sequence[str]], goes_on: Callable[[], bool]) -> None:
    # Only a terminal needs rich.
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(highlight=False)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            is_live = goes_on()
            at = f"\nas of {datetime.now().astimezone():%H:%M:%S %Z}; Ctrl-C ends this, not the run"
            text = "\n".join(lines()) + (at if is_live else "")
            live.update(Text(text), refresh=True)
            if not is_live:
                return
            time.sleep(_TERMINAL_SECONDS)


def _anew(lines: Callable[[], Sequence[str]], goes_on: Callable[[], bool]) -> None:
    before: Sequence[str] = []
    while True:
        is_live = goes_on()
        now = lines()
        if now != before:
            print(f"-- {local(datetime.now(UTC))}", *now, sep="\n", flush=True)
            before = now
        if not is_live:
            return
        time.sleep(_LINES_SECONDS)
