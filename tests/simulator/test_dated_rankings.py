"""Rankings of a period in the institution's scope, and each habit that they may have."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from time import process_time
from typing import Any

import aiohttp
import pytest

from harvester.simulator import Quirks, SimulatorConfig, Truth, serving
from harvester.simulator.answers import answer, seconds_for
from harvester.simulator.call import Call

CONFIG = SimulatorConfig(seed=5, articles=150)
TRUTH = Truth(CONFIG)
MAY = (date(2026, 5, 1), date(2026, 5, 31))
MID_MAY = (date(2026, 5, 10), date(2026, 5, 20))
DAY = timedelta(days=1)


def target(window: tuple[date, date], count: int = 60_000, counter: str = "views") -> str:
    dates = f"start_date={window[0]}&end_date={window[1]}"
    return f"/demo/top/{counter}/article?{dates}&count={count}"


def ask(words: str, **quirks: Any) -> tuple[int, Any]:
    truth = TRUTH.under(replace(CONFIG, quirks=Quirks(**quirks))) if quirks else TRUTH
    found = answer(truth, Call("GET", words))
    return found.status, json.loads(found.body)


def ranked(words: str, **quirks: Any) -> dict[int, int]:
    status, plain = ask(words, **quirks)
    assert status == 200
    return {int(key): value for key, value in (plain["top"] or {}).items()}


def told(window: tuple[date, date], counter: str = "views") -> dict[int, int]:
    """What the days of every item say, each asked for itself."""
    sums = {
        number: sum(TRUTH.daily("demo", counter, "article", number, *window).values())
        for number in TRUTH.ids("article")
    }
    return {number: events for number, events in sums.items() if events}


@pytest.mark.parametrize("counter", ["views", "downloads", "shares"])
@pytest.mark.parametrize(
    "window",
    [MAY, MID_MAY, (date(2026, 6, 30), date(2026, 6, 30)), (date(2011, 1, 1), date(2026, 7, 1))],
)
def test_a_ranking_of_a_period_counts_just_its_days(
    window: tuple[date, date], counter: str
) -> None:
    assert ranked(target(window, counter=counter)) == told(window, counter)
    assert len(ranked(target(window, 3, counter))) == min(3, len(told(window, counter)))


def test_a_period_without_events_ranks_nothing() -> None:
    assert ask(target((date(2012, 1, 1), date(2012, 1, 31)))) == (200, {"top": None})
    assert ask(target(MAY).replace("demo", "other")) == (200, {"top": None})


def test_items_without_events_in_the_period_may_be_listed() -> None:
    whole = ranked(target(MAY), top_lists_zeros=True)
    assert set(whole) == set(TRUTH.ids("article"))
    assert {number: events for number, events in whole.items() if events} == told(MAY)
    assert len(ranked(target(MAY), top_lists_zeros=True, dated_top_longest=5)) == 5


def test_dates_may_be_ignored() -> None:
    undated = ranked("/demo/top/views/article?count=60000")
    assert ranked(target(MAY), top_honours_dates=False) == undated != told(MAY)


def test_a_ranking_of_a_period_may_be_refused() -> None:
    status, plain = ask(target(MAY), dated_tops_are_refused=True)
    assert (status, plain["code"]) == (400, "InvalidParams")
    assert ask("/demo/top/views/article", dated_tops_are_refused=True)[0] == 200


def test_it_may_be_cut_at_any_length() -> None:
    best = dict(sorted(told(MAY).items(), key=lambda one: (-one[1], str(one[0])))[:7])
    assert ranked(target(MAY), dated_top_longest=7) == best
    assert len(ranked(target(MAY, 3), dated_top_longest=7)) == 3
    assert len(ranked("/demo/top/views/article?count=100", dated_top_longest=7)) == 100


@pytest.mark.parametrize(("count", "length"), [(60_000, 100), (99, 10), (9, 1)])
def test_its_length_may_be_suspiciously_round(count: int, length: int) -> None:
    year = (date(2025, 1, 1), date(2025, 12, 31))
    assert len(told(year)) > 100
    assert len(ranked(target(year, count), dated_top_is_round=True)) == length


def test_items_may_be_left_out() -> None:
    busiest = max(told(MAY), key=lambda number: told(MAY)[number])
    found = ranked(target(MAY), dated_top_hides_every=busiest)
    assert found == {number: n for number, n in told(MAY).items() if number % busiest != 0}
    assert busiest in ranked("/demo/top/views/article?count=60000", dated_top_hides_every=busiest)


@pytest.mark.parametrize("last", [date(2026, 5, 20), date(2025, 12, 3), date(2024, 2, 28)])
def test_its_dates_may_be_widened_to_whole_months(last: date) -> None:
    window = (last - timedelta(days=40), last)
    following = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
    whole = (window[0].replace(day=1), following - DAY)
    assert ranked(target(window), dated_top_widens_to_months=True) == told(whole) != told(window)
    assert ranked(target(MAY), dated_top_widens_to_months=True) == told(MAY)


@pytest.mark.parametrize(
    ("hours", "leaves", "comes"),
    [(10, MID_MAY[1], MID_MAY[0] - DAY), (-8, MID_MAY[0], MID_MAY[1] + DAY)],
)
def test_its_days_may_be_those_of_another_time_zone(hours: int, leaves: date, comes: date) -> None:
    found = ranked(target(MID_MAY), dated_top_shift_hours=hours)
    truth, gone, new = told(MID_MAY), told((leaves, leaves)), told((comes, comes))
    for number in {*truth, *new, *found}:
        least = truth.get(number, 0) - gone.get(number, 0)
        assert least <= found.get(number, 0) <= truth.get(number, 0) + new.get(number, 0)
    assert found != truth
    assert sum(truth.values()) - sum(gone.values()) < sum(found.values())


def test_shifted_days_lose_no_event() -> None:
    """Invariant: the rankings of single days add up to that of them all."""
    days = [MID_MAY[0] + n * DAY for n in range(11)]
    tally: Counter[int] = Counter()
    for day in days:
        tally.update(ranked(target((day, day)), dated_top_shift_hours=5))
    assert dict(tally) == ranked(target(MID_MAY), dated_top_shift_hours=5)
    whole = (date(2011, 1, 1), CONFIG.today + 2 * DAY)
    assert ranked(target(whole), dated_top_shift_hours=5) == told(whole)


@pytest.mark.parametrize("days", [1, 3, 40])
def test_it_may_lag_behind(days: int) -> None:
    june = (date(2026, 6, 1), date(2026, 6, 30))
    newest = CONFIG.today - days * DAY
    assert ranked(target(june), dated_top_lag_days=days) == told((june[0], min(june[1], newest)))
    assert ranked(target(MID_MAY), dated_top_lag_days=days) == told(MID_MAY)


@pytest.mark.parametrize(
    ("words", "quirks", "seconds"),
    [
        (target(MAY, 60_000), {}, 0.0),
        (target(MAY, 60_000), {"slow_top_seconds": 2.5}, 2.5),
        (target(MAY, 1_000), {"slow_top_seconds": 2.5}, 0.0),
        (target(MAY, 11), {"slow_top_seconds": 2.5, "slow_top_count": 10}, 2.5),
        ("/demo/top/views/article", {"slow_top_seconds": 2.5, "slow_top_count": 10}, 0.0),
        ("/demo/top/views/article?count=2000", {"slow_top_seconds": 2.5}, 2.5),
        ("/demo/top/views/article?count=2000x", {"slow_top_seconds": 2.5}, 0.0),
        ("/demo/total/views/article/5?count=2000", {"slow_top_seconds": 2.5}, 0.0),
        ("/nothing?count=2000", {"slow_top_seconds": 2.5}, 0.0),
        (target(MAY), {"dated_top_times_out_from": 31}, float("inf")),
        (target(MID_MAY), {"dated_top_times_out_from": 31}, 0.0),
    ],
)
def test_a_long_ranking_or_period_may_take_its_time(
    words: str, quirks: dict[str, Any], seconds: float
) -> None:
    config = replace(CONFIG, quirks=Quirks(**quirks))
    assert seconds_for(config, Call("GET", words)) == seconds


@pytest.mark.anyio
async def test_a_long_period_is_never_answered_and_others_are() -> None:
    config = replace(CONFIG, articles=20, quirks=Quirks(dated_top_times_out_from=31))
    limit = aiohttp.ClientTimeout(total=0.3)
    async with serving(config) as simulator, aiohttp.ClientSession(simulator.url) as session:
        async with session.get(target(MID_MAY)) as response:
            assert response.status == 200
        with pytest.raises(TimeoutError):
            await session.get(target(MAY), timeout=limit)


@pytest.mark.thorough
def test_a_month_of_a_large_institution_is_soon_ranked() -> None:
    """Made once, each month more costs no series anew: also beyond what is kept of those."""
    truth = Truth(replace(CONFIG, articles=60_000, first_from=date(2025, 6, 1)))
    answer(truth, Call("GET", target(MAY)))
    begun = process_time()
    body = answer(truth, Call("GET", target((date(2026, 4, 1), date(2026, 4, 30))))).body
    assert process_time() - begun < 1
    assert len(json.loads(body)["top"]) > 20_000
