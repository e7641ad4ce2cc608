"""Dates of listings are tried before they spare anything, and one that is wrong ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from harvester.model.dates import Window, epoch_day
from harvester.model.question import Question, Wanted
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs, Settlement
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.planner.inputs import RuleRecord
from tests.planner.support_steps import Climbed, Memory, Service, run_steps

MONTH = Granularity.MONTH
VIEWS, DOWNLOADS, _ = Counter
IDS = range(1, 61)
# By listing, all of them came in 2020.
ONLINE = date(2020, 3, 15)
OLD, LONG = (
    Window(date(2015, 1, 1), date(2015, 12, 31)),
    Window(date(2015, 1, 1), date(2026, 6, 30)),
)
IN_2015, IN_2021 = epoch_day(date(2015, 6, 1)), epoch_day(date(2021, 6, 1))
RULE = Rule.BEFORE_FIRST_ONLINE


def _timeline(window: Window, counter: Counter = VIEWS, **change: Any) -> Wanted:
    return Wanted(Question(Endpoint.TIMELINE, Kind.ARTICLE, counter, MONTH, **change), window)


def _breakdown(window: Window) -> Wanted:
    return Wanted(Question(Endpoint.BREAKDOWN, Kind.ARTICLE, VIEWS, MONTH), window)


TOTALS = Wanted(Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS))
ALONE = [
    pytest.param([_timeline(OLD)], id="timelines"),
    pytest.param([TOTALS, _timeline(OLD)], id="timelines after totals"),
    pytest.param([_breakdown(OLD)], id="breakdowns"),
    pytest.param([TOTALS, _breakdown(OLD)], id="breakdowns after totals"),
    pytest.param(
        [_timeline(OLD, sub_item=SubItem.ITEM_TYPE, sub_item_id="dataset")], id="a filter"
    ),
]


def _run(
    wanted: Sequence[Wanted],
    early: Sequence[int] = (),
    *,
    number: int = 1,
    memory: Memory | None = None,
) -> Climbed:
    """A run over sixty items, of which some have events before their date; all have some after."""
    memory = memory or Memory(online=dict.fromkeys(IDS, ONLINE))
    inputs = PlanInputs(
        number, list(wanted), {Kind.ARTICLE: IDS}, Settlement(date(2026, 7, 4), 3), skips=True
    )
    daily = {n: {IN_2021: 2, **({IN_2015: 5} if n in early else {})} for n in IDS}
    return run_steps(inputs, Service(daily), memory)


def _trial(run: Climbed, counter: Counter = VIEWS) -> RuleTrial:
    return run.memory.trials_made[RULE, counter]


@pytest.mark.parametrize("wanted", ALONE)
def test_a_date_spares_all_but_twenty_series_the_first_and_the_last_by_id(
    wanted: list[Wanted],
) -> None:
    run, key = _run(wanted), wanted[-1].question.key

    assert run.entities(key) == {*range(1, 11), *range(51, 61)}
    assert run.spared[key, 30] == {"before_first_online"}
    assert (_trial(run).tried, _trial(run).holds) == (20, True)


@pytest.mark.parametrize("wanted", ALONE)
def test_one_event_before_its_date_and_all_that_dates_spared_is_asked_in_the_same_run(
    wanted: list[Wanted],
) -> None:
    run = _run(wanted, early=[7, 30])

    assert run.entities(wanted[-1].question.key) == set(IDS)
    assert not _trial(run).holds
    assert _trial(run).sentence == (
        "article 7, views: events before 2020-03-15, the earliest of its dates"
    )
    asked = [each.key for each in run.asked]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("wanted", ALONE)
def test_a_rule_that_failed_once_spares_nothing_in_later_runs(wanted: list[Wanted]) -> None:
    broken = {RULE: RuleRecord(before=20, held_before=False, holds=False)}
    memory = Memory(online=dict.fromkeys(IDS, ONLINE), before=broken)
    assert _run(wanted, memory=memory).entities(wanted[-1].question.key) == set(IDS)


def test_a_later_run_tries_one_more() -> None:
    for number, more in ((3, {60}), (4, set())):
        believed = {RULE: RuleRecord(before=20)}
        memory = Memory(online=dict.fromkeys(IDS, ONLINE), before=believed)
        run = _run([_timeline(OLD)], number=number, memory=memory)
        assert run.entities("timeline/month/views/article") == more


def test_any_timeline_that_begins_before_a_date_tries_it() -> None:
    """Nobody was chosen: they are asked for what lies after their dates, too."""
    old = Question(Endpoint.TIMELINE, Kind.ARTICLE, DOWNLOADS, MONTH)
    run = _run([_timeline(LONG), Wanted(old, OLD)], early=[30])

    assert not _trial(run).holds
    assert "article 30, views" in _trial(run).sentence
    assert run.entities(old.key) == set(IDS), "what one counter shows holds for the whole kind"
    honest = _run([_timeline(LONG), Wanted(old, OLD)])
    assert (_trial(honest).tried, _trial(honest).holds) == (60, True)
    assert len(honest.entities(old.key)) == 20


def test_a_month_with_events_in_which_a_date_lies_is_not_before_it() -> None:
    inputs = PlanInputs(
        1, [_timeline(LONG)], {Kind.ARTICLE: IDS}, Settlement(date(2026, 7, 4), 3), skips=True
    )
    same_month = {n: {epoch_day(ONLINE): 1} for n in IDS}
    run = run_steps(inputs, Service(same_month), Memory(online=dict.fromkeys(IDS, ONLINE)))
    assert _trial(run).holds


def test_days_that_the_timeline_leaves_out_are_tried_by_the_breakdown() -> None:
    later = _timeline(Window(date(2022, 1, 1), date(2026, 6, 30)))
    key = _breakdown(OLD).question.key
    assert len(_run([later, _breakdown(OLD)]).entities(key)) == 20
    run = _run([later, _breakdown(OLD)], early=[7])
    assert run.entities(key) == set(IDS)
    assert not _trial(run).holds


def test_where_the_timeline_tries_dates_a_breakdown_asks_nothing_for_their_sake() -> None:
    run = _run([_timeline(OLD), _breakdown(OLD)])
    assert len(run.entities(_timeline(OLD).question.key)) == 20
    assert not run.entities(_breakdown(OLD).question.key)


def test_series_that_a_total_of_0_spares_as_well_try_no_date() -> None:
    inputs = PlanInputs(
        1,
        [TOTALS, _timeline(OLD)],
        {Kind.ARTICLE: IDS},
        Settlement(date(2026, 7, 4), 3),
        skips=True,
    )
    busy = {n: {IN_2021: 2} for n in range(20, 30)}
    run = run_steps(inputs, Service(busy), Memory(online=dict.fromkeys(IDS, ONLINE)))

    silent = {n for n in run.entities("timeline/month/views/article") if n not in busy}
    assert run.entities("timeline/month/views/article") >= set(busy)
    assert len(silent) == 20, "those try the other rule"


def test_a_trial_that_failed_to_be_answered_shows_nothing() -> None:
    inputs = PlanInputs(
        1, [_timeline(OLD)], {Kind.ARTICLE: IDS}, Settlement(date(2026, 7, 4), 3), skips=True
    )
    service = Service({n: {IN_2021: 2} for n in IDS}, refuses=["timeline"])
    run = run_steps(inputs, service, Memory(online=dict.fromkeys(IDS, ONLINE)))
    assert (RULE, VIEWS) not in run.memory.trials_made


@pytest.mark.parametrize("is_wrong", [False, True])
def test_a_date_inside_of_the_period_does_not_hide_that_long_windows_are_cut(
    *, is_wrong: bool
) -> None:
    """Where it is wrong, totals count more than timelines have: that asks more, never less."""
    period = Window(date(2018, 1, 1), date(2026, 6, 30))
    inputs = PlanInputs(
        1, [TOTALS, _timeline(period)], {Kind.ARTICLE: IDS}, Settlement(date(2026, 7, 4), 3),
        skips=True,
    )  # fmt: skip
    late = epoch_day(date(2024, 6, 1))
    daily = {n: {late: 40, **({IN_2015: 50} if is_wrong else {})} for n in IDS}
    service = Service(daily, is_limited=True)
    run = run_steps(inputs, service, Memory(online=dict.fromkeys(IDS, ONLINE)))
    assert not run.memory.trials_made[Rule.WHOLE_WINDOW, VIEWS].holds
    asked = [each for each in run.asked if each.window and late in _days(each.window)]
    assert {each.entity_id for each in asked} == set(IDS)


def _days(window: Window) -> range:
    return range(epoch_day(window.first), epoch_day(window.last) + 1)
