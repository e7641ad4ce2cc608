"""Parts made anew from raw responses, put in place by the commit protocol.

The responses take the place of the spool; nothing else differs: parts are staged, decided in one
transaction together with what the bodies tell of their answers, and renamed over their own
names. A part whose bytes come out the same is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from harvester.model.published import AnswerUpdate
from harvester.model.question import Question
from harvester.model.rows import Dataset
from harvester.model.spool import OpenPublish, Part, Placement
from harvester.replay.replay import Discrepancy, DiscrepancyKind, ReplayedAnswer, Replayer
from harvester.store.buffer import RowBuffer
from harvester.store.folder import JobFolder
from harvester.store.layout import partition_path
from harvester.store.part_writer import ROWS_PER_GROUP, PartWriter, Staging, sha256_of
from harvester.store.placement import in_order

# Who made no row loses none where nothing tells of it any more.
_NOTHING_HERE = (DiscrepancyKind.NO_BODY, DiscrepancyKind.NOT_DERIVED)


class RebuildLedger(Protocol):
    """The ledger's side of a rebuild."""

    def decide_again(
        self, run: int, number: int, parts: Sequence[Part], changes: Iterable[AnswerUpdate]
    ) -> None:
        """One transaction."""

    def settle(self, number: int) -> None:
        """All parts are in place."""

    def unfinished(self) -> Sequence[OpenPublish]:
        """What recovery has to carry out."""


@dataclass(frozen=True, slots=True)
class RebuildDecisions:
    """The decisions of a rebuild, as the commit protocol asks for them."""

    ledger: RebuildLedger
    changes: Sequence[AnswerUpdate]

    def decide(
        self,
        run: int,
        number: int,
        parts: Sequence[Part],
        placements: Iterable[Placement],  # noqa: ARG002  # no answer moves
    ) -> None:
        """Step 3: one transaction."""
        self.ledger.decide_again(run, number, parts, self.changes)

    def settle(self, number: int) -> None:
        """Step 5."""
        self.ledger.settle(number)

    def unfinished(self) -> Sequence[OpenPublish]:
        """What recovery has to carry out."""
        return self.ledger.unfinished()


@dataclass(frozen=True, slots=True)
class PartTarget:
    """One part that a rebuild writes anew, for each dataset of a partition.

    Attributes:
        partition: its number in the audit.
        some: any question of the partition.
        datasets: what its answers fill; none where they serve as evidence alone.
        number: the publish that gave the part its name.
        is_rewritten: later publishes put rows into it.
    """

    partition: int
    some: Question
    datasets: tuple[Dataset, ...]
    number: int
    name: str
    is_rewritten: bool

    def path(self, dataset: Dataset) -> str:
        """Where its part of a dataset lies."""
        return str(partition_path(dataset, self.some) / self.name)


