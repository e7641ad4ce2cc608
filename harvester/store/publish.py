"""Spooled replies into parts: parsed, sorted, staged, committed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from harvester.model.outcomes import ReadWindow
from harvester.model.part_names import part_name
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.model.spool import Part, Placement, Placements, SpooledReply, SpoolKey, SpoolKeys
from harvester.store.buffer import RowBuffer
from harvester.store.commit import Decisions, commit
from harvester.store.context import RunStamp, request_of, rows_up_to, shared_columns
from harvester.store.folder import JobFolder, output_errors_named
from harvester.store.layout import datasets_of, partition_path
from harvester.store.memory import release_memory
from harvester.store.merge import PartMerge
from harvester.store.part_state import check_unchanged
from harvester.store.part_writer import ROWS_PER_GROUP, PartWriter, Staging
from harvester.store.placement import Series, TargetParts, target_parts
from harvester.store.responses import Responses
from harvester.store.revisions import RevisionParts, Revisions


class Spool(Decisions, Protocol):
    """What a publish needs of the ledger: spooled replies, names of parts, decisions."""

    def next_number(self) -> int:
        """A number for the next publish, that none had before."""

    def last_spooled(self) -> int:
        """The youngest reply in the spool."""

    def keys(self, questions: Iterable[int], up_to: int, most: int) -> SpoolKeys:
        """The first spooled replies in the order of their rows."""

    def spooled(self, keys: Iterable[SpoolKey]) -> Iterator[SpooledReply]:
        """The replies of these keys."""

    def part(self, path: str) -> Part | None:
        """A part by its path, as it was written; None: there is none."""

    def names(self) -> Mapping[int, str]:
        """The file name of each publish's new parts."""


# What waits is published in bites: of each reply its key and its placement are held, and the ledger
# moves all of them in one transaction.
REPLIES_AT_ONCE = 100_000

Readings = Callable[[int], Mapping[int, Sequence[ReadWindow]]]


class Publisher:
    """Publishes the replies of one run."""

    def __init__(self, folder: JobFolder, spool: Spool, run: RunStamp, readings: Readings) -> None:
        self._folder = folder
        self._spool = spool
        self._run = run
        self._readings = readings

    def publish(self, questions: Mapping[int, Question]) -> int:
        """Publish what the spool holds for these questions; returns how many replies.

        Args:
            questions: by their number in the ledger.

        Raises:
            OutputError: it could not be written; the spool still holds everything.
        """
        published, up_to = 0, self._spool.last_spooled()
        with output_errors_named(self._folder.root):
            while bite := self._bite(questions, up_to):
                published += bite
        return published

    def _bite(self, questions: Mapping[int, Question], up_to: int) -> int:
        publish = _Publish(self._folder, self._spool, self._run, self._readings, up_to)
        published = publish.carry_out(questions)
        # What is over leaves tens of megabytes behind, free but still ours, and the next one, in
        # another thread, as many more.
        release_memory()
        return published


