"""Derived timelines, and totals that other requests told, derived once more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import InitVar, dataclass, field

from harvester.ledger.answer_index import AnswerIndex
from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.outcomes import DerivedAnswer, PastOutcome
from harvester.model.packed_counts import unpack_counts
from harvester.model.published import PublishedAnswer
from harvester.model.question import Question
from harvester.model.reply import ReplySummary
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rows import Columns
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import Settlement
from harvester.model.terms import Counter, Kind, State
from harvester.parse import summarize
from harvester.planner.derive import answered_by, derived, sums
from harvester.planner.families import counted, families
from harvester.planner.history import SeriesHistory, series_history
from harvester.planner.series import as_answered
from harvester.planner.total_shortcuts import combined_of


@dataclass(slots=True)
class RunEvidence:
    """What decides how a run's answers are understood: its questions, and rules that failed.

    Attributes:
        shown: questions whose answers fill datasets; the others are evidence alone.
        counted: questions whose counts are kept one by one.
        finest: the timeline that a coarser one is derived from.
        cut: kinds and counters whose long timelines the service is known to cut.
    """

    run: Run
    trials_made: InitVar[Sequence[tuple[int, RuleTrial]]]
    shown: frozenset[Question] = field(init=False)
    counted: frozenset[Question] = field(init=False)
    finest: Mapping[Question, Question] = field(init=False)
    cut: Collection[tuple[Kind, Counter | None]] = field(init=False)

    def __post_init__(self, trials_made: Sequence[tuple[int, RuleTrial]]) -> None:
        self.cut = {
            (proof.kind, proof.counter)
            for number, proof in trials_made
            if number <= self.run.number and proof.rule is Rule.WHOLE_WINDOW and not proof.holds
        }
        inputs = self.run.plan_inputs
        self.shown = frozenset(each.question for each in self.run.wanted)
        self.counted = counted(inputs)
        self.finest = {
            coarse.question: family.fine
            for family in families(inputs)
            if family.fine
            for coarse in family.coarse
        }

    def history(self, fine: Question, told: Sequence[PastOutcome]) -> SeriesHistory | None:
        """What the run knew of a series' events; None: it cannot be told any more.

        Args:
            told: outcomes of its finest timeline in all runs.
        """
        if fine.granularity is None:
            return None
        known = [each for each in told if each.run <= self.run.number]
        if (fine.kind, fine.counter) in self.cut:
            known = list(as_answered(fine, known))
        today = Settlement(self.run.snapshot, self.run.settle_days)
        return series_history(known, fine.granularity, today, self.run.number)

    def cheap(self, total: Question) -> list[Question]:
        """The evidence that may tell a total; a ranking is believed before the other."""
        asked = {each.question for each in self.run.evidence}
        rankings = [
            each
            for each in asked
            if each.is_ranking_of_all and (each.kind, each.counter) == (total.kind, total.counter)
        ]
        return [*rankings, *(each for each in asked if each == combined_of(total))]


class LedgerDerived:
    """Derives once more what the ledger calls derived or answered by others.

    From the counts that the ledger keeps of every answer, or that bodies tell in their stead.
    """

    def __init__(
        self, ledger: Ledger, runs: Mapping[int, Run], questions: Mapping[int, Question]
    ) -> None:
        """Take the ledger.

        Args:
            runs: by their number; likewise `questions`.
        """
        self._answer_index = ledger.answer_index
        trials_made = ledger.evidence.trials_made(max(runs, default=0))
        self._facts = {number: RunEvidence(run, trials_made) for number, run in runs.items()}
        # What one run had no use for, a later one may read.
        self._counted = frozenset[Question]().union(
            *(each.counted for each in self._facts.values())
        )
        self._questions = questions
        self._numbers = {question: number for number, question in questions.items()}

    def summary(self, run: int, request: Request, columns: tuple[Columns, ...]) -> ReplySummary:
        """What the ledger keeps of a body; no rows where it serves as evidence alone."""
        facts, question = self._facts[run], request.question
        summary = summarize(request, columns, keeps_points=question in self._counted)
        return summary if question in facts.shown else summary._replace(rows=0)

    def work_out(self, answers: Sequence[PublishedAnswer]) -> Sequence[DerivedAnswer | None]:
        """Each of these answers again; None where what it was derived from is not known."""
        if not answers:
            return []
        entities = [each.entity for each in answers]
        some = _Some(self._answer_index, self._numbers, min(entities), max(entities))
        return [
            self._derived(each, some)
            if each.state is State.DERIVED
            else self._answered_by(each, some)
            for each in answers
        ]

    def _derived(self, answer: PublishedAnswer, some: _Some) -> DerivedAnswer | None:
        """Sums of the finest timeline, as far as it was known to the run that derived them."""
        question, facts = self._questions[answer.question], self._facts[answer.run]
        fine = facts.finest.get(question)
        if fine is None or question.granularity is None:
            return None
        history = facts.history(fine, some.told(fine, answer.entity))
        if history is None:
            return None
        parts = list(sums(history, question.granularity, (answer.first, answer.last)))
        if len(parts) != 1:
            return None
        days, at, counts = parts[0]
        return derived(question, answer.entity, days, at, counts)

    def _answered_by(self, answer: PublishedAnswer, some: _Some) -> DerivedAnswer | None:
        """The total in the ranking, or in the total of all counters, that was read just then."""
        question, facts = self._questions[answer.question], self._facts[answer.run]
        if question.counter is None:
            return None
        for evidence in facts.cheap(question):
            entity = NO_ENTITY if evidence.is_ranking_of_all else answer.entity
            place = list(Counter).index(question.counter)
            key = answer.entity if evidence.is_ranking_of_all else place
            for each in some.told(evidence, entity):
                if (each.run, each.at) != (answer.run, answer.fetched_at):
                    continue
                source = Request(evidence, entity or None).key
                value = some.counts(evidence, each).get(key, 0)
                told_by = f"{facts.run.run_id}/{source}"
                return answered_by(question, answer.entity, value, each.at, told_by)
        return None


class _Some:
    """What the ledger was told of the series that some answers were derived from."""

    def __init__(
        self, published: AnswerIndex, numbers: Mapping[Question, int], low: int, high: int
    ) -> None:
        self._answer_index = published
        self._numbers = numbers
        self._range = (low, high)
        self._told: dict[Question, Mapping[int, Sequence[PastOutcome]]] = {}
        self._rankings: dict[tuple[Question, int], Mapping[int, int]] = {}

    def told(self, question: Question, entity: int) -> Sequence[PastOutcome]:
        """Outcomes of a series in all runs, oldest first."""
        if question not in self._told:
            number = self._numbers.get(question)
            span = (NO_ENTITY, NO_ENTITY) if question.is_ranking_of_all else self._range
            self._told[question] = (
                {} if number is None else self._answer_index.outcomes(number, *span)
            )
        return self._told[question].get(entity, ())

    def counts(self, question: Question, told: PastOutcome) -> Mapping[int, int]:
        """What one answer counts, by key; of a ranking only the entities that are looked at."""
        if not question.is_ranking_of_all:
            return unpack_counts(told.points) if told.points else {}
        if (question, told.run) not in self._rankings:
            low, high = self._range
            ranked = unpack_counts(told.points) if told.points else {}
            ours = {key: value for key, value in ranked.items() if low <= key <= high}
            self._rankings[question, told.run] = ours
        return self._rankings[question, told.run]
