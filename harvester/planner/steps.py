"""The steps of a run: totals, then timelines, then breakdowns, each planned from those before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from harvester.model.question import Question
from harvester.model.rules import Doubt, Proof, Rule
from harvester.model.run_plan import Basis
from harvester.model.terms import Counter, Endpoint, Kind
from harvester.planner.breakdowns import Breakdown
from harvester.planner.derived_timelines import CoarserTimelines
from harvester.planner.families import Family, families
from harvester.planner.inputs import Known
from harvester.planner.planned import Planned
from harvester.planner.rule_trials import TRIALS
from harvester.planner.snapshots import counts, ranking_of_all, rankings_inside
from harvester.planner.step import Conclusion, Step, nothing_worked_out
from harvester.planner.timelines import FineTimeline
from harvester.planner.totals import Totals, conclude_samples


def steps(basis: Basis, known: Known) -> list[Step]:
    """Every step of a run, in order; those with nothing to ask are left out."""
    found = families(basis)
    plain = [each for each in found if not each.is_filtered]
    filtered = [each for each in found if each.is_filtered]
    return [
        *_totals(basis, known),
        *_snapshots(basis, known),
        *_timelines(basis, known, plain, plain),
        *_timelines(basis, known, filtered, plain),
        *_rankings_inside(basis, known),
        *_breakdowns(basis, known, found, plain),
    ]


def _snapshots(basis: Basis, known: Known) -> Iterator[Step]:
    for each in basis.wanted:
        if each.question.endpoint is Endpoint.COUNT:
            yield Step(Endpoint.COUNT, partial(counts, basis, known, each.question), waits=False)
        elif each.question.is_ranking_of_all:
            yield Step(
                Endpoint.TOP, partial(ranking_of_all, basis, known, each.question), waits=False
            )


def _rankings_inside(basis: Basis, known: Known) -> Iterator[Step]:
    totals = {(q.kind, q.counter): q for q in _total_questions(basis)}
    for each in basis.wanted:
        question = each.question
        if question.endpoint is Endpoint.TOP and not question.is_ranking_of_all:
            total = totals.get((question.kind, question.counter))
            asks = partial(rankings_inside, basis, known, each, total)
            yield Step(Endpoint.TOP, asks, waits=basis.skips and total is not None)


def _total_questions(basis: Basis) -> list[Question]:
    asked = [each.question for each in (*basis.wanted, *basis.evidence)]
    return [q for q in asked if q.endpoint is Endpoint.TOTAL and q.counter is not None]


def _totals(basis: Basis, known: Known) -> Iterator[Step]:
    questions = _total_questions(basis)
    if not questions:
        return

    def some() -> list[Totals]:
        return [Totals(basis, known, each) for each in questions]

    if any(each.question.is_ranking_of_all for each in basis.evidence):
        yield Step(Endpoint.TOP, lambda: _chained(each.rankings for each in some()), waits=False)
    if basis.evidence and any(
        not each.question.endpoint.has_granularity for each in basis.evidence
    ):
        yield Step(
            Endpoint.TOTAL,
            lambda: chain(
                _chained(_combined_once(some())), _chained(each.samples for each in some())
            ),
            lambda: _joined_conclusion(conclude_samples(some())),
        )
    is_cheap = any(not each.question.endpoint.has_granularity for each in basis.evidence)
    yield Step(
        Endpoint.TOTAL,
        lambda: _chained(each.rest for each in some()),
        lambda: Conclusion(doubts=[doubt for each in some() for doubt in each.fallen()]),
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
    basis: Basis, known: Known, some: Sequence[Family], plain: Sequence[Family]
) -> Iterator[Step]:
    asked = [each for each in some if each.fine]
    if not asked:
        return

    def fine() -> list[FineTimeline]:
        return [FineTimeline(basis, known, each, _bound(each, plain)) for each in asked]

    yield Step(
        Endpoint.TIMELINE,
        lambda: _chained(each.items for each in fine()),
        lambda: _joined(each.conclude() for each in fine()),
        waits=basis.skips and any(each.total or each.is_filtered for each in asked),
    )
    checked = [each for each in asked if each.coarse or each.check or each.plain]
    if not basis.skips or not checked:
        return

    def coarser() -> list[CoarserTimelines]:
        return [CoarserTimelines(basis, known, each) for each in checked]

    yield Step(
        Endpoint.TIMELINE,
        lambda: _chained(each.items for each in coarser()),
        lambda: _joined(Conclusion(each.conclude()) for each in coarser()),
        lambda: chain.from_iterable(each.work_out() for each in coarser()),
        is_spared=all(_derives_all(each, known) for each in checked),
    )


def _derives_all(family: Family, known: Known) -> bool:
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
    basis: Basis, known: Known, some: Sequence[Family], plain: Sequence[Family]
) -> Iterator[Step]:
    for family in some:
        evidence = family if family.fine else _bound(family, plain)
        for wanted in family.breakdowns:
            make = partial(Breakdown, basis, known, family, evidence, wanted)
            yield Step(
                Endpoint.BREAKDOWN,
                lambda make=make: make().items(),  # type: ignore[misc]  # bound per step
                lambda make=make: make().conclude(),  # type: ignore[misc]  # bound per step
                nothing_worked_out,
                waits=basis.skips and bool(evidence or family.total),
            )


def _joined(conclusions: Iterable[Conclusion]) -> Conclusion:
    """Conclusions of several families as one."""
    proofs: list[Proof] = []
    doubts: list[Doubt] = []
    for each in conclusions:
        proofs += each.proofs
        doubts += each.doubts
    return _joined_conclusion(Conclusion(proofs, doubts))


def _joined_conclusion(conclusion: Conclusion) -> Conclusion:
    """One proof for each rule, kind and counter: it holds when it held everywhere."""
    found: dict[tuple[Rule, Kind, Counter | None], Proof] = {}
    for each in conclusion.proofs:
        key = (each.rule, each.kind, each.counter)
        found[key] = joined(found[key], each) if key in found else each
    return Conclusion(list(found.values()), conclusion.doubts)


def joined(one: Proof, other: Proof) -> Proof:
    """Two trials of a rule as one."""
    worse = one if not one.holds else other
    return Proof(
        one.rule, one.kind, one.counter, one.tried + other.tried, one.holds and other.holds,
        worse.sentence,
    )  # fmt: skip
