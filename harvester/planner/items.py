"""What a plan is made of: requests, and stretches that need none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.told import Told
from harvester.planner.stretches import window_of


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """A stretch of one series that needs no request.

    Attributes:
        saved: the request it saves, with the window of the whole stretch.
        reason: a short stable word (contract §3).
        proof: its sentence.
    """

    saved: Request
    reason: str
    proof: str


class Planned(NamedTuple):
    """One line of a plan.

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
    mine: Iterable[Told],
) -> Iterator[Planned]:
    """Put the decision about one series beside what this run has already asked of it.

    What was asked stays asked, also where evidence that came later (a failure put back and
    answered) would have saved it.

    Args:
        mine: this run's outcomes of the series.
    """
    asked = {each.first: each for each in mine if not each.state.is_worked_out}
    for request in requests:
        first = request.slot[1]
        yield Planned(request, asked.pop(first, None) is not None)
    if not asked:
        yield from (Planned(each) for each in spared)
        return
    for each in asked.values():
        window = window_of((each.first, each.last)) if each.last else None
        shown = window_of((each.first, each.shown)).last if each.shown != each.last else None
        yield Planned(Request(question, entity or None, window, shown_to=shown), is_in=True)
