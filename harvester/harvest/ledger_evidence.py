"""The planner's view of the ledger: what answers of this run and earlier ones tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

from harvester.ledger.ledger import Ledger
from harvester.ledger.runs import Run
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question
from harvester.model.rules import Rule, RuleTrial
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.planner.families import whole_reach
from harvester.planner.inputs import RuleRecord
from harvester.planner.plausible_dates import PlausibleDates, plausible_dates
from harvester.planner.step import Conclusion
from harvester.planner.steps import joined


class LedgerEvidence:
    """Answers the planner's questions from the ledger, and keeps what a step has shown."""

    def __init__(self, ledger: Ledger, run: Run) -> None:
        self._ledger = ledger
        self._run = run
        self._run_ids = {**ledger.runs.ids(), run.number: run.run_id}
        self._trials_made = ledger.evidence.trials_made(run.number)
        # Dates change while entities are gathered, not while a plan is carried out.
        self._dates: dict[Kind, PlausibleDates] = {}
        # An earlier spec may have had as evidence what this one wants; then its rows are not here.
        before = ledger.runs.wanted_before(run.number)
        self._as_evidence = {
            each.question: {
                number for number, filled in before.items() if each.question not in filled
            }
            for each in run.wanted
        }

    def outcomes(
        self, question: Question, low: int, high: int
    ) -> Mapping[int, Sequence[PastOutcome]]:
        """Outcomes by entity, for entities low..high, oldest run first."""
        number = self._ledger.answers.known_id(question)
        if number is None:
            return {}
        has_points = (
            question.endpoint is Endpoint.TIMELINE
            or question.is_ranking_of_all
            or question.is_undocumented
        )
        found = self._ledger.evidence.outcomes(
            number, (low, high), self._run.number, has_points=has_points
        )
        if runs := self._as_evidence.get(question):
            return {
                entity: [each._replace(fills=False) if each.run in runs else each for each in told]
                for entity, told in found.items()
            }
        return found

    def counted_groups(self) -> Mapping[int, int]:
        """The number of the run that counted a group on this run's date, by group."""
        return self._ledger.answers.counted_groups(self._run.snapshot, self._run.number)

    def first_online(self, kind: Kind) -> Mapping[int, date]:
        """The first day with statistics by entity, as far as what listings tell is plausible."""
        if kind not in self._dates:
            self._dates[kind] = plausible_dates(self._ledger.entities.dated(kind))
        return self._dates[kind]

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> RuleRecord:
        """How a rule has fared."""
        mine = [
            (number, proof)
            for number, proof in self._trials_made
            if proof.rule is rule and proof.kind is kind and counter in {None, proof.counter}
        ]
        before = [proof for number, proof in mine if number < self._run.number]
        now = [proof for number, proof in mine if number == self._run.number]
        held_before = all(proof.holds for proof in before)
        return RuleRecord(
            sum(proof.tried for proof in before),
            bool(now),
            held_before,
            held_before and all(proof.holds for proof in now),
        )

    def contradicted(self, question: Question) -> set[int]:
        """Entities of which this question's answers are no evidence in this run."""
        number = self._ledger.answers.known_id(question)
        return (
            set()
            if number is None
            else self._ledger.evidence.contradicted(number, self._run.number)
        )

    def run_id(self, number: int) -> str:
        """The id of a run."""
        return self._run_ids[number]

    def learn(self, conclusion: Conclusion) -> bool:
        """Keep what a step showed; whether any of it is new, so that more may have to be asked."""
        number = self._run.number
        known = {_key(proof): proof for run, proof in self._trials_made if run == number}
        fresh: list[RuleTrial] = []
        for proof in conclusion.trials_made:
            before = known.get(_key(proof))
            # What failed once stays so, also where the rows that showed it have been completed.
            now = joined(before, proof) if before and not before.holds else proof
            if before is None or now.holds != before.holds:
                fresh.append(now)
        evidence, answers = self._ledger.evidence, self._ledger.answers
        contradictions = [
            (answers.question_id(each.question), each) for each in conclusion.contradictions
        ]
        new_doubts = [
            (question, each)
            for question, each in contradictions
            if each.entity_id not in evidence.contradicted(question, number)
        ]
        if fresh:
            self._cut_short(fresh)
            evidence.keep_trials(number, fresh)
            self._trials_made = evidence.trials_made(number)
        if new_doubts:
            evidence.keep_contradictions(number, new_doubts)
        return bool(fresh or new_doubts)

    def _cut_short(self, fresh: Iterable[RuleTrial]) -> None:
        """Where long timelines prove to be cut, those of this run end where they were."""
        topics = {
            (proof.kind, proof.counter)
            for proof in fresh
            if proof.rule is Rule.WHOLE_WINDOW and not proof.holds
        }
        for question in {each.question for each in (*self._run.wanted, *self._run.evidence)}:
            granularity = question.granularity
            is_concerned = (question.kind, question.counter) in topics
            is_in_periods = granularity is not None and granularity is not Granularity.TOTAL
            if granularity and is_in_periods and is_concerned and _is_timeline(question):
                reach = partial(whole_reach, granularity)
                self._ledger.answers.cut_short(self._run.number, question, reach)


def _is_timeline(question: Question) -> bool:
    return question.endpoint is Endpoint.TIMELINE


def _key(proof: RuleTrial) -> tuple[Rule, Kind, Counter | None]:
    return proof.rule, proof.kind, proof.counter
