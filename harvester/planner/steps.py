"""The steps of a run: totals, then timelines, then breakdowns, each planned from those before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from harvester.model.question import Question
from harvester.model.rules import Contradiction, Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Counter, Endpoint, Kind
from harvester.planner.breakdowns import Breakdown
from harvester.planner.derived_timelines import CoarserTimelines
from harvester.planner.families import Family, families
from harvester.planner.inputs import EvidenceSource
from harvester.planner.planned import Planned
from harvester.planner.rule_trials import TRIALS
from harvester.planner.snapshots import counts, ranking_of_all, rankings_inside
from harvester.planner.step import Conclusion, Step, nothing_derived
from harvester.planner.timelines import FineTimeline
from harvester.planner.totals import Totals, conclude_samples


def steps(inputs: PlanInputs, known: EvidenceSource) -> list[Step]:
    """Every step of a run, in order; those with nothing to ask are left out."""
    found = families(inputs)
    plain = [each for each in found if not each.is_filtered]
    filtered = [each for each in found if each.is_filtered]
    return [
        *_totals(inputs, known),
        *_snapshots(inputs, known),
        *_timelines(inputs, known, plain, plain),
        *_timelines(inputs, known, filtered, plain),
        *_rankings_inside(inputs, known),
        *_breakdowns(inputs, known, found, plain),
    ]


def _snapshots(inputs: PlanInputs, known: EvidenceSource) -> Iterator[Step]:
    for each in inputs.wanted:
        if each.question.endpoint is Endpoint.COUNT:
            yield Step(Endpoint.COUNT, partial(counts, inputs, known, each.question), waits=False)
        elif each.question.is_ranking_of_all:
            yield Step(
                Endpoint.TOP, partial(ranking_of_all, inputs, known, each.question), waits=False
            )


def _rankings_inside(inputs: PlanInputs, known: EvidenceSource) -> Iterator[Step]:
    totals = {(q.kind, q.counter): q for q in _total_questions(inputs)}
    for each in inputs.wanted:
        question = each.question
        if question.endpoint is Endpoint.TOP and not question.is_ranking_of_all:
            total = totals.get((question.kind, question.counter))
            asks = partial(rankings_inside, inputs, known, each, total)
            yield Step(Endpoint.TOP, asks, waits=inputs.skips and total is not None)


def _total_questions(inputs: PlanInputs) -> list[Question]:
    asked = [each.question for each in (*inputs.wanted, *inputs.evidence)]
    return [q for q in asked if q.endpoint is Endpoint.TOTAL and q.counter is not None]


def _totals(inputs: PlanInputs, known: EvidenceSource) -> Iterator[Step]:
    questions = _total_questions(inputs)
    if not questions:
        return

    def some() -> list[Totals]:
        return [Totals(inputs, known, each) for each in questions]

    if any(each.question.is_ranking_of_all for each in inputs.evidence):
        yield Step(Endpoint.TOP, lambda: _chained(each.rankings for each in some()), waits=False)
    if inputs.evidence and any(
        not each.question.endpoint.has_granularity for each in inputs.evidence
    ):
        yield Step(
            Endpoint.TOTAL,
            lambda: chain(
                _chained(_combined_once(some())), _chained(each.samples for each in some())
            ),
            lambda: _joined_conclusion(conclude_samples(some())),
        )
    is_cheap = any(not each.question.endpoint.has_granularity for each in inputs.evidence)
    yield Step(
        Endpoint.TOTAL,
        lambda: _chained(each.rest for each in some()),
        lambda: Conclusion(contradictions=[doubt for each in some() for doubt in each.fallen()]),
        lambda: chain.from_iterable(each.work_out() for each in some()),
        waits=is_cheap,
    )


def _combined_once(totals: Iterable[Totals]) -> Iterator[Callable[[], Iterator[Planned]]]:
    """One request has all counters, so one of a kind's totals asks for it."""
    first: dict[Kind, Totals] = {}
    for each in totals:
        first.setdefault(each.question.kind, each)
    return (each.combined for each in first.values())


