"""The command line: arguments in, exit code out; every decision is made elsewhere."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from types import ModuleType

from harvester.cli.events import Event, Level, event_writer
from harvester.cli.parser import parser
from harvester.errors import HarvestError, SpecError, UsageError

_ALLOCATIONS_BETWEEN_LOOKS = 50_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code of the contract."""
    arguments = parser().parse_args(argv)
    tell = event_writer(getattr(arguments, "log_format", "text"))
    command = _module(arguments.command)
    try:
        _check_time_zone()
        code: int = command.run(arguments)
    except SpecError as error:
        # A line each, as editors and terminals link them.
        facts = {"exit_code": error.exit_code, "mistakes": error.mistakes}
        tell(Event("spec", str(error), facts, Level.ERROR))
        return error.exit_code
    except HarvestError as error:
        facts = {"exit_code": error.exit_code, "where": error.where, "fix": error.fix}
        tell(Event("error", f"harvester: {error}", facts, Level.ERROR))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read us has gone (`| head`); what Python still holds goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _module(command: str) -> ModuleType:
    """A command's module, imported only now: `--help` must not wait for Arrow and aiohttp.

    What imports make lives as long as the process. Looking for garbage in it, while it is
    made, now and then, and once more at the end, takes a fifth of a second.
    """
    # Arrow's own allocator holds on to 50 MB of row groups long written.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
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
