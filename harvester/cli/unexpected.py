"""A mistake of ours, told so that a person can report it: what, where its stack is, and to whom."""

from __future__ import annotations

import os
import re
import tempfile
import traceback
from argparse import Namespace
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from harvester.cli.format import short
from harvester.job.settings import job_folder
from harvester.spec.load_spec import load
from harvester.store.folder import JobFolder
from harvester.store.own_files import refuse_links
from harvester.version import __version__

_LOGIN = re.compile(r"//[^/\s@]+@")
# As `sysexits.h` has it: an internal software error.
EXIT_CODE = 70


def report(error: Exception, words: list[str], arguments: Namespace | None) -> list[str]:
    """Keep the stack of an error that nobody expected; three lines that say so.

    Args:
        words: the command line as it was typed.
        arguments: the same, understood; None: it was not.
    """
    where = _innermost(error)
    what = short(_without_logins(f"{type(error).__name__}: {error}".rstrip(": ")))
    kept = _keep(error, words, _log_of(arguments) if arguments else None)
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


def _log_of(arguments: Namespace) -> Path | None:
    """The log of the job that the command was about, where it has one."""
    given = getattr(arguments, "output", None) or getattr(arguments, "job", None)
    if not isinstance(given, Path):
        return None
    # Whatever it was that failed may fail here, too.
    with suppress(Exception):
        folder = (
            job_folder(load(given, today=datetime.now(UTC).date())) if given.is_file() else given
        )
        refuse_links(folder)
        log = JobFolder(folder).log
        return log if log.is_file() else None
    return None


def _keep(error: Exception, words: list[str], log: Path | None) -> Path | None:
    """Write the stack, without the values of variables: they may hold a secret."""
    stack = _without_logins("".join(traceback.format_exception(error)))
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = f"{at} a mistake of harvester {__version__}: {' '.join(words)}\n{stack}"
    with suppress(OSError):
        if log:
            # A folder for temporary files may be gone with the process (`PrivateTmp`).
            handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
            return _written(handle, log, told)
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="harvester-mistake-", suffix=".log")
        return _written(handle, Path(name), told)
    return None


def _written(handle: int, path: Path, text: str) -> Path:
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path


def _without_logins(text: str) -> str:
    """Addresses in a message may hold a name and a password."""
    return _LOGIN.sub("//***@", text)


def _no_room() -> str:
    return f"the folder for temporary files, {tempfile.gettempdir()}, cannot be written"
