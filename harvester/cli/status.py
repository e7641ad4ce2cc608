"""`harvester status`: runs, progress, pauses, failures; also beside a live run."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from yarl import URL

from harvester.cli.gathering import gathered_lines
from harvester.cli.job import output_folder
from harvester.cli.receipt import receipt_lines
from harvester.cli.words import count, local
from harvester.harvest.gathered import gathered
from harvester.harvest.notes import run_notes
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.plight import RUNNING, in_words
from harvester.store.folder import JobFolder


def run(arguments: Namespace) -> int:
    """Print the state of a job's folder."""
    folder = JobFolder(output_folder(arguments))
    ledger = Ledger(folder.ledger, create=False)
    try:
        print(folder.root)
        # Somebody who was killed leaves words in the lock, but does not hold it.
        holder = folder.holder() or ""
        for each in ledger.runs.all():
            _show_run(ledger, each, holder)
        _show_hosts(ledger, is_live=bool(holder))
    finally:
        ledger.close()
    return 0


def _show_hosts(ledger: Ledger, *, is_live: bool) -> None:
    """How the hosts fare now; of a run that does not go on, only until when they asked to wait."""
    now = datetime.now(UTC)
    plights = ledger.receipts.plights() if is_live else {}
    for host, plight in plights.items():
        if (said := in_words(plight, now)) != RUNNING:
            print(f"{host}: {said}")
    for host, until in ledger.pauses():
        if until > now and not any(URL(each).authority == host for each in plights):
            print(f"{host} asks us to wait until {local(until)}")


def _show_run(ledger: Ledger, run: Run, holder: str) -> None:
    states = ledger.answers.tally(run.number)
    done, empty, failed = (states.get(state, 0) for state in ("done", "empty", "failed"))
    settled = done + empty + failed
    if run.state is RunState.UNFINISHED:
        where = f"being written by {holder}" if holder else "not running: `harvester run` goes on"
    else:
        where = f"ended {local(run.ended_at)}" if run.ended_at else ""
    print(f"run {run.run_id}: {run.state.value}, begun {local(run.started_at)}, {where}")
    if run.gathers:
        print("  not planned yet: what it asks depends on what is listed")
    if settled or not run.gathers:
        print(
            f"  {settled:,} of {_planned(run, settled)}: {done:,} with numbers, "
            f"{empty:,} answered with nothing, {failed:,} failed"
        )
    if run.state is RunState.UNFINISHED:
        waiting = ledger.publishes.waiting().values()
        rows = sum(rows for _, rows in waiting)
        print(f"  {count(rows, 'row')} wait in the spool for the next publish")
    for line in gathered_lines(gathered(ledger, run.snapshot, run.number)):
        print(f"  {line}")
    for sent in receipt_lines(ledger.receipts.of(run.number)):
        print(f"  sent: {sent}")
    for note in run_notes(ledger, run):
        print(f"  note: {note}")
    for reason, number in ledger.answers.failure_reasons(run.number).items():
        print(f"  failed: {number:,} {reason}")


def _planned(run: Run, settled: int) -> str:
    if run.state is RunState.FINISHED:
        return count(settled, "request")
    most = "at most " if run.skips else ""
    return f"{most}{count(max(run.planned, settled), 'request')}"
