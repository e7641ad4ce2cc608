"""`harvester status`: runs, progress, pauses, failures; also beside a live run."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from yarl import URL

from harvester.cli.discovery import discovery_lines
from harvester.cli.format import count, local, plain, short
from harvester.cli.job import output_folder
from harvester.cli.panel import facts, how_many, spared
from harvester.cli.receipt import receipt_lines
from harvester.cli.summary import why_paused
from harvester.cli.watch import watch
from harvester.discover.discovery_summary import discovery_summary
from harvester.harvest.last_stop import last_stop
from harvester.harvest.notes import run_notes
from harvester.job.damage import damage_in_words, remedy_of
from harvester.job.ledger_age import younger_files
from harvester.job.progress_snapshot import STANDING, ProgressSnapshot, read_snapshot
from harvester.job.workspace import Workspace
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run, RunState
from harvester.model.host_status import RUNNING, in_words
from harvester.model.rules import failure_words
from harvester.model.terms import Endpoint
from harvester.store.folder import JobFolder
from harvester.store.part_state import damaged_parts


def run(arguments: Namespace) -> int:
    """Print the state of a job's folder, once or until its run ends."""
    folder = JobFolder(output_folder(arguments))
    if arguments.watch:
        watch(lambda: list(_lines(folder, only_latest=True)), lambda: folder.holder() is not None)
        return 0
    for line in _lines(folder, only_latest=False):
        print(line)
    return 0


def _lines(folder: JobFolder, *, only_latest: bool) -> Iterator[str]:
    """The state, a line each, whoever's words they hold."""
    with Ledger(folder.ledger, read_only=True) as ledger:
        yield short(str(folder.root))
        # Somebody who was killed leaves words in the lock, but does not hold it.
        holder = folder.holder() or ""
        runs = ledger.runs.all()
        for each in runs[-1:] if only_latest else runs:
            yield from map(short, _run_lines(ledger, each, holder))
        yield from map(short, _damage_lines(folder, ledger, is_live=bool(holder)))
        yield from _stop_lines(ledger, is_live=bool(holder))
        yield from map(short, _host_lines(ledger, is_live=bool(holder)))


def _stop_lines(ledger: Ledger, *, is_live: bool) -> Iterator[str]:
    """Why the last call ended before its run was over, until one goes on well."""
    stop = last_stop(ledger)
    if stop is None:
        return
    which = "the call before" if is_live else "the last call"
    told = plain(stop.what or why_paused(stop.why))
    yield f"{which} ended {local(stop.at)} with exit code {stop.exit_code}: {told}"
    if stop.fix:
        yield f"  fix: {plain(stop.fix)}"


def _damage_lines(folder: JobFolder, ledger: Ledger, *, is_live: bool) -> Iterator[str]:
    """Parts that are gone or have another size; beside a live run they are just being replaced."""
    if is_live:
        return
    for younger in islice(younger_files(folder, ledger), 1):
        yield f"DAMAGED: the ledger is older than the files beside it: it does not know {younger}"
        yield "  fix: harvester verify OUTPUT --repair takes in what the files tell"
    on_the_way = {part.path for each in ledger.publish_log.unfinished() for part in each.parts}
    parts = [each for each in ledger.publish_log.parts() if each.path not in on_the_way]
    if found := damaged_parts(folder.root, parts, ()):
        yield f"DAMAGED: {damage_in_words(found)}"
        yield f"  fix: {remedy_of(Workspace(folder, ledger), found)}"


def _host_lines(ledger: Ledger, *, is_live: bool) -> Iterator[str]:
    """How the hosts fare now; of a run that does not go on, only until when they asked to wait."""
    now = datetime.now(UTC)
    host_statuses = ledger.receipts.host_statuses() if is_live else {}
    for host, host_status in host_statuses.items():
        if (said := in_words(host_status, now)) != RUNNING:
            yield f"{host}: {said}"
    for host, until in ledger.pauses():
        if until > now and not any(URL(each).authority == host for each in host_statuses):
            yield f"{host} asks us to wait until {local(until)}"


def _run_lines(ledger: Ledger, run: Run, holder: str) -> Iterator[str]:
    states = ledger.answers.tally(run.number)
    done, empty, failed = (states.get(state, 0) for state in ("done", "empty", "failed"))
    settled = done + empty + failed
    if run.state is RunState.UNFINISHED:
        where = f"being written by {holder}" if holder else "not running: `harvester run` goes on"
    else:
        where = f"ended {local(run.ended_at)}" if run.ended_at else ""
    yield f"run {run.run_id}: {run.state.value}, begun {local(run.started_at)}, {where}"
    if run.gathers:
        yield "  not planned yet: what it asks depends on what is listed"
    if settled or not run.gathers:
        yield (
            f"  {settled:,} of {_planned(run, settled)}: {done:,} with numbers, "
            f"{empty:,} answered with nothing, {failed:,} failed"
        )
    if run.state is RunState.UNFINISHED:
        yield from _standing_lines(ledger, run, failed, is_live=bool(holder))
        if waiting := ledger.publish_log.waiting().values():
            rows = sum(rows for _, rows in waiting)
            yield f"  in the spool until the next publish: {count(rows, 'row')}"
    for line in discovery_lines(discovery_summary(ledger, run.snapshot, run.number)):
        yield f"  {line}"
    for sent in receipt_lines(ledger.receipts.of(run.number)):
        yield f"  sent: {sent}"
    for note in run_notes(ledger, run):
        yield f"  note: {note}"
    for reason, number in ledger.failures.reasons(run.number).items():
        yield f"  failed: {number:,}, {failure_words(reason)}"


def _standing_lines(ledger: Ledger, run: Run, failed: int, *, is_live: bool) -> Iterator[str]:
    """The stages of a live run, with the time that it takes: only the run itself knows its plan."""
    progress_snapshot = _standing(ledger, run, failed) if is_live else None
    if progress_snapshot is None:
        return
    for stage in progress_snapshot.stages:
        yield f"  {stage.name:<10} {how_many(stage)}"
    if told := ", ".join(facts(progress_snapshot)):
        yield f"  {told}"
    if progress_snapshot.not_needed:
        yield f"  {spared(progress_snapshot)}"


def _standing(ledger: Ledger, run: Run, failed: int) -> ProgressSnapshot | None:
    found = read_snapshot(ledger.get_meta(STANDING) or "")
    if found is None or found.run_id != run.run_id:
        return None
    settled = {each.value: ledger.answers.asked(run.number, each) for each in Endpoint}
    return found.with_settled(settled, failed)


def _planned(run: Run, settled: int) -> str:
    if run.state is RunState.FINISHED:
        return count(settled, "request")
    most = "at most " if run.skips else ""
    return f"{most}{count(max(run.planned, settled), 'request')}"
