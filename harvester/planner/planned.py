"""What a plan is made of: requests, and stretches that need none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from harvester.model.dates import day_of
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.planner.intervals import DayRange, range_of, range_window, subtract_all


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """A stretch of one series that needs no request.

    Attributes:
        saved: the request it saves, with the window of the whole stretch.
        reason: a short stable word (docs/contract.md §3).
        proof: its sentence.
    """

    saved: Request
    reason: str
    proof: str


class Planned(NamedTuple):
    """One entry of a plan: a request, or a stretch that needs none.

    Attributes:
        is_in: whether the request has an outcome in this run.
    """

    item: Request | NotNeeded
    is_in: bool = False


COVERED = "covered"
ANSWERED_BY = "answered_by"


def planned(
    question: Question,
    entity: int,
    requests: Iterable[Request],
    spared: Iterable[NotNeeded],
    mine: Iterable[PastOutcome],
) -> Iterator[Planned]:
    """Put the decision about one series beside what this run has already asked of it.

    What was asked stays asked, also where evidence that came later (a failure put back and
    answered) would have saved it. And what was derived stays so until the next run, also where
    such evidence broke the rule by which it was: its rows may be out already.

    Args:
        mine: this run's outcomes of the series.
    """
    asked = {each.first: each for each in mine if not each.state.is_derived}
    some, lines = list(requests), list(spared)
    if derived_answers := [each for each in mine if each.state.is_derived]:
        lines += _standing(some, derived_answers)
        some = [each for each in some if not _overlapping(each, derived_answers)]
    if not asked and not (some and lines):
        yield from map(Planned, some)
        yield from map(Planned, lines)
        return
    left = dict(asked)
    holes: list[DayRange] = []
    for request in some:
        if request.window:
            holes.append(range_of(request.window))
        first = request.slot[1]
        if before := left.pop(first, None):
            yield Planned(_as_asked(question, entity, before), is_in=True)
        elif not any(each.first <= first <= each.last for each in asked.values()):
            yield Planned(request)
    for told in left.values():
        yield Planned(_as_asked(question, entity, told), is_in=True)
    holes += [(told.first, told.last) for told in left.values()]
    for stretch in lines:
        yield from map(Planned, _unasked(stretch, holes) if holes or left else [stretch])


def _standing(
    requests: Iterable[Request], derived_answers: Sequence[PastOutcome]
) -> Iterator[NotNeeded]:
    """What would be asked by now, and was derived before."""
    for request in requests:
        if told := _overlapping(request, derived_answers):
            said = "worked out before the rule was found not to hold"
            if request.window:
                said += ": the next run asks it"
            yield NotNeeded(request, told.state.value, said)


def _overlapping(request: Request, derived_answers: Sequence[PastOutcome]) -> PastOutcome | None:
    if request.window is None:
        return derived_answers[0]
    first, last = range_of(request.window)
    return next(
        (each for each in derived_answers if each.first <= last and each.last >= first), None
    )


def _unasked(spared: NotNeeded, asked: Sequence[DayRange]) -> Iterator[NotNeeded]:
    """What of a stretch is not asked all the same; windows are laid over days between others."""
    if window := spared.saved.window:
        for part in subtract_all([range_of(window)], asked):
            yield replace(spared, saved=replace(spared.saved, window=range_window(part)))


def _as_asked(question: Question, entity: int, told: PastOutcome) -> Request:
    """The request that an outcome belongs to."""
    if not told.last:
        return Request(question, entity or None)
    last = told.sent_last or told.last
    # An answer that was cut short shows less than was sent, too.
    shown = day_of(told.shown) if told.shown != last else None
    return Request(question, entity or None, range_window((told.first, last)), shown_to=shown)
