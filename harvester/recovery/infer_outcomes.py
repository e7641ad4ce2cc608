"""Outcomes that no file states: values, counts, trials, and what was derived from them.

The plan is derived from what was answered, so with the answers back it comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice

import pyarrow as pa

from harvester.harvest.ledger_evidence import LedgerEvidence
from harvester.harvest.request_rows import request_rows
from harvester.ledger.audit import Spared
from harvester.ledger.recovery_derived import Restored
from harvester.ledger.runs import Run
from harvester.machine_limits import refuse_limit
from harvester.model.dates import Window
from harvester.model.outcomes import DerivedAnswer, PastOutcome
from harvester.model.published import AnswerUpdate, NumberedRow, PublishedAnswer
from harvester.model.question import Question
from harvester.model.request import NO_ENTITY, Request, read_request
from harvester.model.rules import Rule, RuleTrial
from harvester.model.terms import Endpoint, State
from harvester.planner.derive import answered_by
from harvester.planner.derived_timelines import DerivedSeries, derivations
from harvester.planner.families import families, is_long
from harvester.planner.intervals import intersect, range_of, range_window, subtract_all, union
from harvester.planner.series import MissingDays
from harvester.planner.step import Conclusion
from harvester.planner.steps import steps
from harvester.replay.archive import Archive
from harvester.replay.derived import RunEvidence
from harvester.replay.request_file import last_of
from harvester.store.placement import replaced_days

# Series whose outcomes are held at once.
_SERIES_AT_ONCE = 2_000


class OutcomeInference:
    """Infers what the ledger knew of each run, the oldest first: each rests on those before it."""

    def __init__(self, archive: Archive, say: Callable[[str], None]) -> None:
        """Take a ledger that knows every request and where its body is."""
        self._archive = archive
        self._ledger = archive.ledger
        self._audit = archive.ledger.audit
        self._answer_index = archive.ledger.answer_index
        self._say = say

    def values(self) -> None:
        """What bodies say that requests/ does not: values and counts, as far as they are there."""
        self._show_periods()
        self._archive.sort_answers()
        if self._read():
            # Some days were thought to be evidence alone, and had rows.
            self._archive.sort_answers()
            self._read()

    def _show_periods(self) -> None:
        """A timeline may run on beyond its period: those days are not shown."""
        for run in self._archive.runs.values():
            for wanted in (*run.wanted, *run.evidence):
                if wanted.question.endpoint is Endpoint.TIMELINE and wanted.window:
                    number = self._ledger.answers.question_id(wanted.question)
                    days = range_of(wanted.window)
                    self._ledger.recovery.show(run.number, number, *days)

    def _read(self) -> bool:
        """Read every body; whether any was found that shows more days than was thought."""
        shows_more = False
        for place in range(len(self._archive.partitions)):
            for home in self._answer_index.homes(place):
                changes: list[AnswerUpdate] = []
                longer: list[PublishedAnswer] = []
                try:
                    for each in self._archive.replayer.retold(place, home):
                        answer, change = each.answer, each.change
                        if change is None:
                            continue
                        # Another spec may have had another period: its rows were counted.
                        if answer.shown != answer.last and answer.rows > change.rows:
                            longer.append(answer)
                        else:
                            changes.append(change)
                except (OSError, pa.ArrowException) as problem:
                    refuse_limit(problem)
                    # Its file is damaged: it is a finding, and what it held stays unknown.
                    continue
                self._ledger.recovery.show_all(longer)
                self._ledger.publish_log.correct(changes)
                shows_more = shows_more or bool(longer)
        return shows_more

    def run(self, run: Run, *, is_new: bool) -> None:
        """Restore what a run concluded and derived.

        Args:
            is_new: the ledger knows it by its files alone.
        """
        self._say(f"restoring run {run.run_id}")
        has_lines = bool(self._audit.line_states(run.number))
        if is_new and not has_lines and (refresh := self._refreshed(run)):
            run = replace(run, refresh=refresh)
            self._ledger.runs.refreshes(run, refresh)
        if is_new and self._audit.knows_values(run.number):
            self._conclude(run)
        if is_new and not has_lines:
            self._audit.take_lines(self._spared_again(run))
        facts = RunEvidence(run, self._ledger.evidence.trials_made(run.number))
        for question, fine in facts.finest.items():
            self._restore(run, facts, self._derived(facts, question, fine))
        for question in {each.question: None for each in (*run.wanted, *run.evidence)}:
            if question.endpoint is Endpoint.TOTAL and question.counter:
                self._restore(run, facts, self._answered(run, question))

    def _restore(self, run: Run, facts: RunEvidence, worked: Iterator[DerivedAnswer]) -> None:
        while some := list(islice(worked, _SERIES_AT_ONCE)):
            restored = [
                Restored(
                    self._ledger.answers.question_id(each.question),
                    each if each.question in facts.shown else replace(each, rows=0),
                    replaced_days(each.question, *range_of(each.window)) if each.window else (0, 0),
                )
                for each in some
            ]
            self._ledger.derived_recovery.restore(run.number, restored)

    def _derived(
        self, facts: RunEvidence, question: Question, fine: Question
    ) -> Iterator[DerivedAnswer]:
        """The answers that a run computed from a finer timeline, where it asked nothing."""
        run = facts.run
        own_number, fine_number = map(self._ledger.answers.question_id, (question, fine))
        for some in self._series(run, own_number):
            low, high = some[0][0], some[-1][0]
            own = self._answer_index.outcomes(own_number, low, high)
            told = self._answer_index.outcomes(fine_number, low, high)
            for entity, lines in some:
                record = facts.history(fine, told.get(entity, ()))
                stretches = union((each.first, each.last) for each in lines)
                if record:
                    mine = _up_to(run, own.get(entity, ()))
                    series = DerivedSeries(question, entity, mine, run.number)
                    yield from derivations(series, record, stretches)
                elif any(each.reason == Rule.DERIVED for each in lines):
                    self._ledger.derived_recovery.restore_rows(
                        run.number, own_number, entity, stretches
                    )

    def _answered(self, run: Run, question: Question) -> Iterator[DerivedAnswer]:
        """The totals that other requests of a run told, as their proofs say."""
        number = self._ledger.answers.question_id(question)
        for some in self._series(run, number):
            low, high = some[0][0], some[-1][0]
            for entity, lines in some:
                for line in lines:
                    source, _, value = line.proof.rpartition(" says ")
                    if line.reason != State.ANSWERED_BY or not value.isdecimal():
                        continue
                    request = read_request(source.partition("/")[2], question.institution)
                    at = self._read_at(run, request, low, high)
                    if at is not None:
                        yield answered_by(question, entity, int(value), at, source)

    def _read_at(self, run: Run, request: Request, low: int, high: int) -> int | None:
        """When the answer to a request of this run came; None: there is none."""
        number = self._ledger.answers.question_id(request.question)
        entity = request.entity_id or NO_ENTITY
        span = (entity, entity) if entity == NO_ENTITY else (low, high)
        told = self._answer_index.outcomes(number, *span).get(entity, ())
        return next((each.at for each in told if each.run == run.number and each.is_answer), None)

    def _series(self, run: Run, question: int) -> Iterator[list[tuple[int, list[Spared]]]]:
        """Stretches of a run that needed no request and were not covered, some series at once."""
        some: list[tuple[int, list[Spared]]] = []
        for entity, lines in groupby(
            self._audit.spared(run.number, question), lambda each: each.entity
        ):
            some.append((entity, list(lines)))
            if len(some) == _SERIES_AT_ONCE:
                yield some
                some = []
        if some:
            yield some

    def _conclude(self, run: Run) -> None:
        """What the answers of a run prove, step by step, as far as it got."""
        known = LedgerEvidence(self._ledger, run)
        for question in _asked_at_once(run):
            number = self._ledger.answers.question_id(question)
            if self._audit.has_pieces(run.number, number):
                said = "long windows were asked again in pieces"
                rule, kind, counter = Rule.WHOLE_WINDOW, question.kind, question.counter
                known.learn(
                    Conclusion([RuleTrial(rule, kind, counter, 1, holds=False, sentence=said)])
                )
        for step in steps(run.plan_inputs, known):
            if any(isinstance(each.item, Request) and not each.is_in for each in step.items()):
                return
            known.learn(step.conclude())

    def _refreshed(self, run: Run) -> Window | None:
        """The settled days that a run has read again all the same; None: none that tells.

        A timeline that was asked from the beginning of its period tells nothing: every run does.
        """
        inputs = run.plan_inputs
        found = []
        for family in families(inputs):
            if family.fine is None:
                continue
            number = self._ledger.answers.question_id(family.fine)
            for window in family.fine_windows:
                missing = MissingDays(inputs, family.fine, window)
                beginning, _ = range_of(window)
                for told in self._answer_index.outcomes(number, 0, 2**62).values():
                    asked = [
                        (each.first, each.last)
                        for each in told
                        if each.run == run.number
                        and each.first > beginning
                        and not each.state.is_derived
                    ]
                    earlier = [each for each in told if each.run < run.number and each.is_answer]
                    if asked and earlier:
                        again = subtract_all(asked, missing.of(earlier))
                        found += intersect(again, range_of(window))
        if not found:
            return None
        return range_window((min(first for first, _ in found), max(last for _, last in found)))

    def _spared_again(self, run: Run) -> Iterator[NumberedRow]:
        """The stretches that needed no request, as the plan comes to them."""
        for line in list(request_rows(self._ledger, run, pending=State.PENDING)):
            if line.state is State.NOT_NEEDED:
                request = line.request
                question = self._ledger.answers.question_id(request.question)
                numbers = (None,) * 5
                yield NumberedRow(
                    run.number, question, *request.slot, last_of(request), line.state.value,
                    *numbers, line.reason, line.proof,
                )  # fmt: skip


def _up_to(run: Run, told: Sequence[PastOutcome]) -> list[PastOutcome]:
    return [each for each in told if each.run <= run.number]


def _asked_at_once(run: Run) -> Iterator[Question]:
    """The timelines of a run whose windows are longer than a breakdown's may be."""
    for family in families(run.plan_inputs):
        if family.fine and any(is_long(family.granularity, each) for each in family.fine_windows):
            yield family.fine
