"""The ledger's requests against responses/, requests/ and what each run wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from harvester.ledger.audit import Mismatch
from harvester.ledger.runs import Run, RunState
from harvester.machine_limits import refuse_limit
from harvester.model.dates import day_of, epoch_day
from harvester.model.published import NumberedRow
from harvester.model.question import Question, Wanted
from harvester.model.terms import Endpoint, State
from harvester.replay.archive import Archive
from harvester.replay.request_file import numbered, read_request_file
from harvester.store.requests import requests_path
from harvester.verify.accounts import unaccounted, ungrouped
from harvester.verify.finding import Finding, Report, error, information
from harvester.verify.part_check import REPAIR, one_line

_WRITE_ANEW = "harvester rebuild OUTPUT writes it from the ledger"


class RequestCheck:
    """Every planned request is accounted for once, with what became of it."""

    def __init__(self, archive: Archive, good: set[str], report: Report) -> None:
        """Check into this report.

        Args:
            good: the parts that can be read.
        """
        self._archive = archive
        self._audit = archive.ledger.audit
        self._good = good
        self._report = report
        # A question that needed no request ever has no number in the ledger: it gets one here.
        self._numbers = dict(archive.numbers)

    def check(self) -> None:
        """Check every run, the one under way excepted."""
        if lost := self._audit.replies_lost():
            what = f"{lost.number:,} answers are neither in the spool nor in any part"
            self._report.add(
                error("reply-lost", f"{what}, such as {self._shown(lost)}", _LEDGER, REPAIR)
            )
        for run in self._archive.runs.values():
            path = requests_path(run.run_id)
            if run.state is RunState.UNFINISHED and self._report.is_live:
                left = f"the requests of run {run.run_id}, which is under way"
                self._report.left_out.append(left)
            elif path in self._good:
                self._check_run(run, path)
            elif run.state is not RunState.UNFINISHED:
                self._not_checked(run, path)

    def _not_checked(self, run: Run, path: str) -> None:
        known = {part.path for part in self._archive.ledger.publish_log.parts()}
        if path in known:
            left = f"the requests of run {run.run_id}: its file is damaged or gone"
            self._report.left_out.append(left)
        else:
            what = f"run {run.run_id} has no file of its requests"
            self._report.add(error("requests-missing", what, path, _WRITE_ANEW))

    def _check_run(self, run: Run, path: str) -> None:
        strange: list[str] = []
        try:
            lines = self._lines(run, self._archive.folder.root / path, strange)
            self._audit.take_lines(lines)
        except (OSError, pa.ArrowException) as problem:
            refuse_limit(problem)
            what = f"it cannot be read: {one_line(problem)}"
            self._report.add(error("file-unreadable", what, path, REPAIR))
            return
        if strange:
            what = f"{len(strange):,} rows are no request of this run, such as {strange[0]}"
            self._report.add(error("requests-unknown", what, path, REPAIR))
        states = self._audit.line_states(run.number)
        self._report.count("requests", sum(states.values()))
        self._compare(run, path)
        if run.state is RunState.FINISHED or not run.skips:
            # Later steps of a run that got no further were never planned: answers decide them.
            self._report.add(*self._gaps(run, path))
        self._report.add(*_open(run, path, states))

    def _compare(self, run: Run, path: str) -> None:
        # The file of an unfinished run is written hourly and at a pause: the ledger is ahead,
        # and failures may have been put back since.
        is_over = run.state is not RunState.UNFINISHED
        told = ("done", "empty", "failed") if is_over else ("done", "empty")
        if differing := self._audit.lines_differing(run.number, told):
            what = (
                f"{differing.number:,} outcomes are told otherwise than in the ledger, such as "
                f"{self._shown(differing)}"
            )
            self._report.add(error("requests-differ", what, path, _WRITE_ANEW))
        if not is_over:
            return
        if unverifiable := self._audit.outcomes_untold(run.number):
            what = (
                f"{unverifiable.number:,} outcomes of the ledger are not in this file, such as "
                f"{self._shown(unverifiable)}"
            )
            self._report.add(error("requests-missing", what, path, _WRITE_ANEW))
        if unverifiable := self._audit.derived_untold(run.number):
            what = (
                f"{unverifiable.number:,} answers were worked out, and no row says so, such as "
                f"{self._shown(unverifiable)}"
            )
            self._report.add(error("requests-missing", what, path, _WRITE_ANEW))
        for unproven in self._unproven(run):
            what = (
                f"{unproven.number:,} rows say that no request was needed, and the ledger does "
                f"not bear it out, such as {self._shown(unproven)}"
            )
            self._report.add(error("requests-unproven", what, path, _WRITE_ANEW))

    def _unproven(self, run: Run) -> Iterator[Mismatch]:
        """What was spared without a reason that holds."""
        if found := self._audit.unproven(run.number):
            yield found
        for question in {each.question: None for each in (*run.wanted, *run.evidence)}:
            total = Question(Endpoint.TOTAL, question.kind, question.counter)
            numbers = self._number(question.key), self._number(total.key)
            if found := self._audit.not_zero(run.number, *numbers):
                yield found

    def _gaps(self, run: Run, path: str) -> Iterator[Finding]:
        """Series that the run wanted, and that no row of its file accounts for."""
        for wanted in run.wanted:
            question = wanted.question
            told = self._audit.windows(run.number, self._number(question.key))
            entities = self._archive.entities_of(run, question)
            if question.endpoint is Endpoint.COUNT:
                gaps = list(ungrouped(told, entities))
            else:
                gaps = list(unaccounted(told, entities, _days(wanted)))
            if gaps:
                gap = gaps[0]
                days = f", {day_of(gap.first)}..{day_of(gap.last)}" if gap.first else ""
                what = (
                    f"nothing accounts for {len(gaps):,} series of {question.key}, such as "
                    f"{question.kind} {gap.entity}{days}"
                )
                yield error("requests-gap", what, path, _WRITE_ANEW)

    def _lines(self, run: Run, path: Path, strange: list[str]) -> Iterator[NumberedRow]:
        """The rows of a run's file in the ledger's numbers."""
        for each in read_request_file(path, self._archive.source.institution):
            line = numbered(each, run.number, self._number)
            if line is None or each.run_id != run.run_id:
                strange.append(each.request_id)
            if line is not None:
                yield line

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, -1 - len(self._numbers))

    def _shown(self, found: Mismatch) -> str:
        return shown(self._archive, found)


_LEDGER = "_harvest/ledger.sqlite"


def shown(archive: Archive, found: Mismatch) -> str:
    """The request of a mismatch, as people name it."""
    run = archive.runs.get(found.run)
    window = f"/{day_of(found.first)}.." if found.first else ""
    about = f"/{found.entity}" if found.entity else ""
    return f"{run.run_id if run else found.run}/{found.key}{about}{window}"


def _open(run: Run, path: str, states: dict[str, int]) -> Iterator[Finding]:
    """What nobody knows yet, or ever will: accounted for, so information only."""
    words = {
        State.PENDING: ("are pending", "harvester run JOB"),
        State.FAILED: ("failed", "harvester failures OUTPUT"),
        State.ABANDONED: ("were given up with the run", "a later run asks what the spec wants"),
    }
    for state, (how, fix) in words.items():
        if states.get(state):
            what = f"{states[state]:,} requests of run {run.run_id} {how}"
            yield information(f"requests-{state}", what, path, fix)


def _days(wanted: Wanted) -> tuple[int, int] | None:
    if wanted.window is None:
        return None
    return epoch_day(wanted.window.first), epoch_day(wanted.window.last)
