"""One step of a run: what is asked before the next step can be planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harvester.model.outcomes import DerivedAnswer
from harvester.model.rules import Contradiction, RuleTrial
from harvester.model.terms import Endpoint
from harvester.planner.planned import Planned


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the answers of a step show: trials of rules, and series that contradict themselves."""

    trials_made: Sequence[RuleTrial] = field(default=())
    contradictions: Sequence[Contradiction] = field(default=())


def nothing_to_conclude() -> Conclusion:
    """Of a step whose answers prove nothing."""
    return Conclusion()


def nothing_derived() -> Iterator[DerivedAnswer]:
    """Of a step whose answers are rows as they are."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Step:
    """Requests that may be asked in any order; their plan needs only what stands before them.

    A conclusion may break a rule that spared requests; the steps are then gone through again
    from the first, and yield what is asked besides. Planned and concluded anew after a restart,
    a step comes to the same.

    Attributes:
        items: every request of the step and every stretch that needs none, answered or not.
        conclude: called when all are answered.
        work_out: called after that; answers that other answers hold, those not kept yet.
        waits: whether answers to earlier steps may spare some of its requests.
        is_spared: whether a rule that has been proven spares all of them, unless it breaks.
    """

    stage: Endpoint
    items: Callable[[], Iterator[Planned]]
    conclude: Callable[[], Conclusion] = nothing_to_conclude
    work_out: Callable[[], Iterator[DerivedAnswer]] = nothing_derived
    waits: bool = True
    is_spared: bool = False
