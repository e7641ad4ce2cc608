"""A job, harvested: every stage, wired top to bottom."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, datetime

import anyio.to_thread

from harvester.discover.discovery import Discovery
from harvester.discover.discovery_summary import discovery_summary
from harvester.discover.run_entities import enter_entities, entities_of, publish_entities
from harvester.errors import ServiceError, UsageError
from harvester.fetch.stop import Stop
from harvester.fetch.tally import Tally
from harvester.harvest.execution import RunExecution, stamp_of
from harvester.harvest.last_stop import forget_stop, note_ending
from harvester.harvest.new_run import drop_useless_evidence, new_run, with_entities
from harvester.harvest.publishing import Publishing
from harvester.harvest.receipt_writer import ReceiptWriter
from harvester.harvest.result import RunResult
from harvester.harvest.resume import RunCall, RunDecision, changed_since, decide
from harvester.job.credentials import demanded_token, read_credentials
from harvester.job.damage import check_parts, check_parts_to_rewrite
from harvester.job.ending import Ending, ending_of
from harvester.job.hosts import Hosts, origins_of, stats_host
from harvester.job.log import Log
from harvester.job.network import network_of
from harvester.job.options import RunOptions
from harvester.job.readiness import check_ready
from harvester.job.settings import JobSettings
from harvester.job.workspace import Workspace, open_workspace, write_resolved_spec
from harvester.ledger.lost_answers import ASKS_ANEW
from harvester.ledger.runs import Run, RunState
from harvester.model.secret import Secret
from harvester.model.terms import State
from harvester.planner.evidence_requests import resumed_evidence
from harvester.planner.size import first_size
from harvester.store.layout import write_manifest


async def run_async(settings: JobSettings, options: RunOptions | None = None) -> RunResult:
    """Harvest a job, or go on with its unfinished run.

    Raises:
        UsageError: the call or the spec does not fit the output folder, or credentials are
            missing; nothing was sent.
        OutputError: the output cannot be written, is locked by another run, or is damaged.

    Returns:
        How it ended; a service that refuses is an ending, not an error: everything is kept.
    """
    options = options or RunOptions()
    options = replace(options, stop=options.stop or Stop())
    snapshot = settings.run_date(options.today, options.clock.now().date())
    password, token = _password(settings, snapshot, options.clock.now()), demanded_token(settings)
    network = network_of(settings)
    with open_workspace(settings, options.clock.now()) as out:
        refresh = options.refresh
        latest = out.ledger.runs.latest()
        changed = changed_since(latest, settings, out.ledger)
        asks_anew = out.ledger.lost_answers.asks_anew
        called = RunCall(options.today, snapshot, changed, options.new_run, refresh, asks_anew)
        choice = decide(latest, called, where=str(out.folder.root))
        if latest and choice is RunDecision.NOTHING:
            check_parts(out)
            return _finished_before(out, latest)
        check_ready(settings, out)
        check_parts_to_rewrite(out, (each.question for each in settings.wanted(snapshot)))
        if latest and choice is RunDecision.GIVE_UP_AND_BEGIN:
            await _give_up(settings, out, latest, options)
        run = (
            latest
            if latest and choice is RunDecision.RESUME
            else _begin(settings, out, snapshot, options)
        )
        write_resolved_spec(settings, out.folder)
        async with AsyncExitStack() as stack:
            # The simulator goes on with the run's own date, as Figshare would not.
            where = await stats_host(settings, run.snapshot, stack, network, password, token)
            log = Log(out.folder.log, options.clock)
            for line in network.lines:
                log.say(line)
            hosts = Hosts(settings, where, origins_of(out.ledger, log.say, options))
            receipt = ReceiptWriter(
                out.ledger.receipts, run.number, hosts.origins, options.clock.now()
            )
            async with receipt.kept():
                result = await _harvested(settings, out, run, hosts, options)
            note_ending(out.ledger, result, options.clock.now())
            in_all = out.ledger.receipts.of(run.number)
            return replace(result, receipts=receipt.so_far, receipts_in_all=in_all)


async def _harvested(
    settings: JobSettings, out: Workspace, run: Run, hosts: Hosts, options: RunOptions
) -> RunResult:
    """Gather the run's entities, if that is left to do; then ask what is to be asked of them."""
    begun_at = options.clock.monotonic()
    if run.gathers:
        problem = await Discovery(settings, out, hosts, options, run).to_the_end(run.snapshot)
        if problem or (options.stop and options.stop.is_set):
            return _stopped_gathering(out, run, hosts, options, problem)
        forget_stop(out.ledger)
        run = _planned(_of_all_entities(settings, out, run))
        out.ledger.runs.gathered(run)
    await anyio.to_thread.run_sync(_publish_entities, settings, out, run)
    result = await RunExecution(settings, out, run, hosts, options).to_the_end()
    seconds = options.clock.monotonic() - begun_at
    return _with_gathered(replace(result, seconds=seconds), out, run)


