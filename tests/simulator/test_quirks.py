"""What the documentation leaves open has a switch, and the switch does what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from harvester.simulator import Quirks, SimulatorConfig, Truth
from harvester.simulator.answers import answer
from harvester.simulator.call import Call
from harvester.simulator.config import Restatement

CONFIG = SimulatorConfig(seed=5, articles=60)
TRUTH = Truth(CONFIG)
TODAY = CONFIG.today
ARTICLE = TRUTH.top(None, "views", "article", 1)[0][0]
GROUP = TRUTH.top(None, "views", "group", 1)[0][0]
EVER = (date(2011, 1, 1), TODAY)
DATES = f"start_date=2011-01-01&end_date={TODAY}"


def ask(target: str, body: bytes = b"", **quirks: Any) -> tuple[int, Any]:
    truth = TRUTH.under(replace(CONFIG, quirks=Quirks(**quirks))) if quirks else TRUTH
    found = answer(truth, Call("POST" if body else "GET", target, body))
    assert found.headers["Content-Type"].startswith("application/json")
    return found.status, json.loads(found.body)


def asked(target: str, **quirks: Any) -> Any:
    status, plain = ask(target, **quirks)
    assert status == 200
    return plain


def test_an_answer_without_dates_may_be_of_all_time() -> None:
    path = f"/timeline/year/views/article/{ARTICLE}"
    assert asked(path, undated_timeline_is_all=True) == asked(f"{path}?{DATES}")


@pytest.mark.parametrize(
    "target",
    [
        "/total/views/article/999999999",
        "/nosuch/total/views/article/{}",
        "/total/views/group/999999999",
    ],
)
def test_an_item_that_does_not_exist_counts_0(target: str) -> None:
    assert asked(target.format(ARTICLE)) == {"totals": 0}


def test_an_unknown_total_may_be_null() -> None:
    unknown = "/total/views/{}/999999999"
    for kind in ("article", "author", "group", "project"):
        assert asked(unknown.format(kind), unknown_total_is_null=True) == {"totals": None}
    assert asked(f"/total/views/article/{ARTICLE}", unknown_total_is_null=True)["totals"] > 0


@pytest.mark.parametrize("endpoint", ["timeline", "breakdown"])
@pytest.mark.parametrize(("is_null", "expected"), [(True, None), (False, {})])
def test_a_series_without_events_is_null_or_an_empty_object(
    endpoint: str, *, is_null: bool, expected: object
) -> None:
    target = f"/{endpoint}/day/views/article/999999999?{DATES}"
    assert asked(target, empty_is_null=is_null) == {endpoint: expected}


def test_a_ranking_lists_zeros_or_not() -> None:
    ids = len(TRUTH.ids("article"))
    without = asked("/top/shares/article?count=1000")["top"] or {}
    with_zeros = asked("/top/shares/article?count=1000", top_lists_zeros=True)["top"]
    assert len(without) < len(with_zeros) == ids
    assert len(asked("/top/views/article")["top"]) == 10


def test_a_ranking_honours_dates_or_not() -> None:
    target = "/top/views/article?count=50&start_date=2020-01-01&end_date=2020-12-31"
    year = (date(2020, 1, 1), date(2020, 12, 31))
    honoured, ignored = asked(target)["top"], asked(target, top_honours_dates=False)["top"]
    assert ignored == asked("/top/views/article?count=50")["top"] != honoured
    assert honoured == {
        str(one): sum(TRUTH.daily(None, "views", "article", one, *year).values())
        for one in map(int, honoured)
    }


def test_a_ranking_may_be_cut_or_hold_any() -> None:
    target = "/top/views/article?count=30"
    best = dict(TRUTH.top(None, "views", "article", 30))
    assert asked(target)["top"] == {str(key): value for key, value in best.items()}
    assert len(asked(target, top_longest=7)["top"]) == 7
    assert min(asked(target, top_is_best=False)["top"].values()) < min(best.values())


def test_a_timeline_lists_zeros_or_not() -> None:
    target = f"/timeline/month/views/article/{ARTICLE}?{DATES}"
    without = asked(target)["timeline"]
    whole = asked(target, timeline_lists_zeros=True)["timeline"]
    assert {month: n for month, n in whole.items() if n} == without
    assert len(whole) == (TODAY.year - 2011) * 12 + TODAY.month > len(without)


@pytest.mark.parametrize("name", ["start_date", "end_date"])
def test_one_date_alone_is_completed_refused_or_ignored(name: str) -> None:
    path = f"/timeline/month/views/article/{ARTICLE}"
    target = f"{path}?{name}={TODAY.replace(day=1)}"
    assert set(asked(target)["timeline"] or {}) <= {TODAY.isoformat()[:7]}
    status, plain = ask(target, dates_alone="refused")
    assert (status, plain["code"]) == (400, "MissingParams")
    assert asked(target, dates_alone="ignored") == asked(f"{path}?{DATES}")


def test_long_breakdowns_are_cut_or_not() -> None:
    target = f"/breakdown/year/views/article/{ARTICLE}?start_date=2016-01-01&end_date={TODAY}"
    assert max(asked(target)["breakdown"]) == "2020"
    assert max(asked(target, breakdown_is_limited=False)["breakdown"]) > "2020"


@pytest.mark.parametrize("most", [3, 10, 12])
def test_a_country_lists_some_cities_and_counts_all(most: int) -> None:
    target = f"/breakdown/total/views/article/{ARTICLE}?start_date=2020-01-01&end_date={TODAY}"
    countries = asked(target, cities=most)["breakdown"]["total"]
    assert max(len(cities) - 1 for cities in countries.values()) == most
    known = asked(target)["breakdown"]["total"]
    assert {key: each["total"] for key, each in countries.items()} == {
        key: each["total"] for key, each in known.items()
    }


def test_the_institution_may_count_a_day_later() -> None:
    target = f"/demo/timeline/day/views/article/{ARTICLE}?start_date=2020-01-01&end_date={TODAY}"
    shifted = asked(target, scope_shift_days=1)["timeline"]
    for day, events in asked(target)["timeline"].items():
        later = date.fromordinal(date.fromisoformat(day).toordinal() + 1)
        assert shifted.get(later.isoformat(), 0) == events or later >= TODAY


def test_a_total_honours_dates_or_not() -> None:
    path = f"/total/views/article/{ARTICLE}"
    dated = f"{path}?start_date=2020-01-01&end_date=2020-12-31"
    year = (date(2020, 1, 1), date(2020, 12, 31))
    narrowed = sum(TRUTH.daily(None, "views", "article", ARTICLE, *year).values())
    assert asked(dated) == asked(path)
    assert asked(dated, total_honours_dates=True) == {"totals": narrowed}


@pytest.mark.parametrize(
    ("sub_item", "shape", "is_wrapped"),
    [
        ("category", "documented", True),
        ("item_type", "documented", False),
        ("referral", "documented", False),
        ("category", "bare", False),
        ("referral", "wrapped", True),
    ],
)
def test_sub_items_are_ranked(sub_item: str, shape: str, *, is_wrapped: bool) -> None:
    target = f"/top/views/group?item_id={GROUP}&sub_item={sub_item}&count=3&{DATES}"
    found = asked(target, tops_with_sub_item=shape)
    truth = dict(TRUTH.top_sub_items(None, "views", "group", GROUP, sub_item, 3, *EVER))
    assert found == ({"top": truth} if is_wrapped else truth)
    assert len(truth) == 3


def test_the_total_of_all_counters_is_exact_absent_or_wrong() -> None:
    path = f"/total/article/{ARTICLE}"
    exact = {c: TRUTH.total(None, c, "article", ARTICLE) for c in ("views", "downloads", "shares")}
    assert asked(path) == {**exact, "cites": ARTICLE % 7}
    assert asked(path, combined_totals="wrong")["views"] == exact["views"] + 1
    assert ask(path, combined_totals="absent")[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"groups": [{"id": %d}, {"id": 1}]}' % GROUP, 200),
        (b'{"groups": []}', 200),
        (b"{}", 400),
        (b"[]", 400),
        (b"no json", 400),
        (b'{"groups": [7]}', 400),
    ],
)
def test_articles_are_counted_by_group(body: bytes, status: int) -> None:
    found, plain = ask("/count/articles", body)
    assert found == status
    if b'"id"' in body:
        count = TRUTH.count_articles([GROUP])[GROUP]
        assert plain == {str(GROUP): count, "1": 0}
        assert ask("/count/articles", body, unknown_groups_are_counted=False)[1] == {
            str(GROUP): count
        }


def test_totals_and_rankings_may_lag() -> None:
    """The timeline then counts more than the total, as a service that caches totals would."""
    path = f"/total/views/article/{ARTICLE}"
    assert asked(path, total_lag_days=400)["totals"] < asked(path)["totals"]
    ranking = asked("/top/views/article?count=1", top_lag_days=400)["top"]
    assert ranking[str(ARTICLE)] < asked(path)["totals"]


def test_coarse_timelines_may_not_be_their_days() -> None:
    path = f"/timeline/month/views/article/{ARTICLE}?{DATES}"
    exact = asked(path)["timeline"]
    uneven = asked(path, uneven_kinds=("article",))["timeline"]
    assert uneven == {key: count + 1 for key, count in exact.items()}
    assert asked(path, uneven_kinds=("article",), is_uneven_from_id=ARTICLE + 1) == {
        "timeline": exact
    }


def test_totals_may_count_days_that_no_timeline_tells() -> None:
    question = (None, "day", "views", "article", ARTICLE, *EVER)
    whole = TRUTH.timeline(*question)
    last = date.fromisoformat(sorted(whole)[1])
    untold = TRUTH.under(replace(CONFIG, quirks=Quirks(untold_until=last)))

    assert untold.timeline(*question) == {
        day: n for day, n in whole.items() if day > last.isoformat()
    }
    assert untold.total(None, "views", "article", ARTICLE) == sum(whole.values())


def test_places_may_not_know_of_restatements() -> None:
    day = min(TRUTH.daily(None, "views", "article", ARTICLE, *EVER))
    gone = Restatement("article", ARTICLE, "views", day, 0.0, date(2011, 1, 1))
    restated = replace(CONFIG, restatements=(gone,))
    stale = replace(restated, quirks=Quirks(stale_places=True))
    question = (None, "month", "views", "article", ARTICLE, *EVER)

    assert TRUTH.under(stale).timeline(*question) == TRUTH.under(restated).timeline(*question)
    assert TRUTH.under(stale).breakdown(*question) == TRUTH.breakdown(*question)
    assert TRUTH.under(restated).breakdown(*question) != TRUTH.breakdown(*question)
