"""`harvester failures`: what failed and why; `--retry` puts it back."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import UTC, datetime

from harvester.cli.format import count, plain, short
from harvester.cli.job import output_folder
from harvester.errors import UsageError
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import RunState
from harvester.model.dates import day_of
from harvester.store.folder import JobFolder


def run(arguments: Namespace) -> int:
    """List the failures of the latest run, or put them back for the next `run`."""
    folder = JobFolder(output_folder(arguments))
    if not arguments.retry:
        with Ledger(folder.ledger, read_only=True) as ledger:
            _show(ledger, arguments.reason)
        return 0
    with folder.locked(datetime.now(UTC)), Ledger(folder.ledger, create=False) as ledger:
        return _put_back(ledger, arguments)


def _show(ledger: Ledger, chosen: str | None) -> None:
    latest = ledger.runs.latest()
    failed = ledger.failures.of(latest.number) if latest else []
    items = ledger.metadata.failures(latest.number) if latest else []
    if latest is None or not (failed or items):
        print("nothing failed")
        return
    number = 0
    for key, entity, first, last, reason, sentence, status, attempts in failed:
        if chosen in {None, reason}:
            number += 1
            window = f"/{day_of(first)}..{day_of(last)}" if first else ""
            about = f"/{entity}" if entity else ""
            answered = f", HTTP {status}" if status else ""
            tries = count(attempts, "attempt")
            what = f"{short(reason):<16}  {short(key)}{about}{window}"
            print(plain(f"{what}: {short(sentence)} ({tries}{answered})"))
    for kind, entity, reason, sentence, status, attempts in items:
        if chosen in {None, reason}:
            number += 1
            answered = f", HTTP {status}" if status else ""
            tries = count(attempts, "attempt")
            what = f"{short(reason):<16}  metadata/{short(kind)}/{entity}"
            print(plain(f"{what}: {short(sentence)} ({tries}{answered})"))
    wanted = f" for the reason {chosen}" if chosen else ""
    told = f"{count(number, 'request')} of run {short(latest.run_id)} failed{wanted}"
    print(plain(told), file=sys.stderr)


def _put_back(ledger: Ledger, arguments: Namespace) -> int:
    latest = ledger.runs.latest()
    if latest is None or latest.state is RunState.ABANDONED:
        raise UsageError(
            "there is no run whose failures could be asked again",
            where=str(arguments.output),
            fix="begin one with `harvester run`",
        )
    number = ledger.failures.forget(latest.number, arguments.reason)
    items = ledger.metadata.forget_failures(latest.number, arguments.reason)
    if (number or items) and latest.state is RunState.FINISHED:
        ledger.runs.reopen(latest)
    if items:
        ledger.runs.gather_again(latest)
    number += items
    print(f"{count(number, 'request')} put back; `harvester run` asks them again", file=sys.stderr)
    return 0
