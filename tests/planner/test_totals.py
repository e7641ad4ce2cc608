"""Totals told by cheaper requests: believed once samples bear them out, and no longer than that."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.dates import epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Wanted
from harvester.model.request import NO_ENTITY
from harvester.model.rules import Rule
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import State
from harvester.planner.inputs import RuleRecord
from harvester.planner.planned import NotNeeded
from harvester.planner.samples import spread
from harvester.planner.totals import Totals
from tests.planner.support_totals import (
    IDS,
    KIND,
    RANKED,
    RUN,
    TODAY,
    TOTAL,
    TRUTH,
    Ledger,
    changed,
    ran,
    ranking_of,
    with_combined,
    with_ranking,
)

RANKING, UNRANKED, COMBINED = (
    Rule.RANKING_IS_TOTALS, Rule.UNRANKED_IS_ZERO, Rule.COMBINED_IS_TOTALS,
)  # fmt: skip
ZERO = {n for n, value in TRUTH.items() if not value}


@pytest.mark.parametrize(
    "entries", [pytest.param(None, id="lists no zeros"), pytest.param(100, id="lists zeros")]
)
def test_a_complete_ranking_that_samples_bear_out_tells_all(entries: int | None) -> None:
    found = ran(with_ranking(RANKED, 300, entries=entries), 300)

    assert len(found.samples) == 40
    assert found.asked == set(found.samples)
    assert found.told == {n: TRUTH[n] for n in IDS if n not in found.asked}
    assert {rule: (p.tried, p.holds) for rule, p in found.trials_made.items()} == {
        RANKING: (20, True), UNRANKED: (20, True)}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "ranks", "truth", "asked", "broken"),
    [
        pytest.param(RANKED, 33, TRUTH, ZERO, set(), id="as long as was asked for"),
        pytest.param(RANKED, 34, TRUTH, set(), set(), id="one shorter"),
        pytest.param(
            RANKED, 300, changed(n1=2), ZERO, {UNRANKED}, id="it lacks one that has events"
        ),
        pytest.param(
            RANKED, 300, changed(n1=None), ZERO, {UNRANKED}, id="one that it lacks has no total"
        ),
        pytest.param(RANKED, 300, changed(n1=1), set(), set(), id="looked at just now"),
        pytest.param(RANKED, 300, changed(n99=100), set(), set(), id="the first, looked at"),
        pytest.param(
            RANKED, 300, changed(n99=101), set(IDS), {RANKING}, id="the first has two more"
        ),
        pytest.param(
            RANKED, 300, changed(n99=98), set(IDS), {RANKING}, id="the first has one fewer"
        ),
        pytest.param(
            dict.fromkeys(RANKED, 5), 300, {n: 5 if n in RANKED else 0 for n in IDS}, set(), set(),
            id="all tied",
        ),
        pytest.param(
            dict.fromkeys(RANKED, 5), 300, {n: 5 if n in RANKED and n != 3 else 0 for n in IDS},
            set(IDS), {RANKING}, id="tied, and the first of them is wrong",
        ),
        pytest.param({}, 300, dict.fromkeys(IDS, 0), set(), set(), id="nobody has any"),
        pytest.param({}, 300, TRUTH, set(IDS), {UNRANKED}, id="it says nothing"),
    ],
)  # fmt: skip
def test_a_ranking_is_believed_as_far_as_samples_bear_it_out(
    values: Mapping[int, int],
    ranks: int,
    truth: Mapping[int, int | None],
    asked: set[int],
    broken: set[Rule],
) -> None:
    """Ids in `asked` are asked one by one, beside the samples."""
    found = ran(with_ranking(values, ranks), ranks, truth)

    assert found.asked == asked | set(found.samples)
    assert {rule for rule, proof in found.trials_made.items() if not proof.holds} == broken
    assert all(found.told[n] == values.get(n, 0) for n in found.told)


@pytest.mark.parametrize("ledger", [Ledger(), Ledger(answers={ranking_of(300): {NO_ENTITY: [
    PastOutcome(RUN, epoch_day(TODAY.snapshot), 0, 0, 0, State.FAILED, 0, None, 0, None)]}})],
    ids=["not asked", "failed"])  # fmt: skip
def test_without_a_ranking_all_are_asked(ledger: Ledger) -> None:
    found = ran(ledger, 300)

    assert found.asked == set(IDS)
    assert found.trials_made == {}


def test_samples_that_failed_show_nothing() -> None:
    """A rule that none could try is not believed; and what failed does not count as tried."""
    samples = set(ran(with_ranking(RANKED, 300), 300).samples)

    none = ran(with_ranking(RANKED, 300), 300, failing=samples)
    assert none.asked == set(IDS)
    assert none.trials_made == {}
    some = ran(with_ranking(RANKED, 300), 300, failing=samples & set(IDS[:50]))
    assert some.asked == samples
    assert 0 < some.trials_made[RANKING].tried < 20


def test_a_ranking_once_believed_is_hardly_tried_and_once_wrong_never_again() -> None:
    for trials, samples, asked in (
        (RuleRecord(before=20), 0, set[int]()),
        (RuleRecord(before=3, held_before=False, holds=False), 0, set(IDS)),
    ):
        ledger = with_ranking(RANKED, 300)
        ledger.before = {RANKING: trials, UNRANKED: trials}
        found = ran(ledger, 300)
        assert len(found.samples) == samples
        assert found.asked == asked


@pytest.mark.parametrize(
    ("combined", "truth", "asked", "holds"),
    [
        pytest.param(TRUTH, TRUTH, set(IDS[:20]), True, id="exact"),
        pytest.param(changed(n1=1), TRUTH, set(IDS), False, id="a view too many"),
        pytest.param(TRUTH, changed(n1=1), set(IDS[:20]), True, id="looked at in between"),
        pytest.param(changed(n7=None), TRUTH, set(IDS), False, id="one is not to be had"),
        pytest.param(dict.fromkeys(IDS), TRUTH, set(IDS), False, id="none is"),
        pytest.param(
            changed(n50=None), TRUTH, {*IDS[:20], 50}, True, id="who has none later is asked"
        ),
        pytest.param(TRUTH, changed(n7=None), set(IDS), False, id="its own is null"),
    ],
)
def test_totals_of_all_counters_are_believed_as_far_as_samples_bear_them_out(
    combined: Mapping[int, int | None],
    truth: Mapping[int, int | None],
    asked: set[int],
    *,
    holds: bool,
) -> None:
    found = ran(with_combined(combined), None, truth, is_combined=True)

    assert found.asked == asked
    assert found.trials_made[COMBINED].holds is holds
    assert found.told == {n: combined[n] for n in IDS if n not in asked}


def test_totals_of_all_counters_are_not_believed_untried() -> None:
    found = ran(with_combined(TRUTH), None, failing=IDS[:20], is_combined=True)

    assert found.asked == set(IDS)
    assert found.trials_made == {}


def test_totals_of_all_counters_are_not_asked_where_a_ranking_has_told_all() -> None:
    ledger = with_ranking(RANKED, 300)
    ledger.answers |= with_combined(TRUTH).answers
    found = ran(ledger, 300, is_combined=True)

    assert found.asked == set(found.samples)
    assert COMBINED not in found.trials_made


def test_totals_read_on_the_same_date_are_not_read_again() -> None:
    ledger = Ledger()
    for n in IDS:
        ledger.keep(TOTAL, n, 1, run=RUN - 1)
    totals = Totals(PlanInputs(RUN, [Wanted(TOTAL)], {KIND: IDS}, TODAY, [Wanted(ranking_of(300))]),
                    ledger, TOTAL)  # fmt: skip

    assert [*totals.rankings()] == []
    assert {each.item.reason for each in totals.rest() if isinstance(each.item, NotNeeded)} == {
        "covered"
    }
    ledger.answers[TOTAL].pop(7)
    assert len([*totals.rankings()]) == 1


def test_totals_that_this_run_has_read_do_not_make_its_ranking_needless() -> None:
    """A run that is taken up again still accounts for what it has asked."""
    ledger = with_ranking(RANKED, 300)
    for n in IDS:
        ledger.keep(TOTAL, n, TRUTH[n])
    totals = Totals(PlanInputs(RUN, [Wanted(TOTAL)], {KIND: IDS}, TODAY, [Wanted(ranking_of(300))]),
                    ledger, TOTAL)  # fmt: skip

    assert [each.is_in for each in totals.rankings()] == [True]


@pytest.mark.parametrize(
    ("past", "said"),
    [
        pytest.param([(1, 5), (RUN, 4)], "5 before, 4 now", id="fell"),
        pytest.param([(1, 9), (2, 5), (RUN, 6)], None, id="rose since the last time"),
        pytest.param([(1, 5), (RUN, 5)], None, id="stood"),
        pytest.param([(RUN, 5)], None, id="for the first time"),
        pytest.param([(1, 5), (RUN, None)], None, id="null is no fall"),
        pytest.param([(1, 5), (2, None), (RUN, 4)], "5 before, 4 now", id="since it last told"),
    ],
)
def test_totals_that_fell_are_named_with_both_values(
    past: list[tuple[int, int | None]], said: str | None
) -> None:
    ledger = Ledger()
    ledger.answers[TOTAL] = {
        7: [PastOutcome(run, 0, 0, 0, 0, State.DONE, 1, value, 0, None) for run, value in past]
    }
    totals = Totals(PlanInputs(RUN, [Wanted(TOTAL)], {KIND: IDS}, TODAY), ledger, TOTAL)

    assert [each.sentence for each in totals.fallen()] == (
        [f"total/views/article/7: {said}"] if said else []
    )


@given(ids=st.lists(st.integers(1, 10_000), unique=True).map(sorted), number=st.integers(0, 40))
def test_samples_are_spread_evenly_over_the_ids(ids: list[int], number: int) -> None:
    chosen = spread(ids, number)

    assert len(chosen) == len(set(chosen)) == min(number, len(ids))
    assert set(chosen) <= set(ids)
    for start in range(len(ids) - 2 * len(ids) // max(number, 1) - 2):
        stretch = ids[start : start + 2 * len(ids) // max(number, 1) + 2]
        assert not number or set(stretch) & set(chosen), "a stretch without any"
