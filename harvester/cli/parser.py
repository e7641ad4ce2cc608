"""Every command and option, in one place; light to import, for `--help` must be quick."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from harvester.cli.argument_types import day, days, run_date, share, time_of_day, whole_number
from harvester.cli.help import ABOUT, Command, Top
from harvester.version import __version__

_OUTPUT = "the job's folder (<output.path>/<name>), or the spec that wrote it"

Add = Callable[[str, str, str], argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = Top(prog="harvester", description=ABOUT)
    top.add_argument("--version", action="version", version=f"harvester {__version__}")
    commands = top.add_subparsers(
        required=True, metavar="COMMAND", dest="command", parser_class=Command
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
        "--resolve",
        action="store_true",
        help="look up the DOIs in files of ids that hold no id, resumable, and write what was "
        "found beside the file",
    )
    check.add_argument(
        "--online",
        action="store_true",
        help="try slug, credentials, token and first ids in at most five requests, and in two more "
        "whether an institution's rankings are of the days asked for",
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
        "--fail-above", type=whole_number, metavar="N", help="exit 1 when more than N are needed"
    )

    probe = add(
        "probe",
        "ask the service what its documentation leaves open, in at most 40 requests",
        "probe job.yaml --save answers.json",
    )
    _job(probe)
    probe.add_argument("--json", action="store_true", help="print what was found out as JSON")
    probe.add_argument(
        "--save",
        type=Path,
        metavar="FILE",
        help="keep questions and answers, to send them in: ids and numbers, no secrets or titles",
    )

    add("schema", "print the JSON Schema of the job spec", "schema > job.schema.json")


def _add_run(add: Add) -> None:
    run = add("run", "harvest; run again, it goes on where it was", "run job.yaml")
    _job(run)
    run.add_argument(
        "--until", type=time_of_day, metavar="HH:MM", help="pause at this local time, resumable"
    )
    run.add_argument(
        "--max-requests", type=whole_number, metavar="N", help="pause after sending N, resumable"
    )
    run.add_argument(
        "--refresh",
        type=days,
        metavar="START..END",
        help="read settled periods again, as 2026-01..2026-03 or 2026-01-15..2026-02-10",
    )
    run.add_argument(
        "--new-run", action="store_true", help="give up an unfinished run and begin the next"
    )
    run.add_argument(
        "--refetch",
        action="store_true",
        help="ask anew what lay in parts that are gone or changed, where no response tells it",
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
        type=share,
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
    report.add_argument("--force", action="store_true", help="replace a file that is no report")


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
        "--from", dest="first", type=day, metavar="DATE", help="only periods from this day on"
    )
    export.add_argument(
        "--until", dest="last", type=day, metavar="DATE", help="only periods up to this day"
    )
    export.add_argument(
        "--group",
        action="append",
        default=[],
        type=whole_number,
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
    simulate.add_argument("--port", type=whole_number, default=0, help="default: any free one")
    simulate.add_argument(
        "--seed", type=whole_number, default=7, help="the same seed, the same numbers"
    )
    simulate.add_argument(
        "--articles", type=whole_number, default=300, help="how many articles it has"
    )
    simulate.add_argument("--today", type=run_date, metavar="DATE", help="its date; default: today")
    simulate.add_argument(
        "--settings", type=Path, metavar="FILE", help="JSON with everything else: faults, latency"
    )
    simulate.add_argument(
        "--history", type=Path, metavar="FILE", help="write a JSON line for each request"
    )
    simulate.add_argument(
        "--replay", type=Path, metavar="FILE", help="answer from these recorded responses instead"
    )
    simulate.add_argument(
        "--certificate", type=Path, metavar="FILE", help="serve https: PEM with key and certificate"
    )


def _job(command: argparse.ArgumentParser) -> None:
    command.add_argument("job", type=Path, metavar="JOB", help="the job spec, such as job.yaml")
    command.add_argument(
        "--today", type=run_date, metavar="DATE", help="the run's date (YYYY-MM-DD); default: today"
    )
