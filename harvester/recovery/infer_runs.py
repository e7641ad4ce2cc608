"""Runs of which only files are left, inferred as the ledger had kept them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from harvester.harvest.new_run import with_entities
from harvester.job.settings import JobSettings
from harvester.ledger.runs import Run, RunState
from harvester.model.dates import ONE_DAY, Window, from_micros
from harvester.model.question import Question, Wanted
from harvester.model.terms import Endpoint, Kind, State
from harvester.planner.size import first_size
from harvester.recovery.run_scan import RunTraces


@dataclass(frozen=True, slots=True)
class RunInference:
    """Infers runs from the job's spec and from what they left in the folder.

    Attributes:
        groups: run id -> the groups that it counted.
    """

    job: JobSettings
    groups: Mapping[str, set[int]]

    def runs(self, traces: Mapping[str, RunTraces], first: int) -> Iterator[Run]:
        """Each as the ledger keeps it, numbered from `first`."""
        ids = list(traces)
        for number, run_id in enumerate(ids, start=first):
            yield self._run(traces[run_id], number, is_latest=run_id == ids[-1])

    def _run(self, run: RunTraces, number: int, *, is_latest: bool) -> Run:
        state = _state(run, is_latest=is_latest)
        begun = from_micros(run.begun or 0) if run.begun else datetime.now(UTC)
        ended = from_micros(run.ended) if run.ended else begun
        told = Run(
            number=number,
            run_id=run.run_id,
            snapshot=run.snapshot,
            state=state,
            wanted=self._wanted(run, is_latest=is_latest),
            entities={},
            settle_days=self.job.settle_days,
            planned=run.states.total() - run.states[State.NOT_NEEDED],
            started_at=begun,
            ended_at=None if state is RunState.UNFINISHED else ended,
            skips=self.job.skips,
        )
        told = with_entities(self.job, told, self._entities(run, is_latest=is_latest))
        told = replace(told, evidence=_evidence(run, told))
        if told.planned:
            return told
        return replace(told, planned=sum(each.most for each in first_size(told.plan_inputs)[0]))

    def _wanted(self, run: RunTraces, *, is_latest: bool) -> list[Wanted]:
        """The spec knows what its last run wanted; older runs show it by what they asked."""
        by_spec = self.job.wanted(run.snapshot)
        if is_latest:
            return by_spec
        found = [each for each in by_spec if not run.states or _fits(run, each, by_spec)]
        known = {each.question for each in found}
        for question in run.made - known:
            windows = run.windows.get(question, {None})
            found += [Wanted(question, window) for window in _whole(question, windows)]
        return sorted(found, key=lambda each: (_stage(each), each.question.key))

    def _entities(self, run: RunTraces, *, is_latest: bool) -> dict[Kind, list[int]]:
        found = {kind: set(ids) for kind, ids in run.entities.items()}
        if counted := self.groups.get(run.run_id):
            found.setdefault(Kind.GROUP, set()).update(counted)
        if is_latest:
            # Some may have had no chance to be asked.
            for kind, ids in self.job.entities.items():
                found.setdefault(kind, set()).update(ids)
        return {kind: sorted(found[kind]) for kind in Kind if found.get(kind)}


def _fits(run: RunTraces, each: Wanted, by_spec: Sequence[Wanted]) -> bool:
    """Whether a run asked for this, so far as its file of requests shows."""
    question = each.question
    windows = run.windows.get(question)
    if windows is None or (question in run.bare and question not in run.made):
        return False
    if each.window is None or question.endpoint is Endpoint.TOP:
        return each.window in windows
    # A timeline may run on beyond its period, for the sake of evidence.
    told = _whole(question, windows)
    ours = [other.window for other in by_spec if other.question == question]
    return len(told) == len(ours) and all(
        one and other and one.first == other.first and one.last >= other.last
        for one, other in zip(told, ours, strict=True)
    )


def _evidence(run: RunTraces, told: Run) -> tuple[Wanted, ...]:
    """What it asked for its own sake: as the planner would, and whatever else it shows."""
    shown = {each.question for each in told.wanted}
    found = [
        each
        for each in told.evidence
        if each.question not in shown
        and (each.question.endpoint.has_granularity or each.question in run.windows)
    ]
    known = shown | {each.question for each in found}
    for question, windows in run.windows.items():
        if question not in known:
            found += [Wanted(question, window) for window in _whole(question, windows)]
    return tuple(sorted(found, key=_stage))


def _state(run: RunTraces, *, is_latest: bool) -> RunState:
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
