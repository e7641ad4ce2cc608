"""Every command and option, in one place; light to import, for `--help` must be quick."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from harvester import __version__
from harvester.model.terms import Granularity
from harvester.model.window import Window
from harvester.model.wording import quoted, suggestion

_ABOUT = "Harvests Figshare's usage statistics into Parquet: resumable and polite."
_HELP = f"""\
usage: harvester COMMAND ...       each explains itself: harvester run --help

{_ABOUT}

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
  simulate  a simulated Figshare          schema    JSON Schema of the spec

exit codes: 0 complete, 1 something failed, 2 spec or command is wrong,
  3 the service refuses or is down, 4 the output cannot be written, 5 paused,
  130 and 143 interrupted; after 3, 5, 130, 143 the same command goes on
"""
_OUTPUT = "the job's folder (<output.path>/<name>), or the spec that wrote it"

COMMANDS = (
    "init", "check", "plan", "run", "report", "export", "status", "failures", "verify", "rebuild",
    "simulate", "schema",
)  # fmt: skip
# What other tools call it.
_MEANT = {
    "retry": "failures --retry", "watch": "status --watch", "progress": "status",
    "harvest": "run", "start": "run", "resume": "run", "continue": "run", "download": "run",
    "validate": "check", "test": "check", "count": "check --count", "repair": "verify --repair",
    "html": "report", "excel": "export --to xlsx", "xlsx": "export --to xlsx",
    "csv": "export --to csv", "new": "init", "help": "--help",
}  # fmt: skip

Add = Callable[[str, str, str], argparse.ArgumentParser]


class _Top(argparse.ArgumentParser):
    """The first line of every command; its help is written by hand, to fit a screen."""

    def format_help(self) -> str:
        """The order of things, on 24 lines of 80 columns."""
        return _HELP

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and which command was probably meant; exit with 2."""
        if found := re.match(r"argument COMMAND: invalid choice: '(.*)' \(choose", message):
            meant = _MEANT.get(found[1])
            hint = f": did you mean '{meant}'?" if meant else suggestion(found[1], COMMANDS)
            message = f"there is no command {quoted(found[1])}{hint}"
        elif message.endswith("required: COMMAND"):
            message = "name a command"
        self.exit(2, f"harvester: {message}\n  fix: harvester --help shows them all, in order\n")


class _Command(argparse.ArgumentParser):
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


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Top(prog="harvester", description=_ABOUT)
    top.add_argument("--version", action="version", version=f"harvester {__version__}")
    commands = top.add_subparsers(
        required=True, metavar="COMMAND", dest="command", parser_class=_Command
    )

    def add(name: str, about: str, example: str) -> argparse.ArgumentParser:
        about_whole = f"{about[0].upper()}{about[1:]}."
        return commands.add_parser(
            name, help=about, description=about_whole, epilog=f"example: harvester {example}"
        )

    _add_spec_commands(add)
    _add_run(add)
    _add_output_commands(add)
    _add_report(add)
    _add_export(add)
    _add_simulate(add)
    return top


def _add_spec_commands(add: Add) -> None:
    init = add("init", "write a commented job spec that passes `check`", "init job.yaml")
    init.add_argument("path", nargs="?", type=Path, default=Path("job.yaml"), metavar="PATH")

    check = add(
        "check",
        "find the mistakes of a job spec; sends nothing of itself",
        "check job.yaml --online",
    )
    _job(check)
    check.add_argument(
        "--online",
        action="store_true",
        help="try slug, credentials, token and first ids in at most five requests",
    )
    check.add_argument(
        "--count",
        action="store_true",
        help="list all that `discover` names, resumable; the next `run` takes it over",
    )

    plan = add("plan", "count the requests of a job and their time; sends nothing", "plan job.yaml")
    _job(plan)
    shown = plan.add_mutually_exclusive_group()
    shown.add_argument("--urls", action="store_true", help="print the URLs instead, one a line")
    shown.add_argument("--json", action="store_true", help="print the counts as JSON")
    plan.add_argument(
        "--fail-above", type=_number, metavar="N", help="exit 1 when more than N are needed"
    )

    add("schema", "print the JSON Schema of the job spec", "schema > job.schema.json")


def _add_run(add: Add) -> None:
    run = add("run", "harvest; run again, it goes on where it was", "run job.yaml")
    _job(run)
    run.add_argument(
        "--until", type=_time, metavar="HH:MM", help="pause at this local time, resumable"
    )
    run.add_argument(
        "--max-requests", type=_number, metavar="N", help="pause after sending N, resumable"
    )
    run.add_argument(
        "--refresh",
        type=_days,
        metavar="START..END",
        help="read settled periods again, as 2026-01..2026-03 or 2026-01-15..2026-02-10",
    )
    run.add_argument(
        "--new-run", action="store_true", help="give up an unfinished run and begin the next"
    )
    run.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="json: one object a line on stderr, for log systems; default: text",
    )


