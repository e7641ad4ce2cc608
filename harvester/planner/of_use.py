"""Which evidence is still of use: where nothing is missing there is nothing to save."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.model.terms import Counter, Endpoint, Kind
from harvester.model.wanted import Wanted
from harvester.planner.families import families
from harvester.planner.inputs import Basis, Known, by_entity, in_chunks
from harvester.planner.series import Missing, earlier_answers

_Topic = tuple[Kind, Counter | None]


def still_of_use(basis: Basis, known: Known) -> Iterator[Wanted]:
    """The evidence of a run about to begin, less what only finds out about days that are here.

    Rankings and totals of all counters serve totals that the job wants, too. Timelines stay:
    through them is known what earlier runs were told.
    """
    totals = {_topic(each) for each in basis.wanted if each.question.endpoint is Endpoint.TOTAL}
    open_topics = set[_Topic]()
    for each in _telling(basis):
        if _topic(each) not in open_topics and _is_missing(basis, known, each):
            open_topics.add(_topic(each))
    for each in basis.evidence:
        kind, counter = _topic(each)
        is_cheap = each.question.is_ranking_of_all or each.question.is_undocumented
        served = open_topics | totals if is_cheap else open_topics
        is_served = any(kind is k and counter in {None, c} for k, c in served)
        if is_served or each.question.endpoint is Endpoint.TIMELINE:
            yield each


def _telling(basis: Basis) -> Iterator[Wanted]:
    """The questions whose missing days a total might spare.

    Where the finest timeline of all events has no gap, it tells more than any total.
    """
    fine = [each for each in families(basis) if each.fine and not each.is_filtered]
    for family in fine:
        for window in family.fine_windows:
            if family.fine:
                yield Wanted(family.fine, window)
    topics = {(each.kind, each.counter) for each in fine}
    for each in basis.wanted:
        if each.question.endpoint.has_granularity and _topic(each) not in topics:
            yield each


def _topic(wanted: Wanted) -> _Topic:
    return wanted.question.kind, wanted.question.counter


def _is_missing(basis: Basis, known: Known, wanted: Wanted) -> bool:
    """Whether any series has days that no earlier run settled."""
    if wanted.window is None:
        return True
    missing = Missing(basis, wanted.question, wanted.window)
    return any(
        missing.of(earlier_answers(told.get(entity, ()), basis.number))
        for chunk in in_chunks(basis.entities.get(wanted.question.kind, ()))
        for told in [by_entity(known, wanted.question, chunk)]
        for entity in chunk
    )
