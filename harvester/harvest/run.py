"""A job, harvested: every stage, wired top to bottom."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, datetime

from harvester.errors import UsageError
from harvester.harvest.asking import Asking, stamp_of
from harvester.harvest.choice import Called, Choice, choose
from harvester.harvest.facts import planned_spec, read_credentials, run_date, shown_address
from harvester.harvest.known import basis_of
from harvester.harvest.opening import Opened, opened, write_resolved_spec
from harvester.harvest.options import RunOptions
from harvester.harvest.preview import new_run
from harvester.harvest.publishing import Publishing
from harvester.harvest.result import Ending, RunResult
from harvester.harvest.source import stats_host
from harvester.ledger.runs import Run, RunState
from harvester.model.terms import State
from harvester.planner.size import first_size
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import wanted
from harvester.store.manifest import write_manifest


async def run_async(job: JobSpec, options: RunOptions | None = None) -> RunResult:
    """Harvest a job, or go on with its unfinished run.

    Raises:
        UsageError: the call or the spec does not fit the output folder, or credentials are
            missing; nothing was sent.
        OutputError: the output cannot be written, is locked by another run, or is damaged.

    Returns:
        How it ended; a service that refuses is an ending, not an error: everything is kept.
    """
    options = options or RunOptions()
    snapshot = run_date(job, options.today, options.clock.now().date())
    password = _password(job, snapshot, options.clock.now())
    with opened(job, options.clock.now()) as out:
        refresh = options.refresh
        called = Called(options.today, snapshot, planned_spec(job), options.new_run, refresh)
        latest = out.ledger.runs.latest()
        choice = choose(latest, called, where=str(out.folder.root))
        if latest and choice is Choice.NOTHING:
            return _finished_before(out, latest)
        if latest and choice is Choice.GIVE_UP_AND_BEGIN:
            await _give_up(job, out, latest, options)
        run = latest if latest and choice is Choice.RESUME else _begin(job, out, snapshot, options)
        write_resolved_spec(job, out.folder)
        out.folder.probe()
        async with AsyncExitStack() as stack:
            # The simulator goes on with the run's own date, as Figshare would not.
            host = await stats_host(job, run.snapshot, password, stack)
            return await Asking(job, out, run, host, options).to_the_end()


def _password(job: JobSpec, snapshot: date, now: datetime) -> str | None:
    """The credentials, demanded before anything is sent or written if a question needs them."""
    found = read_credentials(job)
    asked = [*wanted(job, snapshot), *new_run(job, 1, "", snapshot, now).evidence]
    needs = [each.question for each in asked if each.question.needs_credentials]
    if needs and found is None and not job.source.simulator:
        raise UsageError(
            f"{needs[0].endpoint} of an institution needs credentials, and the spec names none",
            where="source.credentials",
            fix="add `credentials: {env: FIGSHARE_STATS}` and put username:password into it; "
            "Figshare's support gives them on request",
        )
    return found


def _begin(job: JobSpec, out: Opened, snapshot: date, options: RunOptions) -> Run:
    """Enter the next run into the ledger, with all that decides its plan."""
    latest = out.ledger.runs.latest()
    number = latest.number + 1 if latest else 1
    run_id = out.ledger.runs.next_run_id(snapshot)
    run = new_run(job, number, run_id, snapshot, options.clock.now(), options.refresh)
    _check_refresh(run)
    run = replace(run, planned=sum(each.most for each in first_size(basis_of(run))[0]))
    out.ledger.runs.start(run)
    return run


def _check_refresh(run: Run) -> None:
    """Refuse to refresh days that the job does not ask for: it would look as if it had worked."""
    refresh = run.refresh
    windows = [each.window for each in run.wanted if each.window]
    if refresh and not any(
        window.first <= refresh.last and refresh.first <= window.last for window in windows
    ):
        raise UsageError(
            f"no period of the job touches {refresh}",
            where="--refresh",
            fix="name days that a `period` of the spec covers, as --refresh 2026-01..2026-03",
        )


async def _give_up(job: JobSpec, out: Opened, run: Run, options: RunOptions) -> None:
    """Close an unfinished run: its answers count, what it still owed is marked abandoned."""
    stamp = stamp_of(job, run, shown_address(job))
    publishing = Publishing(out, run, stamp, options.clock)
    await publishing.publish()
    await publishing.write_requests(State.ABANDONED)
    write_manifest(out.folder, run.run_id, out.ledger.publishes.parts())
    out.ledger.runs.end(run, RunState.ABANDONED, options.clock.now())


def _finished_before(out: Opened, run: Run) -> RunResult:
    """The ending of a job that was finished on this date already: nothing is sent."""
    states = out.ledger.answers.tally(run.number)
    return RunResult(
        folder=out.folder.root,
        ending=Ending.WITH_FAILURES if states.get("failed") else Ending.COMPLETE,
        run_id=run.run_id,
        planned=run.planned,
        states=states,
        failed=out.ledger.answers.failure_reasons(run.number),
        why="finished before on this date: nothing was sent",
    )
