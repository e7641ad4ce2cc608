"""What the plan may ask the ledger, and what decides a run's plan besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from harvester.model.outcomes import Told
from harvester.model.question import Question
from harvester.model.rules import Rule
from harvester.model.terms import Counter, Kind

# Entities whose outcomes are held at once: bounds memory, however many there are.
_ENTITIES_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Trials:
    """How a rule has fared.

    Attributes:
        before: series that it was tried on by earlier runs.
        is_judged: whether this run has tried it.
        held_before: whether it held in every earlier run.
        holds: the same, this run included.
    """

    before: int = 0
    is_judged: bool = False
    held_before: bool = True
    holds: bool = True


class Known(Protocol):
    """The ledger, as of this run: what earlier runs and the stages before answered."""

    def told(self, question: Question, low: int, high: int) -> Mapping[int, Sequence[Told]]:
        """Outcomes by entity, for entities low..high, oldest run first; 0 is no entity."""

    def counted_groups(self) -> Mapping[int, int]:
        """The number of the run that counted a group on this run's date, by group."""

    def first_online(self, kind: Kind) -> Mapping[int, date]:
        """The first day with statistics by entity; who is not in it may have any."""

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> Trials:
        """How a rule has fared; counter None: with all counters of the kind together."""

    def doubted(self, question: Question) -> set[int]:
        """Entities of which this question's answers are no evidence in this run."""

    def run_id(self, number: int) -> str:
        """The id of a run."""


class NothingKnown:
    """The memory of a job that never ran."""

    def told(self, question: Question, low: int, high: int) -> Mapping[int, Sequence[Told]]:  # noqa: ARG002
        """No answer yet, to no question."""
        return {}

    def counted_groups(self) -> Mapping[int, int]:
        """None yet."""
        return {}

    def first_online(self, kind: Kind) -> Mapping[int, date]:  # noqa: ARG002
        """Not known."""
        return {}

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> Trials:  # noqa: ARG002
        """Never tried."""
        return Trials()

    def doubted(self, question: Question) -> set[int]:  # noqa: ARG002
        """None."""
        return set()

    def run_id(self, number: int) -> str:
        """There is no run; its number will do."""
        return str(number)


def in_chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Ascending ids, so many at a time as are looked up at once."""
    for start in range(0, len(ids), _ENTITIES_AT_ONCE):
        yield ids[start : start + _ENTITIES_AT_ONCE]


def by_entity(
    known: Known, question: Question | None, ids: Sequence[int]
) -> Mapping[int, Sequence[Told]]:
    """The outcomes of one chunk of ids; nothing where there is no such question."""
    if question is None or not ids:
        return {}
    return known.told(question, ids[0], ids[-1])


def of_run(told: Iterable[Told], number: int) -> list[Told]:
    """The outcomes of one run."""
    return [each for each in told if each.run == number]