def _chained(parts: Iterable[Callable[[], Iterator[Planned]]]) -> Iterator[Planned]:
    return chain.from_iterable(part() for part in parts)


def _timelines(
    inputs: PlanInputs, known: EvidenceSource, some: Sequence[Family], plain: Sequence[Family]
) -> Iterator[Step]:
    asked = [each for each in some if each.fine]
    if not asked:
        return

    def fine() -> list[FineTimeline]:
        return [FineTimeline(inputs, known, each, _bound(each, plain)) for each in asked]

    yield Step(
        Endpoint.TIMELINE,
        lambda: _chained(each.items for each in fine()),
        lambda: _joined(each.conclude() for each in fine()),
        waits=inputs.skips and any(each.total or each.is_filtered for each in asked),
    )
    checked = [each for each in asked if each.coarse or each.check or each.plain]
    if not inputs.skips or not checked:
        return

    def coarser() -> list[CoarserTimelines]:
        return [CoarserTimelines(inputs, known, each) for each in checked]

    yield Step(
        Endpoint.TIMELINE,
        lambda: _chained(each.items for each in coarser()),
        lambda: _joined(Conclusion(each.conclude()) for each in coarser()),
        lambda: chain.from_iterable(each.work_out() for each in coarser()),
        is_spared=all(_derives_all(each, known) for each in checked),
    )


def _derives_all(family: Family, known: EvidenceSource) -> bool:
    """Whether the job has shown before that a family's coarser timelines need not be asked."""
    derivation = known.trials(Rule.DERIVED, family.kind, family.counter)
    whole = known.trials(Rule.WHOLE_WINDOW, family.kind, family.counter)
    is_shown = derivation.before >= TRIALS and whole.held_before
    held = known.trials(Rule.DERIVED, family.kind, None).held_before
    return not family.plain and (is_shown or not family.coarse) and held


def _bound(family: Family, plain: Sequence[Family]) -> Family | None:
    """The unfiltered family whose events a filtered one's are among."""
    return next(
        (
            each
            for each in plain
            if (each.kind, each.counter) == (family.kind, family.counter) and each.fine
        ),
        None,
    )


def _breakdowns(
    inputs: PlanInputs, known: EvidenceSource, some: Sequence[Family], plain: Sequence[Family]
) -> Iterator[Step]:
    for family in some:
        evidence = family if family.fine else _bound(family, plain)
        for wanted in family.breakdowns:
            make = partial(Breakdown, inputs, known, family, evidence, wanted)
            yield Step(
                Endpoint.BREAKDOWN,
                lambda make=make: make().items(),  # type: ignore[misc]  # bound per step
                lambda make=make: make().conclude(),  # type: ignore[misc]  # bound per step
                nothing_derived,
                waits=inputs.skips and bool(evidence or family.total),
            )


def _joined(conclusions: Iterable[Conclusion]) -> Conclusion:
    """Conclusions of several families as one."""
    trials_made: list[RuleTrial] = []
    contradictions: list[Contradiction] = []
    for each in conclusions:
        trials_made += each.trials_made
        contradictions += each.contradictions
    return _joined_conclusion(Conclusion(trials_made, contradictions))


def _joined_conclusion(conclusion: Conclusion) -> Conclusion:
    """One proof for each rule, kind and counter: it holds when it held everywhere."""
    found: dict[tuple[Rule, Kind, Counter | None], RuleTrial] = {}
    for each in conclusion.trials_made:
        key = (each.rule, each.kind, each.counter)
        found[key] = joined(found[key], each) if key in found else each
    return Conclusion(list(found.values()), conclusion.contradictions)


def joined(one: RuleTrial, other: RuleTrial) -> RuleTrial:
    """Two trials of a rule as one."""
    worse = one if not one.holds else other
    return RuleTrial(
        one.rule, one.kind, one.counter, one.tried + other.tried, one.holds and other.holds,
        worse.sentence,
    )  # fmt: skip
