"""A job's folder as `verify`, `rebuild` and the repair see it: without the spec that made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from harvester.fetch.url import Writer
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.published import BodyLocation
from harvester.model.question import Question
from harvester.model.request import read_question, read_request
from harvester.model.rows import Dataset
from harvester.model.terms import Endpoint
from harvester.parse import parse
from harvester.replay.bodies import Bodies, read_bodies
from harvester.replay.derived import LedgerDerived
from harvester.replay.replay import Jobs, Replayer
from harvester.replay.request_file import last_of
from harvester.store.context import RunStamp
from harvester.store.folder import JobFolder
from harvester.store.layout import datasets_of, partition_path

# Where the embedded simulator's requests are said to go (job/settings.py): its port changes.
_SIMULATOR = "http://simulator.localhost"


@dataclass(frozen=True, slots=True)
class StatisticsSource:
    """The service that the ledger's numbers are of.

    Attributes:
        institution: None in the public scope.
        address: of the statistics, as URLs in the datasets name it.
    """

    institution: str | None
    address: str

    @classmethod
    def read(cls, note: str | None) -> StatisticsSource:
        """Read the ledger's note, as `source_identity` writes it."""
        who: dict[str, Any] = orjson.loads(note or "{}")
        return cls(who.get("institution"), who.get("stats_url") or _SIMULATOR)


@dataclass(frozen=True, slots=True)
class Partition:
    """Answers whose rows lie in the same folders, or in none.

    Attributes:
        questions: by their number in the ledger.
        is_evidence: these are the answers of runs that asked for their own sake: no rows.
    """

    questions: Mapping[int, Question]
    is_evidence: bool = False

    @property
    def some(self) -> Question:
        """Any of its questions."""
        return next(iter(self.questions.values()))

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What its answers fill."""
        return () if self.is_evidence else datasets_of(self.some)


def _rung(partition: Partition) -> tuple[bool, int]:
    """Totals are told by rankings and by totals of all counters, timelines by finer ones."""
    question = partition.some
    tells_totals = question.is_undocumented or question.is_ranking_of_all
    coarseness = question.granularity.coarseness if question.granularity else -1
    return not (partition.is_evidence and tells_totals), coarseness


@dataclass(frozen=True)
class Archive:
    """A job's folder and its ledger, read as one: what every row and request is made of."""

    folder: JobFolder
    ledger: Ledger

    @cached_property
    def source(self) -> StatisticsSource:
        """The service that was asked."""
        return StatisticsSource.read(self.ledger.get_meta("source"))

    @cached_property
    def runs(self) -> Mapping[int, Run]:
        """Every run, oldest first, by number."""
        return {run.number: run for run in self.ledger.runs.all()}

    @cached_property
    def stamps(self) -> Mapping[int, RunStamp]:
        """What the rows of each run carry."""
        address = Writer(self.source.address).address
        return {
            run.number: RunStamp.of(run, parse=parse, address=address, keeps_raw=True)
            for run in self.runs.values()
        }

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of every question, by key."""
        return self.ledger.audit.questions()

    @cached_property
    def questions(self) -> Mapping[int, Question]:
        """Every question, by number."""
        scope = self.source.institution
        return {number: read_question(key, scope) for key, number in self.numbers.items()}

    @cached_property
    def partitions(self) -> Sequence[Partition]:
        """Where answers lie: questions of one partition together, those for evidence alone.

        In the order in which they must be read: what others are derived from comes first.
        """
        shown: dict[str, dict[int, Question]] = {}
        hidden: list[Partition] = []
        for number, question in sorted(self.questions.items()):
            wants = {run.number for run in self.stamps.values() if question in run.shown}
            if wants:
                path = partition_path(datasets_of(question)[0], question)
                shown.setdefault(str(path), {})[number] = question
            if wants != self.runs.keys():
                hidden.append(Partition({number: question}, is_evidence=True))
        return sorted([*hidden, *map(Partition, shown.values())], key=_rung)

    @cached_property
    def replayer(self) -> Replayer:
        """Tells the rows of parts; `sort_answers` comes first."""
        bodies = Bodies(self.folder.root, self.ledger.publish_log.names())
        workings = LedgerDerived(self.ledger, self.runs, self.questions)
        jobs = Jobs(self.questions, self.stamps)
        return Replayer(self.ledger.answer_index, bodies, workings, jobs)

    def publish_of(self, path: str) -> int:
        """The publish that gave a part its name; 0: none did."""
        names = self.ledger.publish_log.names()
        return next((number for number, name in names.items() if name == Path(path).name), 0)

    def sort_answers(self) -> None:
        """Sort the published answers by the part that holds their rows; bodies are noted before."""
        self.ledger.answer_index.sort_answers(
            (number, run.number, place)
            for place, partition in enumerate(self.partitions)
            for number, question in partition.questions.items()
            for run in self.stamps.values()
            if (question not in run.shown) == partition.is_evidence
        )

    def entities_of(self, run: Run, question: Question) -> Sequence[int]:
        """Whom a run put a question to; 0 stands for no entity."""
        if question.endpoint is Endpoint.TOP and question.sub_item is None:
            return [0]
        return run.entities.get(question.kind, ())


class Unknown(list[str]):
    """Request ids that belong to no run or question of the ledger."""


def bodies_in(archive: Archive, paths: Iterable[str], unknown: Unknown) -> Iterator[BodyLocation]:
    """Where the bodies of these responses parts lie, in the ledger's numbers.

    Args:
        paths: below the job's folder.
        unknown: takes the request ids, or URLs, that are not ours.

    Raises:
        pyarrow.ArrowException, OSError: a part is damaged.
    """
    runs = {run.run_id: number for number, run in archive.runs.items()}
    publishes = {name: number for number, name in archive.ledger.publish_log.names().items()}
    for path in paths:
        publish = publishes.get(Path(path).name)
        if publish is None:
            continue
        for place, told in enumerate(read_bodies(archive.folder.root / path)):
            run_id, _, key = told.request_id.partition("/")
            run = runs.get(run_id)
            try:
                request = read_request(key, archive.source.institution)
            except ValueError:
                unknown.append(told.request_id)
                continue
            question = archive.numbers.get(request.question.key)
            if run is None or question is None:
                unknown.append(told.request_id)
                continue
            if told.url != archive.stamps[run].address(request):
                unknown.append(told.url)
            yield BodyLocation(
                question,
                *request.slot,
                run,
                last_of(request),
                publish,
                place,
                told.http_status,
                told.fetched_at,
            )


def is_body_part(path: str) -> bool:
    """Whether a part holds bodies."""
    return path.startswith(f"{Dataset.RESPONSES}/")
