"""Which evidence is worth its requests: asked though the job does not ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harvester.model.dates import Window
from harvester.model.question import Question, Wanted
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.planner.families import check_of, families, is_long, last_years
from harvester.planner.inputs import EvidenceSource, by_entity, in_chunks
from harvester.planner.series import MissingDays, earlier_answers
from harvester.planner.total_shortcuts import combined_of
from harvester.planner.windows import split_window

# Of 16,045 items seen in 2022, 1 had no views, 5,194 no downloads and 15,638 no shares
# (figshare-api, §2); groups and authors are sums of many items.
_ITEMS_WITHOUT = {Counter.VIEWS: 0.0001, Counter.DOWNLOADS: 0.32, Counter.SHARES: 0.97}
_SUMS_WITHOUT = {Counter.VIEWS: 0.0, Counter.DOWNLOADS: 0.05, Counter.SHARES: 0.6}
# Of the breakdown windows of a series with events, and of the series with events in a month:
# shares that count nothing, in the simulator's long tail over ten years.
_EMPTY_WINDOWS = {Counter.VIEWS: 0.4, Counter.DOWNLOADS: 0.5, Counter.SHARES: 0.8}
_QUIET_SERIES = 0.7

_SUMS = {Kind.GROUP, Kind.AUTHOR}


@dataclass(frozen=True, slots=True)
class PlannerOptions:
    """What a job allows the planner: saving at all, and which cheaper ways.

    Attributes:
        skips: whether evidence may save anything.
        combined, ranked: `planner.combined_totals`, `planner.ranked_totals`.
        is_first: whether the job has not run before.
    """

    skips: bool
    combined: bool = False
    ranked: bool = False
    is_first: bool = True


def evidence_for(
    wanted: Sequence[Wanted], entities: Mapping[Kind, Sequence[int]], means: PlannerOptions
) -> list[Wanted]:
    """What is asked beside what the job wants, in stage order."""
    totals = list(_totals(wanted, means)) if means.skips else []
    timelines = list(_timelines(wanted, means)) if means.skips else []
    checks = list(_checks([*wanted, *timelines])) if means.skips else []
    all_totals = [
        each.question
        for each in (*wanted, *totals)
        if each.question.endpoint is Endpoint.TOTAL and entities.get(each.question.kind)
    ]
    cheap = [*_ranked(all_totals, wanted, entities, means), *_combined(all_totals, means)]
    return [*cheap, *totals, *timelines, *checks]


def resumed_evidence(before: Sequence[Wanted], now: Sequence[Wanted]) -> list[Wanted]:
    """The evidence of a run that has begun to ask and now has more entities: nothing goes.

    A ranking keeps its length, which is well above the number of items, so that it is not
    asked a second time.
    """
    taken = {replace(each.question, ranks=None) for each in before}
    fresh = [each for each in now if replace(each.question, ranks=None) not in taken]
    return [*before, *fresh]


def _totals(wanted: Sequence[Wanted], means: PlannerOptions) -> Iterator[Wanted]:
    """Totals that save more requests than they cost."""
    has = {_topic(each) for each in wanted if each.question.endpoint is Endpoint.TOTAL}
    for topic, mine in _by_topic(wanted).items():
        kind, counter = topic
        if topic in has:
            continue
        costs = 0.1 if means.ranked else 1.0
        without = (_SUMS_WITHOUT if kind in _SUMS else _ITEMS_WITHOUT)[counter]
        saves = without * _requests_of_first(mine)
        if not means.is_first:
            saves = _QUIET_SERIES * _requests_of_next(mine)
        if saves > costs:
            yield Wanted(Question(Endpoint.TOTAL, kind, counter,
                                  institution=mine[0].question.institution))  # fmt: skip


def _timelines(wanted: Sequence[Wanted], means: PlannerOptions) -> Iterator[Wanted]:
    """Timelines that show which windows of a breakdown are empty."""
    del means
    for (_, counter), mine in _by_topic(wanted).items():
        plain = [each for each in mine if each.question.sub_item is None]
        breakdowns = [each for each in mine if each.question.endpoint is Endpoint.BREAKDOWN]
        timelines = [each for each in plain if each.question.endpoint is Endpoint.TIMELINE]
        if not breakdowns:
            continue
        finest = min(breakdowns, key=lambda each: _length(each.question))
        granularity = min(_length(finest.question), Granularity.YEAR.coarseness)
        if is_long(Granularity.YEAR, _around(mine)):
            # As many requests, and shorter periods say more of long ones.
            granularity = min(granularity, Granularity.MONTH.coarseness)
        if any(_length(each.question) <= granularity for each in timelines):
            continue
        windows = sum(_windows(each) for each in breakdowns)
        # A coarser timeline that the job wants comes out of it for nothing.
        costs = 1 - len({each.question for each in timelines})
        if windows * _EMPTY_WINDOWS[counter] > costs and finest.window:
            question = replace(
                finest.question,
                endpoint=Endpoint.TIMELINE,
                granularity=list(Granularity)[granularity],
                sub_item=None,
                sub_item_id=None,
            )
            yield Wanted(question, _around([*breakdowns, *timelines]))


def _checks(wanted: Sequence[Wanted]) -> Iterator[Wanted]:
    """Coarser timelines of a few series, to see that a long window is answered whole."""
    asked = {each.question for each in wanted}
    for each in wanted:
        question, window = each.question, each.window
        if question.endpoint is not Endpoint.TIMELINE or window is None:
            continue
        check = check_of(question)
        granularity = question.granularity
        if check and granularity and check not in asked and is_long(granularity, window):
            asked.add(check)
            yield Wanted(check, last_years(check.granularity or granularity, window))


def _ranked(
    totals: Sequence[Question],
    wanted: Sequence[Wanted],
    entities: Mapping[Kind, Sequence[int]],
    means: PlannerOptions,
) -> Iterator[Wanted]:
    """One ranking of the whole institution for each kind and counter."""
    taken = {each.question for each in wanted}
    for total in totals:
        if not means.ranked or total.institution is None:
            continue
        # More than the institution is likely to have: a ranking with fewer entries is complete.
        ranks = 2 * len(entities[total.kind]) + 1_000
        question = replace(total, endpoint=Endpoint.TOP, ranks=ranks)
        yield Wanted(replace(question, ranks=ranks + 1) if question in taken else question)


def _combined(totals: Sequence[Question], means: PlannerOptions) -> Iterator[Wanted]:
    """The total of all counters, where it is cheaper than those of some."""
    if not means.combined:
        return
    kinds = [total.kind for total in totals]
    for total in {combined_of(each): each for each in totals}.values():
        if kinds.count(total.kind) > 1:
            yield Wanted(combined_of(total))


def _by_topic(wanted: Sequence[Wanted]) -> dict[tuple[Kind, Counter], list[Wanted]]:
    found: dict[tuple[Kind, Counter], list[Wanted]] = {}
    for each in wanted:
        if each.question.endpoint.has_granularity and each.question.counter:
            found.setdefault((each.question.kind, each.question.counter), []).append(each)
    return found


def _topic(wanted: Wanted) -> _Topic:
    return wanted.question.kind, wanted.question.counter


def _requests_of_first(wanted: Sequence[Wanted]) -> float:
    """What a series without events costs when nothing is known: its timelines and breakdowns."""
    fine = {
        (each.question.sub_item, each.question.sub_item_id)
        for each in wanted
        if each.question.endpoint is Endpoint.TIMELINE
    }
    breakdowns = [each for each in wanted if each.question.endpoint is Endpoint.BREAKDOWN]
    # With its empty timeline a series would not be asked for places.
    return len(fine) + (0 if fine else sum(_windows(each) for each in breakdowns))


def _requests_of_next(wanted: Sequence[Wanted]) -> float:
    """What a series costs a month later: one timeline, and nothing for places when it is empty."""
    return float(len({each.question.sub_item_id for each in wanted}))


def _windows(wanted: Wanted) -> int:
    granularity = wanted.question.granularity
    if wanted.window is None or granularity is None:
        return 1
    return sum(1 for _ in split_window(wanted.window, Endpoint.BREAKDOWN, granularity))


def _around(wanted: Sequence[Wanted]) -> Window:
    windows = [each.window for each in wanted if each.window]
    return Window(min(each.first for each in windows), max(each.last for each in windows))


def _length(question: Question) -> int:
    return question.granularity.coarseness if question.granularity else 0


_Topic = tuple[Kind, Counter | None]


def useful_evidence(inputs: PlanInputs, known: EvidenceSource) -> Iterator[Wanted]:
    """The evidence of a run about to begin, less what only finds out about days that are here.

    Rankings and totals of all counters serve totals that the job wants, too. Timelines stay:
    through them is known what earlier runs were told.
    """
    totals = {_topic(each) for each in inputs.wanted if each.question.endpoint is Endpoint.TOTAL}
    open_topics = set[_Topic]()
    for each in _telling(inputs):
        if _topic(each) not in open_topics and _is_missing(inputs, known, each):
            open_topics.add(_topic(each))
    for each in inputs.evidence:
        kind, counter = _topic(each)
        is_cheap = each.question.is_ranking_of_all or each.question.is_undocumented
        served = open_topics | totals if is_cheap else open_topics
        is_served = any(kind is k and counter in {None, c} for k, c in served)
        if is_served or each.question.endpoint is Endpoint.TIMELINE:
            yield each


def _telling(inputs: PlanInputs) -> Iterator[Wanted]:
    """The questions whose missing days a total might spare.

    Where the finest timeline of all events has no gap, it tells more than any total.
    """
    fine = [each for each in families(inputs) if each.fine and not each.is_filtered]
    for family in fine:
        for window in family.fine_windows:
            if family.fine:
                yield Wanted(family.fine, window)
    topics = {(each.kind, each.counter) for each in fine}
    for each in inputs.wanted:
        if each.question.endpoint.has_granularity and _topic(each) not in topics:
            yield each


def _is_missing(inputs: PlanInputs, known: EvidenceSource, wanted: Wanted) -> bool:
    """Whether any series has days that no earlier run settled."""
    if wanted.window is None:
        return True
    missing = MissingDays(inputs, wanted.question, wanted.window)
    return any(
        missing.of(earlier_answers(told.get(entity, ()), inputs.number))
        for chunk in in_chunks(inputs.entities.get(wanted.question.kind, ()))
        for told in [by_entity(known, wanted.question, chunk)]
        for entity in chunk
    )
