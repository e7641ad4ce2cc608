"""A mistake of ours, told so that a person can report it: what, where its stack is, and to whom."""

from __future__ import annotations

import os
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from harvester.cli.format import short
from harvester.version import __version__

# As `sysexits.h` has it: an internal software error.
EXIT_CODE = 70


def report(error: Exception, words: list[str]) -> list[str]:
    """Keep the stack of an error that nobody expected; three lines that say so.

    Args:
        words: the command line as it was typed.
    """
    where = _innermost(error)
    what = short(f"{type(error).__name__}: {error}".rstrip(": "))
    kept = _keep(error, words)
    report_it = (
        "  please report it with that file, and with the job spec if you may: see `Reporting a "
        "mistake` in CONTRIBUTING.md of the project"
    )
    return [
        f"harvester: a mistake of ours: {what} ({where}); nothing that was answered is lost",
        f"  the stack is kept in {kept}" if kept else f"  no stack could be kept: {_no_room()}",
        report_it,
    ]


def _innermost(error: Exception) -> str:
    """The line of ours that was under way."""
    ours = str(Path(__file__).parent.parent)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(ours):
            return f"harvester{frame.filename.removeprefix(ours)}:{frame.lineno}"
    return "outside of harvester"


def _keep(error: Exception, words: list[str]) -> Path | None:
    """Write the stack, without the values of variables: they may hold a secret."""
    stack = "".join(traceback.format_exception(error))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        handle, name = tempfile.mkstemp(prefix="harvester-mistake-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"harvester {__version__}, {at}, {' '.join(words)}\n{stack}")
    except OSError:
        return None
    return Path(name)


def _no_room() -> str:
    return f"the folder for temporary files, {tempfile.gettempdir()}, cannot be written"