@dataclass(slots=True)
class Rebuild:
    """What one rebuild has staged so far.

    Attributes:
        parts: that differ from what stands.
        changes: what the ledger should say of answers; `corrected` of them it says otherwise now,
            of the rest it only lacks something.
        lost: answers whose bodies do not tell; parts that need them are not staged.
        not_made: paths of those parts.
        same: how many parts came out as they stand; `rows` over all parts.
    """

    folder: JobFolder
    staging: Staging
    known: Mapping[str, Part]
    parts: list[Part] = field(default_factory=list)
    changes: list[AnswerUpdate] = field(default_factory=list)
    lost: list[Discrepancy] = field(default_factory=list)
    not_made: list[str] = field(default_factory=list)
    corrected: int = 0
    same: int = 0
    rows: int = 0

    def stage(self, replayer: Replayer, home: PartTarget) -> None:
        """Write the parts of a home into staging.

        Raises:
            pyarrow.ArrowException, OSError: responses/ is damaged, or staging cannot be written.
        """
        lost: list[Discrepancy] = []
        changes: list[tuple[AnswerUpdate, bool]] = []
        told = self._told(replayer.retold(home.partition, home.number), lost, changes)
        with ThreadPoolExecutor(1) as beside:
            writers = _Writers(self.staging, home, set(self.known), beside)
            made = writers.sorted(told) if home.is_rewritten else writers.streamed(told)
        if lost:
            self._drop(made)
            self.lost += lost
            self.not_made += [part.path for part in made]
            return
        self.changes += [change for change, _ in changes]
        self.corrected += sum(is_other for _, is_other in changes)
        for part in made:
            self.keep(part)

    def keep(self, part: Part) -> None:
        """Take a staged part, if it is not what stands in its place already."""
        self.rows += part.rows
        target = self.folder.root / part.path
        stands = self.known.get(part.path)
        is_same = stands is not None and stands.sha256 == part.sha256 and target.is_file()
        if is_same and sha256_of(target) == part.sha256:
            self.same += 1
            self._drop([part])
            return
        self.parts.append(part)

    def _told(
        self,
        retold: Iterable[ReplayedAnswer],
        lost: list[Discrepancy],
        changes: list[tuple[AnswerUpdate, bool]],
    ) -> Iterator[ReplayedAnswer]:
        for each in retold:
            if each.change:
                changes.append((each.change, each.doubt is not None))
            elif each.doubt and (each.answer.rows or each.doubt.trouble not in _NOTHING_HERE):
                lost.append(each.doubt)
            if each.columns is not None:
                yield each

    def _drop(self, parts: Iterable[Part]) -> None:
        for part in parts:
            (self.folder.staging / part.staged).unlink()


class _Writers:
    """The parts of one home under way.

    Rows are packed and written in a thread beside that which reads the next bodies; one table
    at a time, so that not more than one waits in memory.
    """

    def __init__(
        self, staging: Staging, home: PartTarget, known: set[str], beside: Executor
    ) -> None:
        self._staging = staging
        self._home = home
        self._known = known
        self._beside = beside
        self._under_way: Future[None] | None = None
        self._writers: dict[Dataset, PartWriter] = {}
        self._buffers = {each: RowBuffer(each) for each in home.datasets}

    def streamed(self, told: Iterable[ReplayedAnswer]) -> list[Part]:
        """Rows as they come, in the row groups of a publish: the same bytes, if all is well."""
        for each in told:
            for columns in each.columns or ():
                buffer = self._buffers[columns.dataset]
                buffer.add(columns, each.shared)
                if buffer.rows >= ROWS_PER_GROUP:
                    self._write(columns.dataset, buffer.packed())
        return self._finished()

    def sorted(self, told: Iterable[ReplayedAnswer]) -> list[Part]:
        """All rows in the order in which parts are written anew."""
        for each in told:
            for columns in each.columns or ():
                self._buffers[columns.dataset].add(columns, each.shared)
        for dataset, buffer in self._buffers.items():
            rows = in_order(buffer.table(), dataset)
            # An empty part has a row group, too.
            for start in range(0, rows.num_rows or 1, ROWS_PER_GROUP):
                self._write(dataset, rows.slice(start, ROWS_PER_GROUP).combine_chunks())
        return self._finished()

    def _write(self, dataset: Dataset, table: pa.Table) -> None:
        path = self._home.path(dataset)
        if table.num_rows or path in self._known:
            if dataset not in self._writers:
                self._writers[dataset] = self._staging.part(path, dataset)
            self._wait()
            self._under_way = self._beside.submit(self._writers[dataset].write, table)

    def _wait(self) -> None:
        if self._under_way:
            self._under_way.result()

    def _finished(self) -> list[Part]:
        for dataset, buffer in self._buffers.items():
            is_known = self._home.path(dataset) in self._known
            if buffer.rows or (is_known and dataset not in self._writers):
                self._write(dataset, buffer.packed())
        self._wait()
        return [writer.finish() for writer in self._writers.values()]
