"""What the files of a job's folder tell of its runs, when the ledger does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from harvester.machine_limits import refuse_limit
from harvester.model.dates import Window
from harvester.model.entity import FileIds
from harvester.model.part_names import RUN_ID
from harvester.model.question import Question
from harvester.model.request import Request, read_request
from harvester.model.rows import Dataset
from harvester.model.rules import Rule
from harvester.model.terms import Kind, State
from harvester.replay.bodies import read_bodies
from harvester.replay.request_file import read_request_file
from harvester.spec.file_references import with_file_ids
from harvester.spec.jobspec import JobSpec


@dataclass(slots=True)
class RunTraces:
    """What one run has left in requests/ and responses/.

    Attributes:
        states: rows of its file of requests by state; empty where there is no file.
        windows: of each question; None stands for a question without days.
        made: questions whose answers made rows, or were derived.
        bare: questions answered with something that made no rows: evidence, or days not shown.
    """

    run_id: str
    states: Counter[State] = field(default_factory=Counter)
    windows: dict[Question, set[Window | None]] = field(default_factory=dict)
    entities: dict[Kind, set[int]] = field(default_factory=dict)
    made: set[Question] = field(default_factory=set)
    bare: set[Question] = field(default_factory=set)
    begun: int | None = None
    ended: int | None = None

    @property
    def snapshot(self) -> date:
        """Its date."""
        return date.fromisoformat(self.run_id[:10])

    def take(self, request: Request, at: int | None) -> None:
        """Take note of a request, or of a stretch that needed none."""
        question = request.question
        self.windows.setdefault(question, set()).add(request.window)
        found = self.entities.setdefault(question.kind, set())
        if request.entity_id is not None:
            found.add(request.entity_id)
        if at is not None:
            self.begun = min(self.begun or at, at)
            self.ended = max(self.ended or at, at)


def scan_runs(root: Path, institution: str | None, damaged: list[str]) -> dict[str, RunTraces]:
    """Every run that left a request or a response, the oldest first.

    Args:
        damaged: takes the files that cannot be read.
    """
    runs: dict[str, RunTraces] = {}
    for path in sorted((root / Dataset.REQUESTS).glob("*.parquet")):
        if RUN_ID.fullmatch(path.stem):
            runs.setdefault(path.stem, RunTraces(path.stem))
            try:
                _take_lines(runs[path.stem], path, institution)
            except (OSError, ValueError, KeyError, pa.ArrowException) as problem:
                refuse_limit(problem)
                damaged.append(path.relative_to(root).as_posix())
    for path in sorted((root / Dataset.RESPONSES).glob("*.parquet")):
        try:
            _take_responses(runs, path, institution)
        except (OSError, ValueError, KeyError, pa.ArrowException) as problem:
            refuse_limit(problem)
            damaged.append(path.relative_to(root).as_posix())
    return dict(sorted(runs.items(), key=lambda each: _age(each[1])))


def _age(run: RunTraces) -> tuple[int, date, int]:
    return run.begun or 2**62, run.snapshot, int(run.run_id.rpartition(".")[2])


def _take_lines(run: RunTraces, path: Path, institution: str | None) -> None:
    for line in read_request_file(path, institution):
        run.states[line.state] += 1
        if line.request is None:
            continue
        _, _, rows, _, at, reason, *_ = line.told
        run.take(line.request, at)
        if rows or reason == Rule.DERIVED:
            run.made.add(line.request.question)
        elif line.state is State.DONE:
            run.bare.add(line.request.question)


def _take_responses(runs: dict[str, RunTraces], path: Path, institution: str | None) -> None:
    for told in read_bodies(path):
        run_id, _, key = told.request_id.partition("/")
        if RUN_ID.fullmatch(run_id):
            run = runs.setdefault(run_id, RunTraces(run_id))
            try:
                run.take(read_request(key, institution), told.fetched_at)
            except ValueError:
                continue


def with_ids_of(job: JobSpec, run: RunTraces) -> JobSpec:
    """The job with its files of ids as a run read them: what was asked, and is not listed."""
    found = {}
    for kind, held in job.entities.items():
        if held.file is not None and held.file.found is None:
            ids = tuple(sorted(run.entities.get(kind, set()) - set(held.ids)))
            found[kind] = FileIds(ids, held.file.column, None, len(ids))
    return with_file_ids(job, found) if found else job
