"""On how many series a rule is tried before it is believed, and after."""

from __future__ import annotations

import pytest

from harvester.model.proof import Rule
from harvester.model.terms import Counter, Kind
from harvester.planner.known import NothingKnown, Trials
from harvester.planner.trust import quota

VIEWS, _, SHARES = Counter


class Judged(NothingKnown):
    """A rule that has fared so."""

    def __init__(self, trials: Trials) -> None:
        self._trials = trials

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> Trials:  # noqa: ARG002
        return self._trials


@pytest.mark.parametrize(
    ("trials", "run", "taken"),
    [
        pytest.param(Trials(), 1, 20, id="never tried"),
        pytest.param(Trials(before=13), 2, 7, id="what is left of twenty"),
        pytest.param(Trials(is_judged=True), 1, 20, id="the same when a run is taken up again"),
        pytest.param(Trials(before=20), 3, 1, id="believed: one more, of one counter"),
        pytest.param(Trials(before=20), 4, 0, id="in the next run of another counter"),
        pytest.param(Trials(before=20), 6, 1, id="and in turn"),
        pytest.param(Trials(before=500), 3, 1, id="however often it was tried"),
        pytest.param(Trials(before=20, held_before=False, holds=False), 4, 50, id="it failed once"),
        pytest.param(Trials(is_judged=True, holds=False), 1, 50, id="it has just failed"),
    ],
)
def test_how_many_of_fifty_are_asked_all_the_same(trials: Trials, run: int, taken: int) -> None:
    rule = quota(Judged(trials), Rule.TOTAL_IS_ZERO, Kind.ARTICLE, VIEWS, run)

    asked = [rule.takes() for _ in range(50)]
    assert asked == [True] * taken + [False] * (50 - taken)


def test_each_later_run_tries_one_counter() -> None:
    """So that a quiet month stays cheap, and a service that changes is found out all the same."""
    known = Judged(Trials(before=20))
    for run in range(2, 12):
        quotas = [quota(known, Rule.TOTAL_IS_COVERED, Kind.ARTICLE, each, run) for each in Counter]
        assert sum(each.left for each in quotas) == 1
    turns = [quota(known, Rule.TOTAL_IS_COVERED, Kind.ARTICLE, SHARES, run).left for run in (2, 3)]
    assert turns == [1, 0]
