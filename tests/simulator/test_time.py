"""What a truth is like on another day: restated, late, asleep, not there yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from harvester.simulator import Restatement, SimulatorConfig, Truth

CONFIG = SimulatorConfig(seed=11, articles=120)
TRUTH = Truth(CONFIG)
EVER = (date(2011, 1, 1), CONFIG.today)
KINDS = ("article", "author", "collection", "group", "project")


def busiest(kind: str = "article") -> int:
    return TRUTH.top(None, "views", kind, 1)[0][0]


def test_a_restatement_begins_on_its_day() -> None:
    number, today = busiest(), date(2025, 6, 15)
    series = TRUTH.daily(None, "views", "article", number, *EVER)
    day, count = next((day, count) for day, count in series.items() if count > 1)
    empty = next(d for n in range(9) if (d := day + timedelta(days=n)) not in series)
    author = next(one for one in TRUTH.ids("author") if _writes(one, number))
    restated = TRUTH.under(
        replace(
            CONFIG,
            restatements=(
                Restatement("article", number, "views", day, 3.0, today),
                Restatement("article", number, "views", empty, 1.0, today, plus=5),
            ),
        )
    )
    before, after = restated.at(today - timedelta(days=1)), restated.at(today)

    assert before.daily(None, "views", "article", number, day, empty) == {
        one: n for one, n in series.items() if day <= one <= empty
    }
    changed = after.daily(None, "views", "article", number, day, empty)
    assert changed == {
        **{one: n for one, n in series.items() if day < one < empty},
        day: 3 * count,
        empty: 5,
    }
    # Whoever wrote the article is restated with it.
    gain = after.total(None, "views", "author", author) - TRUTH.at(today).total(
        None, "views", "author", author
    )
    assert gain == 2 * count + 5


def _writes(author: int, article: int) -> bool:
    return any(item.id == article for item in TRUTH.items("author", author))


def test_a_restated_group_changes_alone() -> None:
    group, today = busiest("group"), CONFIG.today
    day = next(iter(TRUTH.daily(None, "views", "group", group, *EVER)))
    restated = TRUTH.under(
        replace(
            CONFIG, restatements=(Restatement("group", group, "views", day, 2.0, today, plus=7),)
        )
    )
    events = TRUTH.daily(None, "views", "group", group, day, day)[day]

    assert restated.daily(None, "views", "group", group, day, day) == {day: 2 * events + 7}
    countries = restated.breakdown(None, "day", "views", "group", group, day, day)[day.isoformat()]
    assert sum(cities["total"] for cities in countries.values()) == 2 * events + 7
    for item in TRUTH.items("group", group):
        question = (None, "views", "article", item.id, *EVER)
        assert restated.daily(*question) == TRUTH.daily(*question)


def test_late_events_show_later() -> None:
    """The last days miss a part; three days on, the same days are whole."""
    late = Truth(replace(CONFIG, late_days=3, late_share=0.5))
    today = CONFIG.today
    number = busiest()
    last = (today - timedelta(days=3), today - timedelta(days=1))
    older = (date(2011, 1, 1), today - timedelta(days=4))

    assert late.daily(None, "views", "article", number, *older) == TRUTH.daily(
        None, "views", "article", number, *older
    )
    shown = sum(late.total(None, "views", "article", one) for one in late.ids("article"))
    there = sum(TRUTH.total(None, "views", "article", one) for one in late.ids("article"))
    assert shown < there
    afterwards = late.at(today + timedelta(days=3))
    assert afterwards.daily(None, "views", "article", number, *last) == TRUTH.daily(
        None, "views", "article", number, *last
    )


def test_a_quiet_world_is_mostly_asleep() -> None:
    quiet = Truth(replace(CONFIG, articles=1000, quiet_from=date(2026, 6, 1), active_share=0.1))
    june = (date(2026, 6, 1), date(2026, 6, 30))
    may = (date(2026, 5, 1), date(2026, 5, 31))
    ids = quiet.ids("article")
    active = sum(bool(quiet.daily(None, "views", "article", one, *june)) for one in ids)
    before = sum(bool(quiet.daily(None, "views", "article", one, *may)) for one in ids)
    assert active / len(ids) <= 0.1 < before / len(ids)


def test_items_come_and_go() -> None:
    """Nothing exists before it is online, and withdrawn articles are public for a while only."""
    config = replace(CONFIG, withdrawn=10)
    truth = Truth(config)
    early = truth.at(date(2015, 1, 2))
    gone = [item for item in truth.world.items["article"].values() if item.id > 11_000_000]

    assert len(early.ids("article")) < 5
    assert 120 <= len(truth.ids("article")) < 130
    for item in gone:
        middle = truth.at(date.fromordinal(item.online))
        assert item.id in middle.ids("article")
        assert item.id not in middle.at(date.fromordinal(item.withdrawn)).ids("article")


def test_an_empty_world_answers_with_nothing() -> None:
    empty = Truth(SimulatorConfig(articles=0))
    for kind in KINDS:
        assert empty.ids(kind) == []
        assert empty.total(None, "views", kind, 5) == 0
        assert empty.breakdown(None, "day", "views", kind, 5, *EVER) == {}
        assert empty.top(None, "views", kind, 5) == []