def _of_all_entities(settings: JobSettings, out: Workspace, run: Run) -> Run:
    """The run of all that was gathered, with the evidence that is worth asking for."""
    found = drop_useless_evidence(
        with_entities(settings, run, entities_of(settings, out.ledger, run.snapshot)), out.ledger
    )
    if not out.ledger.answers.tally(run.number):
        return found
    # It gathers again what had failed: what it asked before stays, and its answers with it.
    return replace(found, evidence=tuple(resumed_evidence(run.evidence, found.evidence)))


def _stopped_gathering(
    out: Workspace, run: Run, hosts: Hosts, options: RunOptions, problem: ServiceError | None
) -> RunResult:
    """The ending of a call that did not get as far as a plan; all it learned is kept."""
    why = options.stop.why if options.stop else ""
    tallies = list(hosts.origins.tallies.values())
    return RunResult(
        folder=out.folder.root,
        ending=ending_of(problem, why, {}, is_over=False),
        run_id=run.run_id,
        tally=tallies[0] if tallies else Tally(),
        seconds=tallies[0].seconds if tallies else 0.0,
        problem=problem,
        why=why or None,
        gathered=discovery_summary(out.ledger, run.snapshot, run.number),
    )


def _publish_entities(settings: JobSettings, out: Workspace, run: Run) -> None:
    enter_entities(settings, out.ledger, run)
    publish_entities(out, run, run.entities)


def _with_gathered(result: RunResult, out: Workspace, run: Run) -> RunResult:
    """A run is not complete whose metadata failed, or whose listing lacks too much."""
    found = discovery_summary(out.ledger, run.snapshot, run.number)
    is_marred = result.ending is Ending.COMPLETE and found.is_marred
    ending = Ending.WITH_FAILURES if is_marred else result.ending
    return replace(result, gathered=found, ending=ending)


def _password(settings: JobSettings, snapshot: date, now: datetime) -> Secret | None:
    """The credentials, demanded before anything is sent or written if a question needs them."""
    found = read_credentials(settings)
    run = new_run(settings, 1, "", snapshot, now)
    # A kind that is listed first will have some; how many does not matter here.
    some = {kind: ids or (1,) for kind, ids in run.entities.items()}
    asked = [*run.wanted, *with_entities(settings, run, some).evidence]
    needs = [each.question for each in asked if each.question.needs_credentials]
    if needs and found is None and not settings.simulator:
        raise UsageError(
            f"{needs[0].endpoint} of an institution needs credentials, and the spec names none",
            where="source.credentials",
            fix="add `credentials: {env: FIGSHARE_STATS}` and put username:password into it; "
            "Figshare's support gives them on request",
        )
    return found


def _begin(settings: JobSettings, out: Workspace, snapshot: date, options: RunOptions) -> Run:
    """Enter the next run into the ledger, with all that decides its plan."""
    latest = out.ledger.runs.latest()
    number = latest.number + 1 if latest else 1
    run_id = out.ledger.runs.next_run_id(snapshot)
    run = new_run(settings, number, run_id, snapshot, options.clock.now(), options.refresh)
    _check_refresh(run)
    run = (
        replace(run, gathers=True)
        if settings.gathers
        else _planned(drop_useless_evidence(run, out.ledger))
    )
    out.ledger.runs.start(run, settings.planned_spec())
    if out.ledger.lost_answers.asks_anew:
        out.ledger.delete_meta(ASKS_ANEW)
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


def _planned(run: Run) -> Run:
    """A run whose entities are known, with the number of its requests at most."""
    most = sum(each.most for each in first_size(run.plan_inputs)[0])
    return replace(run, planned=most, gathers=False)


async def _give_up(settings: JobSettings, out: Workspace, run: Run, options: RunOptions) -> None:
    """Close an unfinished run: its answers count, what it still owed is marked abandoned."""
    stamp = stamp_of(settings, run)
    publishing = Publishing(out, run, stamp, options.clock)
    await publishing.publish()
    await publishing.write_requests(State.ABANDONED)
    write_manifest(out.folder, run.run_id, out.ledger.publish_log.parts())
    out.ledger.runs.end(run, RunState.ABANDONED, options.clock.now())


def _finished_before(out: Workspace, run: Run) -> RunResult:
    """The ending of a job that was finished on this date already: nothing is sent."""
    states = out.ledger.answers.tally(run.number)
    result = RunResult(
        folder=out.folder.root,
        ending=Ending.WITH_FAILURES if states.get("failed") else Ending.COMPLETE,
        run_id=run.run_id,
        # What it would have asked at most, before its answers spared some, is of no interest now.
        planned=sum(states.values()),
        states=states,
        failed=out.ledger.failures.reasons(run.number),
        why="finished before on this date: nothing was sent",
    )
    return _with_gathered(result, out, run)
