"""Totals asked one by one all the same: they show whether the cheaper ways tell the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harvester.model.question import Question
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Counter
from harvester.planner.inputs import EvidenceSource, by_entity, in_chunks, of_run
from harvester.planner.rule_trials import TRIALS, trials_left
from harvester.planner.total_shortcuts import TotalRanking, TotalShortcuts

# Between two requests an item may be looked at: one event more is no contradiction.
_DRIFT = 1


class Samples:
    """Chooses samples of one kind and counter, and compares them."""

    def __init__(
        self, inputs: PlanInputs, known: EvidenceSource, question: Question, cheaper: TotalShortcuts
    ) -> None:
        if question.counter is None:
            raise ValueError("the total of all counters is compared with each one's own")
        self._inputs = inputs
        self._known = known
        self._question = question
        self._cheaper = cheaper
        self._counter: Counter = question.counter
        self._ids = inputs.entities.get(question.kind, ())

    def chosen(self) -> list[int]:
        """All samples, ascending."""
        chosen = set(self.first_ids()) if self._cheaper.uses_combined else set[int]()
        ranking = self._cheaper.ranking()
        if ranking:
            chosen.update(self._unranked(ranking), self._highest(ranking))
        return sorted(chosen)

    def first_ids(self) -> Sequence[int]:
        """Those that the totals of all counters are compared on."""
        return self._ids[: self._trials(Rule.COMBINED_IS_TOTALS, None)]

    def _unranked(self, ranking: TotalRanking) -> list[int]:
        """Some of those that a ranking lacks, from all over the ids."""
        lacking = [each for each in self._ids if not ranking.values.get(each)]
        return spread(lacking, self._trials(Rule.UNRANKED_IS_ZERO, self._counter))

    def _highest(self, ranking: TotalRanking) -> list[int]:
        """The busiest, which show a ranking that lags behind, and some from all over."""
        ranked = [each for each in self._ids if ranking.values.get(each)]
        wanted = self._trials(Rule.RANKING_IS_TOTALS, self._counter)
        by_value = sorted(ranked, key=lambda each: (-ranking.values[each], each))
        busiest = by_value[: (wanted + 1) // 2]
        return [*busiest, *spread(by_value[len(busiest) :], wanted // 2)]

    def _trials(self, rule: Rule, counter: Counter | None) -> int:
        trials = self._known.trials(rule, self._question.kind, counter)
        if not trials.held_before:
            return 0
        if trials.before < TRIALS:
            return TRIALS
        return trials_left(trials, self._counter, self._inputs.number)

    def conclude(self) -> list[RuleTrial]:
        """Compare the samples with the ranking and with the totals of all counters."""
        told = self._told_now(self.chosen())
        trials_made = []
        ranking = self._cheaper.ranking()
        if ranking:
            trials_made += [
                self._compared(Rule.UNRANKED_IS_ZERO, self._unranked(ranking), told, {}),
                self._compared(
                    Rule.RANKING_IS_TOTALS, self._highest(ranking), told, ranking.values
                ),
            ]
        if self._cheaper.uses_combined:
            first = self.first_ids()
            combined = self._cheaper.combined_values(first)
            trials_made.append(self._compared(Rule.COMBINED_IS_TOTALS, first, told, combined))
        return [each for each in trials_made if each.tried]

    def _compared(
        self,
        rule: Rule,
        ids: Sequence[int],
        told: Mapping[int, int | None],
        cheap: Mapping[int, int],
    ) -> RuleTrial:
        may_lack = rule is not Rule.COMBINED_IS_TOTALS
        # What failed shows nothing.
        answered = [each for each in ids if each in told]
        for each in answered:
            said, value = cheap.get(each, 0 if may_lack else None), told[each]
            if said == value:
                continue
            # Null is no 0: asked one by one, it would make no row.
            if said is None or value is None or not 0 <= value - said <= _DRIFT:
                sentence = f"{self._question.key}/{each}: {rule} says {said}, its own total {value}"
                return self._proof(rule, len(answered), sentence, holds=False)
        sentence = f"{len(answered)} totals asked one by one say the same"
        return self._proof(rule, len(answered), sentence, holds=True)

    def _proof(self, rule: Rule, tried: int, sentence: str, *, holds: bool) -> RuleTrial:
        return RuleTrial(rule, self._question.kind, self._counter, tried, holds, sentence)

    def _told_now(self, ids: Sequence[int]) -> dict[int, int | None]:
        """Totals of this run; None: answered with null; absent: failed, or not asked."""
        found: dict[int, int | None] = {}
        for chunk in in_chunks(ids):
            for entity, told in by_entity(self._known, self._question, chunk).items():
                for each in of_run(told, self._inputs.number):
                    if each.is_answer:
                        found[entity] = each.value
        return found


def spread(ids: Sequence[int], number: int) -> list[int]:
    """So many of the ids, at even distances."""
    if len(ids) <= number:
        return list(ids)
    return [ids[place * len(ids) // number] for place in range(number)]
