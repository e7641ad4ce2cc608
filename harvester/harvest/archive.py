"""A job's folder as `verify`, `rebuild` and the repair see it: without the spec that made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from harvester.fetch.url import Writer
from harvester.harvest.lines import last_of
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.kept import Body
from harvester.model.question import Question
from harvester.model.request_key import read_question, read_request
from harvester.model.rows import Dataset
from harvester.model.terms import Endpoint
from harvester.parse import parse
from harvester.store.bodies import Bodies, told_in
from harvester.store.context import RunStamp
from harvester.store.folder import JobFolder
from harvester.store.layout import datasets_of, partition_path
from harvester.store.reread import Reread

# Where the embedded simulator's requests are said to go (harvest/facts.py): its port changes.
_SIMULATOR = "http://simulator.localhost"


@dataclass(frozen=True, slots=True)
class Source:
    """What the ledger says of the service that was asked.

    Attributes:
        institution: None in the public scope.
        address: of the statistics, as URLs in the datasets name it.
    """

    institution: str | None
    address: str

    @classmethod
    def read(cls, note: str | None) -> Source:
        """Read the ledger's note, as `source_identity` writes it."""
        who: dict[str, Any] = orjson.loads(note or "{}")
        return cls(who.get("institution"), who.get("stats_url") or _SIMULATOR)


@dataclass(frozen=True)
class Archive:
    """A folder, its ledger, and what every row and request in it is made of."""

    folder: JobFolder
    ledger: Ledger

    @cached_property
    def source(self) -> Source:
        """The service that was asked."""
        return Source.read(self.ledger.note("source"))

    @cached_property
    def runs(self) -> Mapping[int, Run]:
        """Every run, oldest first, by number."""
        return {run.number: run for run in self.ledger.runs.all()}

    @cached_property
    def stamps(self) -> Mapping[int, RunStamp]:
        """What the rows of each run carry."""
        address = Writer(self.source.address).address
        return {
            run.number: RunStamp(run.number, run.run_id, run.snapshot, parse, address, True)
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
    def partitions(self) -> Sequence[Mapping[int, Question]]:
        """The questions whose answers fill datasets, those of one partition together.

        A request that a run sent for evidence only is in `responses/` alone: no run wanted it.
        """
        wanted = {each.question.key for run in self.runs.values() for each in run.wanted}
        groups: dict[str, dict[int, Question]] = {}
        for number, question in sorted(self.questions.items()):
            if question.key in wanted:
                path = partition_path(datasets_of(question)[0], question)
                groups.setdefault(str(path), {})[number] = question
        return list(groups.values())

    @cached_property
    def reread(self) -> Reread:
        """Tells the rows of parts; `sort_answers` comes first."""
        bodies = Bodies(self.folder.root, self.ledger.publishes.names())
        return Reread(self.ledger.audit, bodies, self.questions, self.stamps)

    def publish_of(self, path: str) -> int:
        """The publish that gave a part its name; 0: none did."""
        names = self.ledger.publishes.names()
        return next((number for number, name in names.items() if name == Path(path).name), 0)

    def sort_answers(self) -> None:
        """Sort the published answers by the part that holds their rows; bodies are noted before."""
        numbered = enumerate(self.partitions)
        places = {question: number for number, group in numbered for question in group}
        self.ledger.audit.sort_answers(places)

    def entities_of(self, run: Run, question: Question) -> Sequence[int]:
        """Whom a run put a question to; 0 stands for no entity."""
        if question.endpoint is Endpoint.TOP and question.sub_item is None:
            return [0]
        return run.entities.get(question.kind, ())


class Unknown(list[str]):
    """Request ids that belong to no run or question of the ledger."""


def bodies_in(archive: Archive, paths: Iterable[str], unknown: Unknown) -> Iterator[Body]:
    """Where the bodies of these responses parts lie, in the ledger's numbers.

    Args:
        paths: below the job's folder.
        unknown: takes the request ids, or URLs, that are not ours.

    Raises:
        pyarrow.ArrowException, OSError: a part is damaged.
    """
    runs = {run.run_id: number for number, run in archive.runs.items()}
    publishes = {name: number for number, name in archive.ledger.publishes.names().items()}
    for path in paths:
        publish = publishes.get(Path(path).name)
        if publish is None:
            continue
        for place, told in enumerate(told_in(archive.folder.root / path)):
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
            yield Body(
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