def _add_output_commands(add: Add) -> None:
    status = add("status", "runs, progress, pauses, failures; also beside a run", "status job.yaml")
    status.add_argument("output", type=Path, metavar="OUTPUT", help=_OUTPUT)
    status.add_argument(
        "--watch", action="store_true", help="show it again and again, until its run ends"
    )

    failures = add("failures", "what failed, and why", "failures job.yaml --retry")
    failures.add_argument("output", type=Path, metavar="OUTPUT", help=_OUTPUT)
    failures.add_argument("--reason", metavar="WORD", help="only those that failed for this reason")
    failures.add_argument(
        "--retry", action="store_true", help="put them back: the next `run` asks them again"
    )
    _add_proofs(add)


def _add_proofs(add: Add) -> None:
    verify = add(
        "verify",
        "prove that Parquet, ledger and raw responses agree; sends nothing",
        "verify job.yaml --sample 5%",
    )
    verify.add_argument("output", type=Path, metavar="OUTPUT", help=_OUTPUT)
    verify.add_argument(
        "--sample",
        type=_share,
        default=1.0,
        metavar="SHARE",
        help="compare the rows of a share of the entities with their responses, such as 5%%",
    )
    verify.add_argument(
        "--repair",
        action="store_true",
        help="mend what files can mend: the ledger from responses/ and requests/, parts from "
        "responses/; then look again",
    )
    verify.add_argument("--json", action="store_true", help="print what was found as JSON")

    rebuild = add(
        "rebuild",
        "rebuild the statistics datasets from the raw responses; sends nothing",
        "rebuild job.yaml",
    )
    rebuild.add_argument("output", type=Path, metavar="OUTPUT", help=_OUTPUT)


def _add_report(add: Add) -> None:
    report = add("report", "one self-contained HTML page of what was harvested", "report job.yaml")
    report.add_argument("output", type=Path, metavar="OUTPUT", help=_OUTPUT)
    report.add_argument(
        "--to", type=Path, metavar="FILE", help="default: OUTPUT/_harvest/report.html"
    )


def _add_export(add: Add) -> None:
    export = add(
        "export",
        "tables with titles and DOIs: CSV files, or one Excel workbook",
        "export job.yaml --to xlsx --from 2025-01-01 --until 2025-12-31",
    )
    export.add_argument("output", type=Path, metavar="OUTPUT", help=_OUTPUT)
    export.add_argument("--to", choices=("csv", "xlsx"), required=True, help="what to write")
    export.add_argument(
        "--out", type=Path, metavar="PATH", help="default: ./<name>-export/ or ./<name>.xlsx"
    )
    export.add_argument(
        "--dataset", action="append", default=[], metavar="NAME", help="only this; repeatable"
    )
    export.add_argument(
        "--counter", action="append", default=[], metavar="COUNTER", help="only this; repeatable"
    )
    export.add_argument(
        "--from", dest="first", type=_date, metavar="DATE", help="only periods from this day on"
    )
    export.add_argument(
        "--until", dest="last", type=_date, metavar="DATE", help="only periods up to this day"
    )
    export.add_argument(
        "--group",
        action="append",
        default=[],
        type=_number,
        metavar="ID",
        help="only this group and the articles directly in it; repeatable",
    )
    export.add_argument("--force", action="store_true", help="replace an earlier export")


def _add_simulate(add: Add) -> None:
    simulate = add(
        "simulate",
        "serve a simulated Figshare on loopback until interrupted",
        "simulate --seed 7 --articles 300 --port 8000",
    )
    simulate.add_argument("--port", type=_number, default=0, help="default: any free one")
    simulate.add_argument("--seed", type=_number, default=7, help="the same seed, the same numbers")
    simulate.add_argument("--articles", type=_number, default=300, help="how many articles it has")
    simulate.add_argument("--today", type=_date, metavar="DATE", help="its date; default: today")
    simulate.add_argument(
        "--settings", type=Path, metavar="FILE", help="JSON with everything else: faults, latency"
    )
    simulate.add_argument(
        "--history", type=Path, metavar="FILE", help="write a JSON line for each request"
    )
    simulate.add_argument(
        "--replay", type=Path, metavar="FILE", help="answer from these recorded responses instead"
    )


def _job(command: argparse.ArgumentParser) -> None:
    command.add_argument("job", type=Path, metavar="JOB", help="the job spec, such as job.yaml")
    command.add_argument(
        "--today", type=_date, metavar="DATE", help="the run's date (YYYY-MM-DD); default: today"
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write YYYY-MM-DD") from None


def _days(text: str) -> Window:
    """`2026-01..2026-03` or `2026-01-15..2026-02-10`, both ends included."""
    first, _, last = text.partition("..")
    try:
        begin = date.fromisoformat(first if len(first) == 10 else f"{first}-01")
        end = date.fromisoformat(last if len(last) == 10 else f"{last}-01")
        return Window(begin, end if len(last) == 10 else Granularity.MONTH.period_end(end))
    except ValueError:
        what = f"{text!r} is no stretch of days: write START..END, such as 2026-01..2026-03"
        raise argparse.ArgumentTypeError(what) from None


def _time(text: str) -> tuple[int, int]:
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2:
        hour, minute = int(hours), int(minutes)
        if hour < 24 and minute < 60:
            return hour, minute
    raise argparse.ArgumentTypeError(f"{text!r} is no time of day: write HH:MM, such as 06:00")


def _share(text: str) -> float:
    number = text.removesuffix("%")
    try:
        share = float(number) / (100 if number != text else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: write such as 5% or 0.05")
    return share


def _number(text: str) -> int:
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
