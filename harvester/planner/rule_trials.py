"""Which rules are trusted, and of how many series they must still be tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from harvester.model.rules import Rule
from harvester.model.terms import Counter, Kind
from harvester.planner.inputs import EvidenceSource, RuleRecord

# The issue of trust: so many series show that a rule holds, before it is believed for the job.
TRIALS = 20


@dataclass(slots=True)
class TrialQuota:
    """How many series a rule must still be tried on; those are asked although it would spare them.

    Attributes:
        is_trusted: whether the rule may spare anything at all.
        left: trials still to be chosen, in the order of entities.
        chosen: entities that are tried whatever is left.
    """

    is_trusted: bool
    left: int
    chosen: frozenset[int] = frozenset()

    def with_some_of(self, newest: Iterable[int]) -> TrialQuota:
        """The same number of trials, half of them on the first of `newest`, as far as it has any.

        Ids ascend with age, so the first series are the oldest; a service whose totals lag behind
        is wrong about the newest.
        """
        chosen = frozenset(islice(newest, (self.left + 1) // 2))
        return TrialQuota(self.is_trusted, self.left - len(chosen), chosen)

    def takes(self, entity: int) -> bool:
        """Whether this series is one of those that are asked."""
        if not self.is_trusted or entity in self.chosen:
            return True
        if self.left > 0:
            self.left -= 1
            return True
        return False


def quota(
    known: EvidenceSource, rule: Rule, kind: Kind, counter: Counter, number: int
) -> TrialQuota:
    """The trials of one rule in a run: the same however often the run is resumed.

    Args:
        number: of the run.
    """
    trials = known.trials(rule, kind, counter)
    return TrialQuota(trials.holds, trials_left(trials, counter, number))


def trials_left(trials: RuleRecord, counter: Counter, number: int) -> int:
    """How many series a rule is still to be tried on.

    When it is believed, one more in each later run, of one counter after the other: so a service
    that changes its ways is found out, and a quiet month stays cheap.
    """
    if trials.before < TRIALS:
        return TRIALS - trials.before
    return int(list(Counter).index(counter) == number % len(Counter))