class _Publish:
    """One publish under way."""

    def __init__(
        self, folder: JobFolder, spool: Spool, run: RunStamp, readings: Readings, up_to: int
    ) -> None:
        self._folder = folder
        self._spool = spool
        self._run = run
        self._readings = readings
        self._up_to = up_to
        self._number = spool.next_number()
        self._name = part_name(run.run_id, self._number)
        self._names = {**spool.names(), self._number: self._name}
        self._parts: list[Part] = []
        self._placements = Placements()
        self._staging = Staging(folder.staging, self._number)
        self._responses = Responses(self._staging, self._name)
        self._revised = RevisionParts(self._staging, self._name)
        self._revisions: Revisions

    def carry_out(self, questions: Mapping[int, Question]) -> int:
        for group in _by_partition(questions, self._run.shown):
            left = REPLIES_AT_ONCE - len(self._placements)
            if left and (keys := self._spool.keys(group, self._up_to, left)):
                self._partition(group, keys)
        if not len(self._placements):
            return 0
        self._parts += self._revised.finish()
        self._parts += self._responses.finish()
        commit(
            self._folder,
            self._spool,
            self._run.number,
            self._number,
            self._parts,
            self._placements,
        )
        return len(self._placements)

    def _partition(self, questions: Mapping[int, Question], keys: SpoolKeys) -> None:
        some = next(iter(questions.values()))
        if some not in self._run.shown:
            self._evidence(questions, keys)
            return
        homes = TargetParts(replies={self._number: keys})
        if some.endpoint.has_granularity:
            readings = {number: self._readings(number) for number in questions}
            homes = target_parts(keys, questions, readings, self._number)
        self._revisions = _watching(some, self._run, homes)
        for home in homes.in_order:
            replies = homes.replies.get(home, [])
            if home == self._number:
                self._new_part(home, some, questions, replies)
            else:
                self._old_part(home, some, questions, replies, homes)
        self._revised.add(self._revisions, self._revisions.left())

    def _evidence(self, questions: Mapping[int, Question], keys: Iterable[SpoolKey]) -> None:
        """Replies that were asked for their own sake: they go to responses/ alone."""
        for key, spooled in zip(keys, self._spool.spooled(keys), strict=True):
            request = request_of(questions[key.question], spooled)
            self._keep_body(request, spooled, self._run.request_id(request))
            self._placements.add(Placement(key.question, (key.entity, key.first), None))

    def _keep_body(self, request: Request, spooled: SpooledReply, request_id: str) -> None:
        # What was derived from other answers came in none of its own.
        if self._run.keeps_raw and spooled.derived_as is None:
            self._responses.add(spooled, self._run.address(request), request_id)

    def _new_part(
        self, home: int, some: Question, questions: Mapping[int, Question], keys: Iterable[SpoolKey]
    ) -> None:
        """Stream the rows of many replies into a part of their own."""
        buffers = {dataset: RowBuffer(dataset) for dataset in datasets_of(some)}
        writers: dict[Dataset, PartWriter] = {}
        for dataset, columns, shared in self._rows(home, questions, keys):
            buffer = buffers[dataset]
            buffer.add(columns, shared)
            if buffer.rows >= ROWS_PER_GROUP:
                self._writer(writers, dataset, some, home).write(buffer.packed())
        for dataset, buffer in buffers.items():
            if buffer.rows:
                self._writer(writers, dataset, some, home).write(buffer.packed())
        self._parts += [writer.finish() for writer in writers.values()]

    def _old_part(
        self,
        home: int,
        some: Question,
        questions: Mapping[int, Question],
        keys: Iterable[SpoolKey],
        homes: TargetParts,
    ) -> None:
        """Write a part anew under its own name, with rows replaced, piece by piece."""
        gone = homes.gone.get(home, {})
        for dataset in datasets_of(some):
            path = str(partition_path(dataset, some) / self._names[home])
            check_unchanged(self._folder.root, path, self._spool.part(path))
        buffers = {dataset: RowBuffer(dataset) for dataset in datasets_of(some)}
        writers: dict[Dataset, PartWriter] = {}
        merges = {
            dataset: PartMerge(
                self._folder.root / partition_path(dataset, some) / self._names[home],
                dataset,
                gone,
                partial(self._writer, writers, dataset, some, home),
                self._revisions.gone,
            )
            for dataset in buffers
        }
        over = deque(homes.ending_in(home))
        for dataset, columns, shared in self._rows(home, questions, keys):
            buffers[dataset].add(columns, shared)
            if buffers[dataset].rows >= ROWS_PER_GROUP:
                below = int(str(shared["entity_id"]))
                for each, buffer in buffers.items():
                    merges[each].add(buffer.table(), below)
                self._revised.add(self._revisions, _taken_below(over, below))
        for dataset, merge in merges.items():
            if part := merge.finish(buffers[dataset].table()):
                self._parts.append(part)
        self._revised.add(self._revisions, over)

    def _rows(
        self, home: int, questions: Mapping[int, Question], keys: Iterable[SpoolKey]
    ) -> Iterator[tuple[Dataset, Columns, dict[str, object]]]:
        """Parse replies; each body also goes to responses/."""
        for key, spooled in zip(keys, self._spool.spooled(keys), strict=True):
            request = request_of(questions[key.question], spooled)
            shared = shared_columns(self._run, request, spooled)
            made = 0
            # The same body always gives the same rows: what judged it need not be done again.
            for whole in spooled.columns or self._run.parse(request, spooled.body):
                columns = rows_up_to(key.last, whole, spooled.last)
                made += columns.length
                self._revisions.come(columns, shared)
                yield columns.dataset, columns, shared
            place = Placement(key.question, (key.entity, key.first), home if made else None)
            self._placements.add(place)
            self._keep_body(request, spooled, str(shared["request_id"]))

    def _writer(
        self, writers: dict[Dataset, PartWriter], dataset: Dataset, some: Question, home: int
    ) -> PartWriter:
        if dataset not in writers:
            path = partition_path(dataset, some) / self._names[home]
            writers[dataset] = self._staging.part(str(path), dataset)
        return writers[dataset]


def _taken_below(series: deque[Series], entity: int) -> Iterator[Series]:
    """The first of these series, as far as they are of entities below one."""
    while series and series[0][0] < entity:
        yield series.popleft()


def _watching(some: Question, run: RunStamp, homes: TargetParts) -> Revisions:
    """Settled rows of earlier runs are compared with what replaces them."""
    revisions = Revisions(some, run.settle_days)
    for series, met in homes.older.items():
        if any(reading.is_lost for reading, _ in met):
            # Nobody knows what stood there: a value that comes back is no other value.
            continue
        for reading, window in met:
            if reading.run_id != run.run_id:
                revisions.watch(series, reading, window)
    return revisions


def _by_partition(
    questions: Mapping[int, Question], shown: frozenset[Question]
) -> Iterator[dict[int, Question]]:
    """Questions whose rows lie in the same partition, together; those without rows alone."""
    groups: dict[str, dict[int, Question]] = {}
    for number, question in questions.items():
        path = partition_path(datasets_of(question)[0], question)
        name = str(path) if question in shown else question.key
        groups.setdefault(name, {})[number] = question
    yield from groups.values()
