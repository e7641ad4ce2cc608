"""What the command line says of itself: its help on one screen, and what was probably meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from harvester.model.suggestions import quoted, suggestion

ABOUT = "Harvests Figshare's usage statistics into Parquet: resumable and polite."
_HELP = f"""\
usage: harvester COMMAND ...       each explains itself: harvester run --help

{ABOUT}

in this order:
  init      write a commented job spec to start from: job.yaml
  check     find its mistakes; sends nothing of itself
  plan      count its requests, and how long they take; sends nothing
  run       harvest; interrupted, run it again and it goes on
  report    one HTML page to look at      export    tables for Excel, or CSV

beside a run, or after it:
  status    how far it is; --watch        failures  what failed, why; --retry
  verify    prove that all agrees         rebuild   datasets anew from responses

for trying things out, and for editors (and harvester --version):
  probe     ask Figshare what its documentation leaves open; 40 requests
  simulate  a simulated Figshare          schema    JSON Schema of the spec

exit codes: 0 complete, 1 something failed, 2 spec or command is wrong,
  3 the service refuses or is down, 4 the output cannot be written, 5 paused,
  70 our mistake, 129, 130, 143 stopped; after 3, 5 and those it goes on
"""

COMMANDS = (
    "init", "check", "plan", "run", "report", "export", "status", "failures", "verify", "rebuild",
    "probe", "simulate", "schema",
)  # fmt: skip
# What other tools call it.
MEANT = {
    "retry": "failures --retry", "watch": "status --watch", "progress": "status",
    "harvest": "run", "start": "run", "resume": "run", "continue": "run", "download": "run",
    "validate": "check", "test": "check", "count": "check --count",
    "resolve": "check --resolve", "repair": "verify --repair",
    "html": "report", "excel": "export --to xlsx", "xlsx": "export --to xlsx",
    "csv": "export --to csv", "new": "init", "help": "--help",
}  # fmt: skip


class Top(argparse.ArgumentParser):
    """The first line of every command; its help is written by hand, to fit a screen."""

    def format_help(self) -> str:
        """The order of things, on 24 lines of 80 columns."""
        return _HELP

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and which command was probably meant; exit with 2."""
        if found := re.match(r"argument COMMAND: invalid choice: '(.*)' \(choose", message):
            meant = MEANT.get(found[1])
            hint = f": did you mean '{meant}'?" if meant else suggestion(found[1], COMMANDS)
            message = f"there is no command {quoted(found[1])}{hint}"
        elif message.endswith("required: COMMAND"):
            message = "name a command"
        self.exit(2, f"harvester: {message}\n  fix: harvester --help shows them all, in order\n")


class Command(argparse.ArgumentParser):
    """One command: what is wrong with its words is followed by an example."""

    def parse_known_args(  # type: ignore[override]  # narrower, and nobody else calls it
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As ever, but complain of what is not known here, where its likes are known."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and how it is written; exit with 2."""
        if found := re.match(r"unrecognized arguments: (--[\w-]+)", message):
            options = [each for each in self._option_string_actions if each.startswith("--")]
            message += suggestion(found[1], options)
        self.exit(2, f"{self.prog}: {message}\n  {self.epilog}\n  fix: {self.prog} --help\n")
