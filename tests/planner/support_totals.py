"""A service that tells totals in several ways, and the steps of a run through them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from harvester.model.dates import epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.packed_counts import pack_counts
from harvester.model.question import Question, Wanted
from harvester.model.request import NO_ENTITY, Request
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs, Settlement
from harvester.model.terms import Counter, Endpoint, Kind, State
from harvester.planner.inputs import NoEvidence, RuleRecord
from harvester.planner.planned import NotNeeded, Planned
from harvester.planner.total_shortcuts import combined_of
from harvester.planner.totals import Totals

TODAY = Settlement(date(2026, 7, 4), settle_days=3)
RUN = 4  # a run of which no rule is tried on views again, once it is believed
KIND, VIEWS = Kind.ARTICLE, Counter.VIEWS
TOTAL = Question(Endpoint.TOTAL, KIND, VIEWS)
IDS = list(range(1, 101))
# A third has events, as many as its id says.
TRUTH: Mapping[int, int | None] = {n: n if n % 3 == 0 else 0 for n in IDS}
RANKED = {n: value for n, value in TRUTH.items() if value}


@dataclass(slots=True)
class Ledger(NoEvidence):
    """What the run knows: what it was told, and how the rules fared."""

    answers: dict[Question, dict[int, list[PastOutcome]]] = field(default_factory=dict)
    before: Mapping[Rule, RuleRecord] = field(default_factory=dict)
    trials_made: list[RuleTrial] = field(default_factory=list)

    def outcomes(
        self, question: Question, low: int, high: int
    ) -> Mapping[int, Sequence[PastOutcome]]:
        found = self.answers.get(question, {})
        return {entity: told for entity, told in found.items() if low <= entity <= high}

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> RuleRecord:  # noqa: ARG002
        mine = [proof for proof in self.trials_made if proof.rule is rule]
        past = self.before.get(rule, RuleRecord())
        holds = past.held_before and all(proof.holds for proof in mine)
        return RuleRecord(past.before, bool(mine), past.held_before, holds)

    def keep(self, question: Question, entity: int, value: int | None, **more: object) -> None:
        is_nothing = value is None
        told = PastOutcome(RUN, epoch_day(TODAY.snapshot), 0, 0, 0,
                    State.EMPTY if is_nothing else State.DONE, 1, value, 77, None)  # fmt: skip
        told = told._replace(**more)  # type: ignore[arg-type]  # fields of a tuple
        self.answers.setdefault(question, {})[entity] = [told]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        samples: ids asked one by one to see whether the cheaper ways are right.
        asked: all ids asked one by one, these among them.
        told: totals that needed no request of their own.
    """

    samples: list[int]
    asked: set[int]
    told: Mapping[int, int | None]
    trials_made: Mapping[Rule, RuleTrial]


def ran(
    ledger: Ledger,
    ranks: int | None,
    truth: Mapping[int, int | None] = TRUTH,
    failing: Collection[int] = (),
    *,
    is_combined: bool = False,
) -> Outcome:
    """Go through the steps of the totals: samples, what they show, the rest."""
    evidence = [Wanted(ranking_of(ranks))] if ranks else []
    evidence += [Wanted(combined_of(TOTAL))] if is_combined else []
    totals = Totals(PlanInputs(RUN, [Wanted(TOTAL)], {KIND: IDS}, TODAY, evidence), ledger, TOTAL)
    samples = _requests(totals.samples())
    for entity in samples:
        if entity not in failing:
            ledger.keep(TOTAL, entity, truth[entity])
    ledger.trials_made += totals.conclude_samples()
    rest = [*totals.rest()]
    told = {each.entity_id: each.value for each in totals.work_out()}
    spared = {each.item.saved.entity_id for each in rest if isinstance(each.item, NotNeeded)}
    assert spared == set(told), "what is said to be told is told"
    by_rule = {proof.rule: proof for proof in ledger.trials_made}
    asked = {*samples, *_requests(rest)}
    assert asked | spared == set(IDS), "nobody is forgotten"
    assert not set(_requests(rest)) & spared
    return Outcome(samples, asked, told, by_rule)


def _requests(items: Sequence[Planned] | object) -> list[int]:
    assert hasattr(items, "__iter__")
    return [each.item.entity_id or 0 for each in items
            if isinstance(each.item, Request) and not each.is_in]  # fmt: skip


def ranking_of(ranks: int) -> Question:
    return Question(Endpoint.TOP, KIND, VIEWS, ranks=ranks)


def with_ranking(values: Mapping[int, int], ranks: int, *, entries: int | None = None) -> Ledger:
    """A ledger that has a ranking of these; `entries` where it lists some without events."""
    ledger = Ledger()
    ledger.keep(ranking_of(ranks), NO_ENTITY, len(values) if entries is None else entries,
                points=pack_counts(values))  # fmt: skip
    return ledger


def with_combined(truth: Mapping[int, int | None]) -> Ledger:
    """A ledger that has the totals of all counters; None: the service has none."""
    ledger = Ledger()
    place = list(Counter).index(VIEWS)
    for n, value in truth.items():
        points = pack_counts({place: value, 2: 9}) if value is not None else None
        ledger.keep(combined_of(TOTAL), n, value, points=points)
    return ledger


def changed(**values: int | None) -> dict[int, int | None]:
    """The truth, but for some: `changed(n7=None)`."""
    return {**TRUTH, **{int(key[1:]): value for key, value in values.items()}}
