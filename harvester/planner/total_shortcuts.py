"""The cheaper ways to one kind's totals of one counter: a ranking of all, or all counters at once.

What they say, and whether that is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from harvester.model.outcomes import PastOutcome
from harvester.model.packed_counts import unpack_counts
from harvester.model.question import Question
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rules import Rule
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Counter, Endpoint, State
from harvester.planner.inputs import EvidenceSource, by_entity, of_run
from harvester.planner.rule_trials import TRIALS


@dataclass(frozen=True, slots=True)
class TotalRanking:
    """What a ranking of all items says in this run.

    Attributes:
        values: events by id; who is not in it has none, where it is complete.
        is_complete: it has fewer entries than were asked for, so none is left out.
    """

    question: Question
    values: Mapping[int, int]
    is_complete: bool
    at: int


class ShortcutTotal(NamedTuple):
    """A total that a request about many items has told.

    Attributes:
        key: of that request.
        at: when it was read.
    """

    value: int
    key: str
    at: int


def combined_of(question: Question) -> Question:
    """The undocumented total of all counters beside a total of one."""
    return replace(question, counter=None)


class TotalShortcuts:
    """Totals of one kind and counter as rankings and all-counter totals tell them in this run."""

    def __init__(self, inputs: PlanInputs, known: EvidenceSource, question: Question) -> None:
        if question.counter is None:
            raise ValueError("the total of all counters serves the others, and is no total itself")
        self._inputs = inputs
        self._known = known
        self._kind = question.kind
        self._counter: Counter = question.counter
        asked = {each.question for each in inputs.evidence}
        self.ranked = next((q for q in asked if _ranks(q, question)), None)
        self.combined = next((q for q in asked if q == combined_of(question)), None)

    def ranking_told(self) -> Sequence[PastOutcome]:
        """All outcomes of the ranking, oldest run first."""
        if self.ranked is None:
            return ()
        return self._known.outcomes(self.ranked, NO_ENTITY, NO_ENTITY).get(NO_ENTITY, ())

    def ranking(self) -> TotalRanking | None:
        """The ranking of this run; None: none was asked, or it failed."""
        told = [t for t in of_run(self.ranking_told(), self._inputs.number) if t.is_answer]
        if not told or self.ranked is None:
            return None
        values = unpack_counts(told[0].points) if told[0].points else {}
        is_complete = (told[0].value or 0) < (self.ranked.ranks or 0)
        return TotalRanking(self.ranked, values, is_complete, told[0].at)

    @property
    def uses_combined(self) -> bool:
        """Whether totals of all counters are asked at all: not where a ranking has told them."""
        return self.combined is not None and not self._has_ranking()

    @property
    def trusts_combined(self) -> bool:
        """Whether the totals of all counters have been shown to be right, now or before."""
        trials = self._known.trials(Rule.COMBINED_IS_TOTALS, self._kind, None)
        return trials.holds and (trials.is_judged or trials.before >= TRIALS)

    def _has_ranking(self) -> bool:
        ranking = self.ranking()
        return bool(ranking and ranking.is_complete and self._ranking_holds())

    def _ranking_holds(self) -> bool:
        rules = (Rule.RANKING_IS_TOTALS, Rule.UNRANKED_IS_ZERO)
        return all(self._known.trials(rule, self._kind, self._counter).holds for rule in rules)

    def _is_shown(self, rule: Rule) -> bool:
        """Whether samples bore a rule out, now or before; where all of them failed, none did."""
        trials = self._known.trials(rule, self._kind, self._counter)
        return trials.holds and (trials.is_judged or trials.before >= TRIALS)

    def outcomes(
        self, chunk: Sequence[int], ranking: TotalRanking | None
    ) -> dict[int, ShortcutTotal]:
        """The totals of these entities that need no request of their own."""
        found: dict[int, ShortcutTotal] = {}
        if self.combined and self.trusts_combined:
            for entity, (value, at) in self._combined_told(chunk).items():
                found[entity] = ShortcutTotal(value, Request(self.combined, entity).key, at)
        if ranking is None:
            return found
        has_totals = self._is_shown(Rule.RANKING_IS_TOTALS)
        # A ranking of nothing has no totals that could be tried.
        is_whole = ranking.is_complete and self._ranking_holds()
        lacks_are_zero = is_whole and self._is_shown(Rule.UNRANKED_IS_ZERO)
        for entity in chunk:
            value = ranking.values.get(entity, 0)
            if has_totals if value else lacks_are_zero:
                found[entity] = ShortcutTotal(value, Request(ranking.question).key, ranking.at)
        return found

    def combined_values(self, ids: Sequence[int]) -> dict[int, int]:
        """What the totals of all counters say; absent: not asked, failed, or nothing."""
        return {entity: value for entity, (value, _) in self._combined_told(ids).items()}

    def _combined_told(self, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        place = list(Counter).index(self._counter)
        found = {}
        for entity, told in by_entity(self._known, self.combined, ids).items():
            for each in of_run(told, self._inputs.number):
                if each.state is State.DONE:
                    points = unpack_counts(each.points) if each.points else {}
                    found[entity] = (points.get(place, 0), each.at)
        return found


def _ranks(ranking: Question, total: Question) -> bool:
    return (
        ranking.endpoint is Endpoint.TOP
        and ranking.sub_item is None
        and (ranking.kind, ranking.counter) == (total.kind, total.counter)
    )
