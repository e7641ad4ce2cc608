"""The part of a run in which requests are sent, to its end or to where it must stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

import anyio
import anyio.abc
import anyio.to_thread
import orjson

from harvester.errors import ServiceError, chief
from harvester.fetch.pool import fetch
from harvester.fetch.stop import Stop, stop_at
from harvester.fetch.url import Writer
from harvester.harvest.kept_streak import KeptStreak
from harvester.harvest.last_stop import forget_stop
from harvester.harvest.ledger_evidence import LedgerEvidence
from harvester.harvest.notes import run_notes
from harvester.harvest.publishing import REPLIES_IN_HASTE, Publishing
from harvester.harvest.result import RunResult
from harvester.harvest.step_runner import StepRunner
from harvester.job.ending import INTERRUPTIONS, ending_of
from harvester.job.hosts import Hosts
from harvester.job.log import Log
from harvester.job.options import RunOptions
from harvester.job.progress import Progress
from harvester.job.progress_snapshot import STANDING
from harvester.job.settings import JobSettings
from harvester.job.watching import watched
from harvester.job.workspace import Workspace
from harvester.ledger.group_commit import GroupCommit
from harvester.ledger.runs import Run, RunState
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request
from harvester.model.terms import Endpoint, State
from harvester.parse import parse, summarize
from harvester.planner.size import first_size, size
from harvester.store.context import RunStamp
from harvester.store.layout import write_manifest
from harvester.version import __version__

_SECONDS_BETWEEN_NOTES = 5


class RunExecution:
    """Executes the steps of one run: asks, judges, keeps, publishes, and says how it ended."""

    def __init__(
        self, settings: JobSettings, out: Workspace, run: Run, hosts: Hosts, options: RunOptions
    ) -> None:
        self._settings = settings
        self._out = out
        self._run = run
        self._hosts = hosts
        self._options = options
        self._runner = StepRunner(out.ledger, run)
        self._stop = options.stop or Stop()
        self._stamp = stamp_of(settings, run)
        self._publishing = Publishing(out, run, self._stamp, options.clock)
        self._progress = self._begun()
        self._streak = KeptStreak(out.ledger, run)
        self._commits = GroupCommit(self._commit, self._kept)
        self._goes_well = False
        self._due = anyio.Event()
        self._log = Log(out.folder.log, options.clock)
        self._begun_at = options.clock.monotonic()

    async def to_the_end(self) -> RunResult:
        """Ask what is pending, publish, and say how it ended.

        Raises:
            OutputError: the output cannot be written; what was answered is in the spool.
        """
        in_already = self._progress.settled.total()
        self._log.say(
            f"run {self._run.run_id}: at most {self._run.planned} requests, {in_already} of them"
            f" in, version {__version__}"
        )
        await anyio.to_thread.run_sync(self._publishing.lay_out)
        problem: ServiceError | None = None
        try:
            await self._ask()
        except BaseExceptionGroup as group:
            error = chief(group)
            if not isinstance(error, ServiceError):
                raise error from None
            problem = error
        return await self._finish(problem)

    async def _ask(self) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._publishing.begin_requests)
            tasks.start_soon(self._publish_when_due)
            tasks.start_soon(self._tell_standing)
            if self._options.until:
                tasks.start_soon(stop_at, self._options.clock, self._stop, self._options.until)
            if self._options.watch:
                tasks.start_soon(watched, self._options.watch, self._progress, self._log.say)
            await self._fetch()
            tasks.cancel_scope.cancel()

    async def _fetch(self) -> None:
        async with self._hosts.statistics() as host:
            self._progress.watch(host)
            ask = partial(fetch, host=host, judge=self._judge, stop=self._stop)
            if known_good := self._streak.known_good():
                await ask(iter(known_good), keep=self._streak.heard_again)
            while not self._runner.is_over:
                await ask(
                    self._runner.pending(), keep=self._commits.keep, streak=self._streak.streak
                )
                if self._stop.is_set:
                    return
                derived_answers = await anyio.to_thread.run_sync(self._runner.go_on)
                self._publishing.count_derived(derived_answers)
                exact = self._runner.exact()
                self._progress.planned |= exact
                self._progress.least |= exact

    def _judge(self, request: Request, body: bytes) -> ReplySummary:
        """What a body says.

        Raises:
            ParseError: it does not answer the question asked.
        """
        question = request.question
        columns = parse(request, body)
        summary = summarize(request, columns, keeps_points=question in self._runner.counted)
        if question in self._stamp.shown:
            return summary._replace(columns=columns)
        return summary._replace(rows=0)

    async def _finish(self, problem: ServiceError | None) -> RunResult:
        """Publish what there is; close the run if nothing is pending."""
        out, run = self._out, self._run
        is_over = self._runner.is_over
        self._end_streak(problem, is_over=is_over)
        states = out.ledger.answers.tally(run.number)
        ending = ending_of(problem, self._stop.why, states, is_over=is_over)
        hurries = ending in INTERRUPTIONS.values()
        if not hurries or self._publishing.is_soon_done:
            await self._publishing.publish()
            if not hurries or self._run.planned <= REPLIES_IN_HASTE:
                await self._publishing.write_requests(State.PENDING)
        if is_over:
            write_manifest(out.folder, run.run_id, out.ledger.publish_log.parts())
            out.ledger.runs.end(run, RunState.FINISHED, self._options.clock.now())
        told = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        why = f" ({problem.what})" if problem else ""
        self._log.say(f"run {run.run_id}: {ending.name.lower()}{why}: {told or 'nothing'}")
        return RunResult(
            folder=out.folder.root,
            ending=ending,
            run_id=run.run_id,
            planned=sum(states.values()) if is_over else self._progress.progress_snapshot.most,
            skips=run.skips,
            states=states,
            not_needed=self._publishing.not_needed,
            notes=run_notes(out.ledger, run),
            failed=out.ledger.failures.reasons(run.number),
            rows_waiting=self._publishing.rows_waiting,
            tally=self._progress.tally,
            seconds=self._options.clock.monotonic() - self._begun_at,
            problem=problem,
            why=self._stop.why or None,
        )

    def _end_streak(self, problem: ServiceError | None, *, is_over: bool) -> None:
        """What stops the service's way is not held against requests that failed before it."""
        if is_over:
            self._streak.forget()
        elif problem:
            self._streak.take_back()
        else:
            self._streak.note()

    def _commit(self, outcomes: Sequence[Reply | Failure]) -> None:
        """Make outcomes durable; what is not certain about them comes first."""
        self._streak.note()
        self._out.ledger.answers.keep(self._run.number, outcomes)
        if not self._goes_well and any(isinstance(each, Reply) for each in outcomes):
            self._goes_well = True
            forget_stop(self._out.ledger)

    def _kept(self, outcomes: Sequence[Reply | Failure]) -> None:
        self._progress.kept(outcomes)
        self._publishing.kept(outcomes)
        if self._publishing.due():
            self._due.set()

    async def _publish_when_due(self) -> None:
        while True:
            await self._due.wait()
            self._due = anyio.Event()
            # Half a publish would be carried out by recovery; better to let it end.
            with anyio.CancelScope(shield=True):
                await self._publishing.publish(self._publishing.due())

    async def _tell_standing(self) -> None:
        """Let other processes know how far it is: what answers spare only the run itself knows."""
        last, n = "", 0
        while True:
            self._progress.observe()
            if n % _SECONDS_BETWEEN_NOTES == 0:
                told = orjson.dumps(self._progress.progress_snapshot.as_json()).decode()
                if told != last:
                    await anyio.to_thread.run_sync(self._out.ledger.set_meta, STANDING, told)
                    last = told
            n += 1
            # The machine's own time, whatever clock the run has: nothing is decided by it.
            await anyio.sleep(1)

    def _begun(self) -> Progress:
        ledger, run = self._out.ledger, self._run
        settled: Counter[Endpoint] = Counter()
        for each in (*run.wanted, *run.evidence):
            question = each.question
            settled[question.endpoint] = ledger.answers.asked(run.number, question.endpoint)
        inputs = run.plan_inputs
        known = LedgerEvidence(ledger, run)
        stages = size(inputs, known) if settled.total() else first_size(inputs)[0]
        return Progress(
            run_id=run.run_id,
            folder=self._out.folder.root,
            planned={each.stage: each.most for each in stages},
            least={each.stage: each.least for each in stages},
            settled=settled,
            failed=ledger.answers.tally(run.number).get("failed", 0),
            pace=self._settings.requests_per_second,
            clock=self._options.clock,
            spared=self._runner.spared,
            skips=run.skips,
        )


def stamp_of(settings: JobSettings, run: Run) -> RunStamp:
    """What every row of a run carries."""
    address = Writer(settings.address).address
    return RunStamp.of(run, parse=parse, address=address, keeps_raw=settings.keeps_raw)
