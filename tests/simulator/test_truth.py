"""The truth is the same for the same seed, adds up, and looks like the real thing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.simulator import Quirks, SimulatorConfig, Truth
from tests.support.thorough import examples

# More countries than there are: with the documented 200 a long period would lose some.
CONFIG = SimulatorConfig(seed=11, articles=120, quirks=Quirks(countries=1000))
TRUTH = Truth(CONFIG)
EVER = (date(2011, 1, 1), CONFIG.today)
KINDS = ("article", "author", "collection", "group", "project")
COUNTERS = ("views", "downloads", "shares")

scopes = st.sampled_from([None, "demo"])
entities = st.sampled_from(KINDS).flatmap(
    lambda kind: st.tuples(st.just(kind), st.sampled_from(TRUTH.ids(kind)))
)
windows = st.builds(
    lambda first, days: (first, first + timedelta(days=days)),
    st.dates(date(2014, 6, 1), date(2026, 6, 30)),
    st.integers(0, 1500),
)
lengths = {"day": 10, "month": 7, "year": 4}


def busiest(kind: str = "article") -> int:
    return TRUTH.top(None, "views", kind, 1)[0][0]


@settings(max_examples=examples(150), deadline=None)
@given(scope=scopes, counter=st.sampled_from(COUNTERS), entity=entities, window=windows)
def test_days_add_to_every_period(
    scope: str | None, counter: str, entity: tuple[str, int], window: tuple[date, date]
) -> None:
    """Invariant: each granularity is the days of the window, put together."""
    daily = TRUTH.daily(scope, counter, *entity, *window)

    assert all(window[0] <= day <= window[1] and count > 0 for day, count in daily.items())
    for granularity, length in lengths.items():
        summed: Counter[str] = Counter()
        for day, count in daily.items():
            summed[day.isoformat()[:length]] += count
        assert TRUTH.timeline(scope, granularity, counter, *entity, *window) == summed
    whole = TRUTH.timeline(scope, "total", counter, *entity, *window)
    assert whole == ({"total": sum(daily.values())} if daily else {})


@settings(max_examples=examples(60), deadline=None)
@given(
    scope=scopes,
    counter=st.sampled_from(COUNTERS),
    entity=entities,
    window=windows,
    granularity=st.sampled_from(["month", "year", "total"]),
)
def test_countries_add_to_the_timeline(
    scope: str | None,
    counter: str,
    entity: tuple[str, int],
    window: tuple[date, date],
    granularity: str,
) -> None:
    """Invariant: country totals of a period are its events; cities are at most their country."""
    question = (scope, granularity, counter, *entity, *window)
    broken_down = TRUTH.breakdown(*question)

    totals = {
        key: sum(cities["total"] for cities in countries.values())
        for key, countries in broken_down.items()
    }
    assert totals == TRUTH.timeline(*question)
    for countries in broken_down.values():
        for cities in countries.values():
            listed = [count for city, count in cities.items() if city != "total"]
            assert 1 <= len(listed) <= 10
            assert sum(listed) <= cities["total"]
            assert sum(listed) == cities["total"] or len(listed) == 10


@pytest.mark.parametrize("scope", [None, "demo"])
@pytest.mark.parametrize("counter", COUNTERS)
def test_totals_are_the_sum_of_all_days(scope: str | None, counter: str) -> None:
    for kind in KINDS:
        for number in TRUTH.ids(kind):
            days = TRUTH.daily(scope, counter, kind, number, *EVER)
            assert TRUTH.total(scope, counter, kind, number) == sum(days.values())


def test_the_same_seed_is_the_same_truth() -> None:
    """Also when it was asked in another order, or reached from another day."""
    again = Truth(CONFIG)
    other = Truth(replace(CONFIG, seed=12))
    from_elsewhere = Truth(replace(CONFIG, today=date(2019, 5, 5))).at(CONFIG.today)
    assert TRUTH.ids("article") != other.ids("article")
    for number in reversed(TRUTH.ids("article")):
        question = ("demo", "views", "article", number, *EVER)
        assert again.daily(*question) == TRUTH.daily(*question) == from_elsewhere.daily(*question)


def test_days_that_are_over_do_not_change() -> None:
    """The truth of a later day has more days; those that were over then are as they were."""
    earlier = TRUTH.at(date(2024, 2, 29))
    for number in earlier.ids("article"):
        before = earlier.daily(None, "views", "article", number, *EVER)
        until = date(2024, 2, 28)
        after = TRUTH.daily(None, "views", "article", number, date(2011, 1, 1), until)
        today = before.pop(date(2024, 2, 29), 0)
        assert before == after
        whole = TRUTH.daily(None, "views", "article", number, date(2024, 2, 29), date(2024, 2, 29))
        assert today == (whole.get(date(2024, 2, 29), 0) + 1) // 2


def test_events_lie_between_first_online_and_today() -> None:
    for kind in ("article", "collection", "project", "group", "author"):
        for number in TRUTH.ids(kind):
            first = TRUTH.first_online(kind, number)
            days = TRUTH.daily(None, "views", kind, number, date(2000, 1, 1), date(2040, 1, 1))
            assert not days or first is not None
            assert all(first is not None and first <= day <= CONFIG.today for day in days)


def test_groups_and_authors_are_sums_of_their_articles() -> None:
    for scope in (None, "demo"):
        for kind in ("group", "author"):
            for number in TRUTH.ids(kind):
                articles = [item.id for item in TRUTH.items(kind, number)]
                assert TRUTH.total(scope, "views", kind, number) == sum(
                    TRUTH.total(scope, "views", "article", one) for one in articles
                )


def test_groups_may_roll_up() -> None:
    """With the quirk the root counts the whole tree, else only its own articles."""
    rolled = Truth(replace(CONFIG, quirks=Quirks(groups_roll_up=True)))
    root = next(number for number, parent in rolled.world.parents.items() if parent == 0)
    all_groups = sum(TRUTH.total(None, "views", "group", one) for one in TRUTH.ids("group"))

    assert rolled.total(None, "views", "group", root) == all_groups
    assert TRUTH.total(None, "views", "group", root) < all_groups


def test_the_world_has_a_long_tail_of_items_without_events() -> None:
    """A third without downloads, 97 % without shares, dates over ten years, ids far apart."""
    truth = Truth(SimulatorConfig(articles=2000))
    ids = truth.ids("article")
    without = {
        counter: sum(truth.total(None, counter, "article", one) == 0 for one in ids) / len(ids)
        for counter in COUNTERS
    }
    years = {first.year for one in ids if (first := truth.first_online("article", one))}
    views = sorted(truth.total(None, "views", "article", one) for one in ids)

    assert without["views"] < 0.01
    assert 0.28 < without["downloads"] < 0.37
    assert 0.96 < without["shares"] < 0.985
    assert years == set(range(2015, 2026))
    assert views[-1] > 100 * views[len(views) // 2]
    assert ids[-1] - ids[0] > 9_000_000
    assert set(ids) & set(truth.ids("collection"))
    assert set(ids) & set(truth.ids("author"))


def test_the_institution_counts_less() -> None:
    public = sum(TRUTH.total(None, "views", "article", one) for one in TRUTH.ids("article"))
    inside = sum(TRUTH.total("demo", "views", "article", one) for one in TRUTH.ids("article"))
    assert 0.7 * public < inside < public
    assert TRUTH.total("demo ", "views", "article", busiest()) == 0


def test_both_unknowns_and_other_scripts_are_there() -> None:
    countries: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    for number in TRUTH.ids("group"):
        answer = TRUTH.breakdown(None, "month", "views", "group", number, *EVER)
        for found in answer.values():
            countries.update(found.keys())
            for names in found.values():
                cities.update(names.keys())
    assert {"Unknown", "Unkown", "Côte d'Ivoire"} <= set(countries)
    assert {"Unknown", "Unkown", "São Paulo", "京都"} <= set(cities)
    assert len(countries) > 200


@pytest.mark.parametrize("most", [10, 200])
def test_only_the_largest_countries_are_listed(most: int) -> None:
    """Those that are left out have no more events than the last that is listed."""
    truth = Truth(replace(CONFIG, groups=1, quirks=Quirks(countries=most)))
    whole = Truth(replace(CONFIG, groups=1, quirks=Quirks(countries=1000)))
    question = (None, "total", "views", "group", truth.ids("group")[0], *EVER)
    cut, full = truth.breakdown(*question)["total"], whole.breakdown(*question)["total"]

    assert len(cut) == most < len(full)
    left_out = max(full[name]["total"] for name in set(full) - set(cut))
    assert left_out <= min(cities["total"] for cities in cut.values())
    assert all(full[name] == cities for name, cities in cut.items())


def test_total_stands_anywhere_among_the_cities() -> None:
    found = TRUTH.breakdown(None, "year", "views", "group", busiest("group"), *EVER)
    places = {
        list(cities).index("total") for countries in found.values() for cities in countries.values()
    }
    assert len(places) > 5


@pytest.mark.parametrize("sub_item", ["item_type", "category"])
def test_filtered_timelines_and_countries_add_up_to_their_ranking(sub_item: str) -> None:
    group = busiest("group")
    ranking = TRUTH.top_sub_items(None, "views", "group", group, sub_item, 99, *EVER)
    for key, value in ranking:
        question = (None, "total", "views", "group", group, *EVER, sub_item, key)
        assert TRUTH.timeline(*question) == {"total": value}
        countries = TRUTH.breakdown(*question)["total"].values()
        assert sum(cities["total"] for cities in countries) == value
    if sub_item == "item_type":
        assert sum(value for _, value in ranking) == TRUTH.total(None, "views", "group", group)
    assert TRUTH.timeline(None, "total", "views", "group", group, *EVER, sub_item, "no such") == {}


def test_rankings_are_sorted_with_ties_by_text() -> None:
    for counter in COUNTERS:
        ranking = TRUTH.top(None, counter, "article", 1000)
        assert ranking == sorted(ranking, key=lambda one: (-one[1], str(one[0])))
        assert all(TRUTH.total(None, counter, "article", one) == n for one, n in ranking)
    with_zeros = TRUTH.under(replace(CONFIG, quirks=Quirks(top_lists_zeros=True)))
    assert len(with_zeros.top(None, "shares", "article", 1000)) == len(TRUTH.ids("article"))
    referrals = TRUTH.top_sub_items(None, "views", "article", busiest(), "referral", 5, *EVER)
    assert len(referrals) == 5
    assert referrals == sorted(referrals, key=lambda one: (-one[1], one[0]))


def test_counts_are_what_the_listing_has() -> None:
    counts = TRUTH.count_articles([*TRUTH.ids("group"), 1])
    assert sum(counts.values()) == len(TRUTH.ids("article"))
    assert counts[1] == 0
