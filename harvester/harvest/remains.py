"""What the files of a job's folder tell of its runs, when the ledger does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

from harvester.harvest.facts import planned_spec
from harvester.harvest.lines import text_lines
from harvester.ledger.runs import Run, RunState
from harvester.model.ids import FileIds
from harvester.model.moment import moment_of
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.request_key import read_request
from harvester.model.rows import Dataset
from harvester.model.terms import Endpoint, Kind, State
from harvester.model.wanted import Wanted
from harvester.model.window import ONE_DAY, Window
from harvester.spec.files import with_file_ids
from harvester.spec.jobspec import JobSpec
from harvester.spec.resolve import entity_ids, wanted
from harvester.store.bodies import told_in

RUN_ID = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,6})", re.ASCII)
PART_NAME = re.compile(r"(\d{4}-\d{2}-\d{2}\.\d{1,6})-(\d{5,9})\.parquet", re.ASCII)


@dataclass(slots=True)
class RunRemains:
    """One run, as its requests, answered or not, show it.

    Attributes:
        states: rows of its file of requests by state; empty where there is no file.
        windows: of each question; None stands for a question without days.
    """

    run_id: str
    states: Counter[State] = field(default_factory=Counter)
    windows: dict[Question, set[Window | None]] = field(default_factory=dict)
    entities: dict[Kind, set[int]] = field(default_factory=dict)
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


def remains_in(root: Path, institution: str | None, damaged: list[str]) -> dict[str, RunRemains]:
    """Every run that left a request or a response, the oldest first.

    Args:
        damaged: takes the files that cannot be read.
    """
    runs: dict[str, RunRemains] = {}
    for path in sorted((root / Dataset.REQUESTS).glob("*.parquet")):
        if RUN_ID.fullmatch(path.stem):
            runs.setdefault(path.stem, RunRemains(path.stem))
            try:
                _take_lines(runs[path.stem], path, institution)
            except (OSError, ValueError, KeyError, pa.ArrowException):
                damaged.append(path.relative_to(root).as_posix())
    for path in sorted((root / Dataset.RESPONSES).glob("*.parquet")):
        try:
            _take_responses(runs, path, institution)
        except (OSError, ValueError, KeyError, pa.ArrowException):
            damaged.append(path.relative_to(root).as_posix())
    return dict(sorted(runs.items(), key=lambda each: _age(each[1])))


def _age(run: RunRemains) -> tuple[int, date, int]:
    return run.begun or 2**62, run.snapshot, int(run.run_id.rpartition(".")[2])


def _take_lines(run: RunRemains, path: Path, institution: str | None) -> None:
    for line in text_lines(path, institution):
        run.states[line.state] += 1
        if line.request is not None:
            run.take(line.request, line.told[4])


def _take_responses(runs: dict[str, RunRemains], path: Path, institution: str | None) -> None:
    for told in told_in(path):
        run_id, _, key = told.request_id.partition("/")
        if RUN_ID.fullmatch(run_id):
            run = runs.setdefault(run_id, RunRemains(run_id))
            try:
                run.take(read_request(key, institution), told.fetched_at)
            except ValueError:
                continue


@dataclass(frozen=True, slots=True)
class Story:
    """What runs are told from: the job as it was last understood, and what filled datasets.

    Attributes:
        filled: whether a question's answers fill a dataset, by the folders that are there.
        groups: run id -> the groups that it counted.
    """

    job: JobSpec
    filled: Callable[[Question], bool]
    groups: Mapping[str, set[int]]

    def runs(self, remains: Mapping[str, RunRemains], first: int) -> Iterator[Run]:
        """Each as the ledger keeps it, numbered from `first`."""
        ids = list(remains)
        for number, run_id in enumerate(ids, start=first):
            yield self._run(remains[run_id], number, is_latest=run_id == ids[-1])

    def _run(self, run: RunRemains, number: int, *, is_latest: bool) -> Run:
        settle = self.job.planner.settle_days
        state = _state(run, is_latest=is_latest)
        begun = moment_of(run.begun or 0) if run.begun else datetime.now(UTC)
        told = Run(
            number=number,
            run_id=run.run_id,
            snapshot=run.snapshot,
            state=state,
            spec=planned_spec(self.job) if is_latest else {},
            wanted=self._wanted(run, is_latest=is_latest),
            entities=self._entities(run, is_latest=is_latest),
            settle_days=settle,
            planned=run.states.total() - run.states[State.NOT_NEEDED],
            started_at=begun,
            ended_at=None,
        )
        if state is RunState.UNFINISHED:
            return told
        return replace(told, ended_at=moment_of(run.ended) if run.ended else begun)

    def _wanted(self, run: RunRemains, *, is_latest: bool) -> list[Wanted]:
        """The spec knows what its last run wanted; older runs show it by what they asked."""
        by_spec = wanted(self.job, run.snapshot)
        if is_latest:
            return by_spec
        keys = {each.question.key for each in by_spec}
        found = []
        for question, windows in run.windows.items():
            if question.key in keys or self.filled(question):
                found += [Wanted(question, window) for window in _whole(question, windows)]
        return sorted(found, key=lambda each: (_stage(each), each.question.key))

    def _entities(self, run: RunRemains, *, is_latest: bool) -> dict[Kind, list[int]]:
        found = {kind: set(ids) for kind, ids in run.entities.items()}
        if counted := self.groups.get(run.run_id):
            found.setdefault(Kind.GROUP, set()).update(counted)
        if is_latest:
            # Some may have had no chance to be asked.
            for kind, ids in entity_ids(self.job).items():
                found.setdefault(kind, set()).update(ids)
        return {kind: sorted(found[kind]) for kind in Kind if found.get(kind)}


def with_ids_of(job: JobSpec, run: RunRemains) -> JobSpec:
    """The job with its files of ids as a run read them: what was asked, and is not listed."""
    found = {}
    for kind, held in job.entities.items():
        if held.file is not None and held.file.found is None:
            ids = tuple(sorted(run.entities.get(kind, set()) - set(held.ids)))
            found[kind] = FileIds(ids, held.file.column, None, len(ids))
    return with_file_ids(job, found) if found else job


def _state(run: RunRemains, *, is_latest: bool) -> RunState:
    if run.states[State.ABANDONED]:
        return RunState.ABANDONED
    if run.states and not run.states[State.PENDING]:
        return RunState.FINISHED
    # A file that was lost, or written while the run went on: only the last run can go on.
    return RunState.UNFINISHED if is_latest else RunState.ABANDONED


def _whole(question: Question, windows: set[Window | None]) -> list[Window | None]:
    """The days of a question: requests and stretches joined; a ranking's windows stay apart."""
    dated = sorted(window for window in windows if window is not None)
    if not dated:
        return [None]
    if question.endpoint is Endpoint.TOP:
        return list(dated)
    merged: list[Window | None] = [dated[0]]
    last = dated[0]
    for window in dated[1:]:
        if window.first <= last.last + ONE_DAY:
            last = Window(last.first, max(last.last, window.last))
            merged[-1] = last
        else:
            last = window
            merged.append(last)
    return merged


def _stage(each: Wanted) -> int:
    return list(Endpoint).index(each.question.endpoint)
