"""When the spool is published: at 250,000 rows of a partition, every six hours, at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta

import anyio
import anyio.from_thread
import anyio.to_thread

from harvester.clock import Clock
from harvester.harvest.older_requests import complete_older_requests
from harvester.harvest.request_rows import request_rows
from harvester.job.workspace import Workspace
from harvester.ledger.runs import Run
from harvester.model.outcomes import ReadWindow
from harvester.model.question import Question
from harvester.model.reply import Failure, Reply
from harvester.model.rows import Dataset
from harvester.model.spool import Part
from harvester.model.terms import State
from harvester.store.commit import commit
from harvester.store.context import RunStamp
from harvester.store.folder import output_errors_named
from harvester.store.layout import SCHEMA_FILE, datasets_of, partition_path
from harvester.store.memory import release_memory
from harvester.store.part_writer import Staging
from harvester.store.publish import Publisher
from harvester.store.requests import RequestRow, requests_path, write_requests

ROWS_TO_PUBLISH = 250_000
LONGEST_WAIT = timedelta(hours=6)
# The file of a long run takes seconds to write: not at each publish.
REQUESTS_FILE_EVERY = timedelta(hours=1)
# An interrupted run has ten seconds, of which requests under way get four. Publishing so many
# replies takes two or three (23 us each, 0.3 us a row); more stay in the spool, which is as
# durable, and are published by the next call.
REPLIES_IN_HASTE = 100_000
ROWS_IN_HASTE = 500_000
# Python runs one thread at a time and takes over from a busy one only after 5 ms. So a thread
# beside the first requests pauses after 2 ms of work; else the first second of a run at 1,000
# a second lacks 150 requests. A million lines pause 4,000 times.
_LINES_BETWEEN_PAUSES, _PAUSE_SECONDS = 250, 0.001


class Publishing:
    """Decides when spooled replies are published, and writes the run's file of requests.

    Attributes:
        not_needed: stretches without a request by reason, as requests/ was last written.
    """

    def __init__(self, out: Workspace, run: Run, stamp: RunStamp, clock: Clock) -> None:
        self._folder, self._ledger = folder, ledger = out.folder, out.ledger
        self._run = run
        self._stamp = stamp
        self._clock = clock
        self._questions = {
            ledger.answers.question_id(each.question): each.question
            for each in (*run.wanted, *run.evidence)
        }
        self._numbers = {question: number for number, question in self._questions.items()}
        self._partitions = {
            number: str(partition_path(datasets_of(question)[0], question))
            for number, question in self._questions.items()
        }
        # A publish takes the next number when it begins and gives it to the ledger at its end.
        self._writing = anyio.Lock()
        self._waiting: Counter[str] = Counter()
        for number, (_, rows) in ledger.publish_log.waiting().items():
            self._waiting[self._partitions[number]] += rows
        self._published_at = self._requests_at = clock.now()
        self.not_needed: Counter[str] = Counter()
        self._publisher = Publisher(folder, ledger.publish_log, stamp, self._readings)

    @property
    def rows_waiting(self) -> int:
        """Rows that only the spool holds."""
        return self._waiting.total()

    @property
    def is_soon_done(self) -> bool:
        """Whether all that waits can be published by a run that must end."""
        replies = sum(number for number, _ in self._ledger.publish_log.waiting().values())
        return replies <= REPLIES_IN_HASTE and self.rows_waiting <= ROWS_IN_HASTE

    def kept(self, outcomes: Iterable[Reply | Failure]) -> None:
        """Count what the spool took in."""
        for outcome in outcomes:
            if isinstance(outcome, Reply):
                # An empty reply waits, too: its body goes to responses/.
                number = self._numbers[outcome.request.question]
                self._waiting[self._partitions[number]] += max(outcome.rows, 1)

    def count_derived(self, rows: Mapping[Question, int]) -> None:
        """Count what was derived from other answers."""
        for question, number in rows.items():
            self._waiting[self._partitions[self._numbers[question]]] += number

    def due(self) -> dict[int, Question]:
        """The questions to publish now, by number; empty: not yet."""
        if self._waiting and self._clock.now() - self._published_at >= LONGEST_WAIT:
            return self._questions
        full = {path for path, rows in self._waiting.items() if rows >= ROWS_TO_PUBLISH}
        return {
            number: question
            for number, question in self._questions.items()
            if self._partitions[number] in full
        }

    async def publish(self, questions: Mapping[int, Question] | None = None) -> None:
        """Publish these questions; None: all."""
        chosen = self._questions if questions is None else questions
        async with self._writing:
            before = {path: self._waiting[path] for path in {self._partitions[n] for n in chosen}}
            await anyio.to_thread.run_sync(self._publisher.publish, chosen)
            self._waiting.subtract(before)
            self._waiting = +self._waiting
        if len(chosen) == len(self._questions):
            self._published_at = self._clock.now()
        if self._clock.now() - self._requests_at >= REQUESTS_FILE_EVERY:
            await self.write_requests(State.PENDING)

    async def write_requests(self, pending: State) -> None:
        """Write the run's file of requests anew."""
        await self._write_lines(request_rows(self._ledger, self._run, pending=pending))

    async def begin_requests(self) -> None:
        """Write the run's file of requests if it is not there yet.

        When it is cancelled the file is given up: that of a million requests takes longer than
        an interrupted run has, and the end of a run writes it anyway.
        """
        if requests_path(self._run.run_id) not in self._known_paths():
            lines = request_rows(self._ledger, self._run, pending=State.PENDING)
            await self._write_lines(_unhurried(lines))

    async def _write_lines(self, lines: Iterator[RequestRow]) -> None:
        spared: Counter[str] = Counter()
        async with self._writing:
            await anyio.to_thread.run_sync(self._write_requests, _counted(lines, spared))
        self.not_needed = spared
        self._requests_at = self._clock.now()

    def _write_requests(self, lines: Iterator[RequestRow]) -> None:
        with output_errors_named(self._folder.root):
            number = self._ledger.publish_log.next_number()
            staging = Staging(self._folder.staging, number)
            part = write_requests(staging, self._stamp, lines)
            self._commit(number, [part])

    def lay_out(self) -> None:
        """Give every partition that the run asks for its schema, before the first row.

        Files of requests/ that an older version wrote get the columns of today.
        """
        log = self._ledger.publish_log
        complete_older_requests(self._folder, self._ledger, log, self._run.number)
        with output_errors_named(self._folder.root):
            number = self._ledger.publish_log.next_number()
            staging = Staging(self._folder.staging, number)
            known = self._known_paths()
            parts = []
            for dataset, path in sorted(self._schema_files()):
                if path not in known:
                    with staging.part(path, dataset) as writer:
                        parts.append(writer.finish())
            if parts:
                self._commit(number, parts)
        # Half a million ids were read, sorted and entered: what that took is not needed again.
        release_memory()

    def _known_paths(self) -> set[str]:
        return {part.path for part in self._ledger.publish_log.parts()}

    def _schema_files(self) -> set[tuple[Dataset, str]]:
        files = {
            (dataset, str(partition_path(dataset, question) / SCHEMA_FILE))
            for question in self._stamp.shown
            for dataset in datasets_of(question)
        }
        if self._stamp.keeps_raw:
            files.add((Dataset.RESPONSES, f"{Dataset.RESPONSES}/{SCHEMA_FILE}"))
        return files

    def _commit(self, number: int, parts: list[Part]) -> None:
        commit(self._folder, self._ledger.publish_log, self._run.number, number, parts)

    def _readings(self, number: int) -> dict[int, list[ReadWindow]]:
        """Windows that other runs read and whose rows are here: not what was evidence alone."""
        question = self._questions[number]
        runs = self._ledger.runs
        before = runs.wanted_before(self._run.number).items()
        idle = [run for run, filled in before if question not in filled]
        return self._ledger.answers.readings(question, self._run.number, idle)


def _counted(lines: Iterator[RequestRow], spared: Counter[str]) -> Iterator[RequestRow]:
    """The same lines; those that needed no request are counted by reason."""
    for line in lines:
        if line.state is State.NOT_NEEDED and line.reason:
            spared[line.reason] += 1
        yield line


def _unhurried(lines: Generator[RequestRow, None, None]) -> Iterator[RequestRow]:
    """The same lines, in a worker thread that gives way to the loop and ends when cancelled.

    Raises:
        The cancellation, as everywhere in anyio.
    """
    # Closed here: its read of the ledger must end in the thread that began it.
    with closing(lines):
        for number, line in enumerate(lines):
            if number % _LINES_BETWEEN_PAUSES == 0:
                anyio.from_thread.check_cancelled()
                time.sleep(_PAUSE_SECONDS)
            yield line
