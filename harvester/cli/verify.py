"""`harvester verify`: what was checked, and a table of what was found."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from time import monotonic

import orjson

from harvester.cli.format import count, plain
from harvester.cli.job import named_spec, output_folder
from harvester.clock import SystemClock
from harvester.recovery.repair import needs_a_ledger, repaired
from harvester.store.folder import JobFolder
from harvester.verify.finding import Finding, Report, Severity
from harvester.verify.verifier import VerifyOptions, verified

_SECONDS_BETWEEN_LINES = 5.0


def run(arguments: Namespace) -> int:
    """Check the output; 1 when something is to be acted upon."""
    folder = JobFolder(output_folder(arguments))
    # Another sample each day: over the months everything is looked at.
    salt = str(datetime.now(UTC).date())
    options = VerifyOptions(arguments.sample, salt, ProgressLine().say)
    done: list[str] = []
    if arguments.repair:
        done = _repair(folder, arguments, options)
        for sentence in done:
            print(plain(f"repair: {sentence}"), file=sys.stderr)
    report = verified(folder, options)
    if arguments.json:
        print(as_json(folder, report, done))
    else:
        show(folder, report)
    return report.exit_code


def _repair(folder: JobFolder, arguments: Namespace, options: VerifyOptions) -> list[str]:
    """Mend what is to be mended; returns what was done."""
    report = None if needs_a_ledger(folder) else verified(folder, options)
    if report is not None and not report.exit_code:
        return []
    given = named_spec(arguments)
    return repaired(folder, report, given, SystemClock(), options.say).done


class ProgressLine:
    """A line on stderr every few seconds."""

    def __init__(self) -> None:
        self._said_at = monotonic()

    def say(self, sentence: str) -> None:
        """Print it, if the last line is long enough ago."""
        if monotonic() - self._said_at >= _SECONDS_BETWEEN_LINES:
            self._said_at = monotonic()
            print(plain(sentence), file=sys.stderr, flush=True)


def as_json(folder: JobFolder, report: Report, done: list[str]) -> str:
    """Everything as JSON."""
    whole = {
        "output": str(folder.root),
        "is_live": report.is_live,
        "checked": report.checked,
        "findings": [asdict(each) for each in in_order(report)],
        "left_out": report.left_out,
        "repaired": done,
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode()


def show(folder: JobFolder, report: Report) -> None:
    """Everything for people, the worst first."""
    for found in in_order(report):
        for line in _lines(found, folder):
            print(plain(line))
    for left in report.left_out:
        print(plain(f"not checked  {left}"))
    if report.is_live:
        print("a run is writing here: what it has not published yet was not looked at")
    seen = ", ".join(count(number, what.removesuffix("s")) for what, number in _seen(report))
    print(f"{plain(str(folder.root))}: {_verdict(report)}; looked at {seen or 'nothing'}")


def in_order(report: Report) -> list[Finding]:
    """The findings, the worst first."""
    return [found for severity in Severity for found in report.of(severity)]


def _seen(report: Report) -> list[tuple[str, int]]:
    return sorted(report.checked.items())


def _verdict(report: Report) -> str:
    errors, warnings, notes = (len(report.of(severity)) for severity in Severity)
    if not errors and not warnings:
        return "good" + (f" ({count(notes, 'note')})" if notes else "")
    return ", ".join([count(errors, "error"), count(warnings, "warning"), count(notes, "note")])


def _lines(found: Finding, folder: JobFolder) -> list[str]:
    margin = " " * 13
    lines = [f"{found.severity:<11}  {found.check}: {found.where}", f"{margin}{found.what}"]
    if found.fix:
        lines.append(f"{margin}next: {found.fix.replace('OUTPUT', str(folder.root))}")
    return lines
