"""The command line: arguments in, exit code out; every decision is made elsewhere."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from harvester.cli import streams
from harvester.cli.events import EmitEvent, Event, Level, as_text, event_writer
from harvester.cli.parser import parser
from harvester.errors import HarvestError, SpecError, UsageError
from harvester.machine_limits import limit_reached
from harvester.plain_files import kind_of

_ALLOCATIONS_BETWEEN_LOOKS = 50_000
# Options of commands that print, which make them do something.
_JOBS = frozenset({"--repair", "--retry", "--count", "--resolve"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of the contract."""
    words = list(sys.argv[1:] if argv is None else argv)
    streams.protect(is_job=_is_job(words))
    code = _ended(words)
    try:
        streams.flush()
    except streams.PrintError as error:
        # 0 and 1 say that the findings were printed; what else went wrong says more than this.
        return code if code > 1 else _told(error, as_text)
    return code


def _is_job(words: Sequence[str]) -> bool:
    """Whether what a command does counts, and not what it prints."""
    options = [each for each in words if each.startswith("--") and each != "--"]
    # argparse takes the beginning of an option for the whole.
    is_told = any(job.startswith(option) for job in _JOBS for option in options)
    return words[:1] in (["run"], ["rebuild"], ["simulate"]) or is_told


def _ended(words: list[str]) -> int:
    """Run one command; every error becomes sentences and an exit code."""
    tell: EmitEvent = as_text
    arguments = None
    try:
        arguments = parser().parse_args(words)
        tell = event_writer(getattr(arguments, "log_format", "text"))
        _check_time_zone()
        _check_certificates()
        code: int = _module(arguments.command).run(arguments)
    except HarvestError as error:
        return _told(error, tell)
    except KeyboardInterrupt:
        return 130
    except SystemExit as left:
        # Help was asked for, or the command line is wrong: argparse has said so.
        return int(left.code or 0)
    except Exception as error:  # noqa: BLE001  # whatever it is, it must not look like "finished"
        if limit := limit_reached(error):
            return _told(limit, tell)
        # Only who needs it imports it: `--help` must not wait.
        from harvester.cli import unexpected

        facts = {"exit_code": unexpected.EXIT_CODE}
        lines = "\n".join(unexpected.report(error, words, arguments))
        tell(Event("mistake", lines, facts, Level.ERROR))
        return unexpected.EXIT_CODE
    return code


def _told(error: HarvestError, tell: EmitEvent) -> int:
    """Say what went wrong, unless nobody is there to hear it."""
    if isinstance(error, SpecError):
        # A line each, as editors and terminals link them.
        facts = {"exit_code": error.exit_code, "mistakes": error.mistakes}
        tell(Event("spec", str(error), facts, Level.ERROR))
    elif error.exit_code != streams.READER_GONE:
        facts = {"exit_code": error.exit_code, "where": error.where, "fix": error.fix}
        tell(Event("error", f"harvester: {error}", facts, Level.ERROR))
    return error.exit_code


def _module(command: str) -> ModuleType:
    """A command's module, imported only now: `--help` must not wait for Arrow and aiohttp.

    What imports make lives as long as the process. Looking for garbage in it, while it is
    made, now and then, and once more at the end, takes a fifth of a second.
    """
    # Arrow's own allocator holds on to 50 MB of row groups long written.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # Where numpy is installed, Arrow loads it. We compute nothing with it, and where threads are
    # scarce its own end the process.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.disable()
    module = importlib.import_module(f"harvester.cli.{command}")
    gc.freeze()
    gc.enable()
    # A plan of a million series makes and drops millions of small objects, none in a cycle: at
    # Python's own threshold looking for cycles among them is a third of its time.
    gc.set_threshold(_ALLOCATIONS_BETWEEN_LOOKS)
    return module


def _check_time_zone() -> None:
    """Refuse a time zone in which this machine cannot tell a moment."""
    try:
        datetime.now(UTC).astimezone()
    except ValueError:
        raise UsageError(
            f"{os.environ.get('TZ', '')!r} is no time zone: it lies a day or more from UTC",
            where="TZ",
            fix="name one, such as TZ=Europe/London, or unset TZ",
        ) from None


def _check_certificates() -> None:
    """Refuse a pipe as certificates: libraries read the variable while they are imported."""
    named = os.environ.get("SSL_CERT_FILE", "")
    with suppress(OSError):
        kind = kind_of(Path(named).stat().st_mode)
        if named and kind not in {None, "a folder"}:
            raise UsageError(
                f"{named} cannot serve as the certificates to trust: it is {kind}, not a file",
                where="SSL_CERT_FILE",
                fix="name a file of certificates in PEM; whoever runs your network has it",
            )
