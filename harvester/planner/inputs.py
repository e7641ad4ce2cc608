"""What the plan may ask the ledger, and what decides a run's plan besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question
from harvester.model.rules import Rule
from harvester.model.terms import Counter, Kind

# Entities whose outcomes are held at once: bounds memory, however many there are.
_ENTITIES_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """How a rule has fared in earlier runs and in this one.

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


class EvidenceSource(Protocol):
    """What the planner may ask the ledger: earlier outcomes, trials of rules, contradictions."""

    def outcomes(
        self, question: Question, low: int, high: int
    ) -> Mapping[int, Sequence[PastOutcome]]:
        """Outcomes by entity, for entities low..high, oldest run first; 0 is no entity."""

    def counted_groups(self) -> Mapping[int, int]:
        """The number of the run that counted a group on this run's date, by group."""

    def first_online(self, kind: Kind) -> Mapping[int, date]:
        """The date before which an entity should have no events; who is not in it may have any."""

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> RuleRecord:
        """How a rule has fared; counter None: with all counters of the kind together."""

    def contradicted(self, question: Question) -> set[int]:
        """Entities of which this question's answers are no evidence in this run."""

    def run_id(self, number: int) -> str:
        """The id of a run."""


class NoEvidence:
    """The evidence of a job that never ran: none."""

    def outcomes(
        self,
        question: Question,  # noqa: ARG002
        low: int,  # noqa: ARG002
        high: int,  # noqa: ARG002
    ) -> Mapping[int, Sequence[PastOutcome]]:
        """No answer yet, to no question."""
        return {}

    def counted_groups(self) -> Mapping[int, int]:
        """None yet."""
        return {}

    def first_online(self, kind: Kind) -> Mapping[int, date]:  # noqa: ARG002
        """Not known."""
        return {}

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> RuleRecord:  # noqa: ARG002
        """Never tried."""
        return RuleRecord()

    def contradicted(self, question: Question) -> set[int]:  # noqa: ARG002
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
    known: EvidenceSource, question: Question | None, ids: Sequence[int]
) -> Mapping[int, Sequence[PastOutcome]]:
    """The outcomes of one chunk of ids; nothing where there is no such question."""
    if question is None or not ids:
        return {}
    return known.outcomes(question, ids[0], ids[-1])


def of_run(told: Iterable[PastOutcome], number: int) -> list[PastOutcome]:
    """The outcomes of one run."""
    return [each for each in told if each.run == number]
