"""On how many series a rule is tried before it is believed, and after."""

from __future__ import annotations

from datetime import date

import pytest

from harvester.model.dates import Window, epoch_day
from harvester.model.question import Question, Wanted
from harvester.model.rules import Rule
from harvester.model.run_plan import PlanInputs, Settlement
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.planner.inputs import NoEvidence, RuleRecord
from harvester.planner.rule_trials import TrialQuota, quota
from tests.planner.support_steps import Service, run_steps

VIEWS, _, SHARES = Counter


class Judged(NoEvidence):
    """A rule that has fared so."""

    def __init__(self, trials: RuleRecord) -> None:
        self._trials = trials

    def trials(self, rule: Rule, kind: Kind, counter: Counter | None) -> RuleRecord:  # noqa: ARG002
        return self._trials


@pytest.mark.parametrize(
    ("trials", "run", "taken"),
    [
        pytest.param(RuleRecord(), 1, 20, id="never tried"),
        pytest.param(RuleRecord(before=13), 2, 7, id="what is left of twenty"),
        pytest.param(RuleRecord(is_judged=True), 1, 20, id="the same when a run is taken up again"),
        pytest.param(RuleRecord(before=20), 3, 1, id="believed: one more, of one counter"),
        pytest.param(RuleRecord(before=20), 4, 0, id="in the next run of another counter"),
        pytest.param(RuleRecord(before=20), 6, 1, id="and in turn"),
        pytest.param(RuleRecord(before=500), 3, 1, id="however often it was tried"),
        pytest.param(
            RuleRecord(before=20, held_before=False, holds=False), 4, 50, id="it failed once"
        ),
        pytest.param(RuleRecord(is_judged=True, holds=False), 1, 50, id="it has just failed"),
    ],
)
def test_a_rule_is_tried_on_its_quota_of_fifty_entities(
    trials: RuleRecord, run: int, taken: int
) -> None:
    rule = quota(Judged(trials), Rule.TOTAL_IS_ZERO, Kind.ARTICLE, VIEWS, run)

    asked = [rule.takes(n) for n in range(50)]
    assert asked == [True] * taken + [False] * (50 - taken)


def test_each_later_run_tries_one_counter() -> None:
    """So that a quiet month stays cheap, and a service that changes is found out all the same."""
    known = Judged(RuleRecord(before=20))
    for run in range(2, 12):
        quotas = [quota(known, Rule.TOTAL_IS_COVERED, Kind.ARTICLE, each, run) for each in Counter]
        assert sum(each.left for each in quotas) == 1
    turns = [quota(known, Rule.TOTAL_IS_COVERED, Kind.ARTICLE, SHARES, run).left for run in (2, 3)]
    assert turns == [1, 0]


@pytest.mark.parametrize(
    ("left", "newest", "taken"),
    [
        pytest.param(20, range(99, 0, -1), [*range(10), *range(90, 100)], id="half and half"),
        pytest.param(20, [99, 98], [*range(18), 98, 99], id="few of them"),
        pytest.param(20, [], [*range(20)], id="none of them"),
        pytest.param(1, [99, 98], [99], id="one trial: the newest"),
        pytest.param(0, [99, 98], [], id="no trial"),
        pytest.param(20, [5, 4], [*range(20)], id="each once"),
    ],
)
def test_trials_are_spread_over_the_oldest_and_the_newest_entities(
    left: int, newest: list[int], taken: list[int]
) -> None:
    rule = TrialQuota(is_trusted=True, left=left).with_some_of(newest)

    assert [n for n in range(100) if rule.takes(n)] == taken


SILENT, BUSY = range(1, 51), range(51, 101)
DAYS = Window(date(2026, 1, 15), date(2026, 7, 3))
SEEN = epoch_day(date(2026, 3, 3))


@pytest.mark.parametrize("endpoint", [Endpoint.TIMELINE, Endpoint.BREAKDOWN])
def test_totals_that_lag_behind_are_found_out(endpoint: Endpoint) -> None:
    """The oldest fifty have no events in truth; of the newest three nobody has counted any yet."""
    total = Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS)
    asked = Question(endpoint, Kind.ARTICLE, VIEWS, Granularity.MONTH)
    ids = [*SILENT, *BUSY]
    inputs = PlanInputs(5, [Wanted(total), Wanted(asked, DAYS)], {Kind.ARTICLE: ids},
                  Settlement(date(2026, 7, 4), 3), skips=True)  # fmt: skip
    service = Service({n: {SEEN: n} for n in BUSY}, lagging=[98, 99, 100])
    run = run_steps(inputs, service)

    assert not run.memory.trials_made[Rule.TOTAL_IS_ZERO, VIEWS].holds
    assert run.entities(asked.key) == set(ids)
    honest = run_steps(inputs, Service({n: {SEEN: n} for n in BUSY}))
    assert honest.entities(asked.key) == {*range(1, 11), *range(41, 51), *BUSY}
