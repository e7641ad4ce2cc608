"""Asking only what is needed brings what asking everything brings, row for row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from harvester.errors import SpecError
from harvester.model.dates import Window
from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.quirks import Quirks
from harvester.simulator.truth import Truth
from harvester.store.folder import JobFolder
from harvester.verify.finding import Finding, Severity
from harvester.verify.verifier import verified
from tests.savings.support_random_worlds import World, world
from tests.savings.support_two_sides import Side, Sides, sides, unaccounted
from tests.support.thorough import few_of

pytestmark = pytest.mark.anyio
DAYS = [date(2026, 7, 4), date(2026, 8, 4), date(2026, 9, 2)]
COUNTERS = ["views", "downloads", "shares"]
# So many in `make test-all`, and in the soak; in `make test` three small ones.
IN_THE_SUITE, IN_ALL, SMALL = 16, 120, {5, 8, 13}
# Worlds that once found something; 129: three events lost behind a limit, in a year that a
# settled period cuts off.
FOUND_SOMETHING = {129}


def _numbers() -> list[object]:
    suite = {*range(IN_THE_SUITE), *FOUND_SOMETHING}
    return few_of(
        [
            number if number in suite else pytest.param(number, marks=pytest.mark.slow)
            for number in sorted({*range(IN_ALL), *FOUND_SOMETHING})
        ],
        *SMALL,
        *FOUND_SOMETHING,
    )


@pytest.mark.parametrize("has_quirks", [False, True], ids=["documented", "quirks"])
@pytest.mark.parametrize("number", _numbers())
async def test_any_small_world_gives_the_same_rows_both_ways(
    tmp_path: Path, number: int, *, has_quirks: bool
) -> None:
    """The same data, everything accounted for once, and no more requests than planned."""
    await check(tmp_path, world(number, has_quirks=has_quirks))


async def check(folder: Path, chosen: World) -> None:
    quirks = chosen.config.quirks
    # A rule that breaks costs more than was planned before it did.
    is_plain = not quirks.timeline_is_limited and not quirks.uneven_kinds
    # What dates may spare is not known before they are asked for.
    is_dated = any(each.get("metadata") for each in chosen.spec["entities"].values())
    async with sides(folder, chosen.config, chosen.spec) as both:
        for day in chosen.days:
            try:
                plan = both.thrifty.plan(day)
            except SpecError:
                pytest.skip("the dice made a job that the spec refuses")
            _, needed = await both.run(day)
            both.assert_same()
            assert len(needed) == len(set(needed)), "asked twice in one run"
            assert unaccounted(both.thrifty, f"{day}.1", needed) == []
            if is_plain:
                assert len(needed) <= plan.most
                assert is_dated or plan.least <= len(needed)
        assert wrong(both.thrifty, may_contradict_itself=not is_plain) == []


def wrong(side: Side, *, may_contradict_itself: bool) -> list[Finding]:
    """What `verify` says against a job; a service at odds with itself is rightly warned about."""
    report = verified(JobFolder(side.output))
    errors = report.of(Severity.ERROR)
    return errors if may_contradict_itself else errors + report.of(Severity.WARNING)


def _job(ids: list[int], *, ranked: bool = False, combined: bool = False) -> dict[str, object]:
    period = {"start": "beginning", "end": "yesterday"}
    return {
        "source": {"institution": "demo"},
        "entities": {"article": {"ids": ids}},
        "dimensions": [
            {"endpoint": "total", "counters": COUNTERS},
            {
                "endpoint": "timeline",
                "counters": COUNTERS,
                "granularities": ["day", "month", "year"],
                "period": period,
            },
            {
                "endpoint": "breakdown",
                "counters": ["views"],
                "granularities": ["month"],
                "period": {**period, "end": "last-month"},
            },
        ],
        "planner": {"ranked_totals": ranked, "combined_totals": combined},
    }


def _config(**quirks: object) -> SimulatorConfig:
    return SimulatorConfig(seed=5, articles=60, today=DAYS[0], quirks=Quirks(**quirks))  # type: ignore[arg-type]


def _ids(config: SimulatorConfig) -> list[int]:
    return Truth(config).ids("article")


@pytest.mark.parametrize(
    ("quirks", "note"),
    [
        pytest.param({}, None, id="as documented", marks=pytest.mark.thorough),
        pytest.param(
            {"top_lists_zeros": True}, None, id="rankings list zeros", marks=pytest.mark.thorough
        ),
        pytest.param(
            {"top_lag_days": 40},
            "ranking does not tell",
            id="rankings lag behind",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            {"timeline_is_limited": True},
            "cut short here",
            id="timelines are cut",
            marks=pytest.mark.thorough,
        ),
        pytest.param({"uneven_kinds": ("article",)}, "no sums of finer", id="months are no sums"),
        pytest.param(
            {"total_lag_days": 2000},
            "totals of 0 are no proof",
            id="totals lag behind",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            {"empty_is_null": False},
            None,
            id="nothing is an empty object",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            {"unknown_total_is_null": True},
            None,
            id="unknown ids have no total",
            marks=pytest.mark.thorough,
        ),
    ],
)
async def test_a_quirk_that_breaks_a_rule_is_said_and_costs_no_row(
    tmp_path: Path, quirks: dict[str, object], note: str | None
) -> None:
    """A rule that does not hold is found out, said, remembered for the job, and costs no row."""
    config = _config(**quirks)
    ranked = "top_lag_days" in quirks or "top_lists_zeros" in quirks
    async with sides(tmp_path, config, _job(_ids(config), ranked=ranked)) as both:
        for day in DAYS:
            both.change(today=day)
            await both.all_asked.run(day)
            result = await both.thrifty.run(day)
            both.assert_same()
            if day == DAYS[0]:
                said = " ".join(result.notes)
                assert note in said if note else not said


@pytest.mark.parametrize("combined", few_of(["exact", "absent", "wrong"], "exact"))
async def test_totals_of_all_counters_at_once_are_asked_only_where_they_are_exact(
    tmp_path: Path, combined: str
) -> None:
    config = _config(combined_totals=combined)
    async with sides(tmp_path, config, _job(_ids(config), combined=True)) as both:
        for day in DAYS[:2]:
            _, needed = await both.run(day)
            both.assert_same()
            at_once = [each for each in needed if each.startswith("/demo/total/article/")]
            one_by_one = [each for each in needed if each.startswith("/demo/total/views/")]
            if combined == "exact":
                assert len(at_once) == len(_ids(config))
                assert len(one_by_one) <= 20
            else:
                assert len(at_once) <= 20
                assert len(one_by_one) == len(_ids(config))


async def test_settled_values_that_changed_are_replaced_and_kept(tmp_path: Path) -> None:
    """`--refresh`: what differs is replaced, old and new are in revisions/, all else stands."""
    config = SimulatorConfig(seed=5, articles=30, today=DAYS[0])
    ids = _ids(config)
    async with sides(tmp_path, config, _job(ids)) as both:
        await both.run(DAYS[0])
        before = set(both.thrifty.facts("timeline"))
        busy = _busy_day(both, ids)
        restated = Restatement("article", busy[0], "views", busy[1], 0.0, DAYS[1])
        appeared = Restatement("article", busy[0], "views", date(2026, 2, 14), 1.0, DAYS[1], plus=5)
        both.change(today=DAYS[1], restatements=(restated, appeared))
        refresh = _window("2026-01-01", "2026-03-31")
        await both.all_asked.run(DAYS[1], refresh=refresh)
        result = await both.thrifty.run(DAYS[1], refresh=refresh)
        both.assert_same()
        assert result.exit_code == 0
        changed = both.thrifty.rows(
            "revisions", "dataset", "granularity", "entity_id", "period", "old_value", "new_value"
        )
        days = {row[3]: row[4:] for row in changed if row[:2] == ("timeline", "day")}
        gone = days[busy[1].isoformat()]
        assert gone[0] > 0
        assert gone[1] is None, "a value that vanished"
        assert days["2026-02-14"][1] == (days["2026-02-14"][0] or 0) + 5
        assert {row[2] for row in changed} == {busy[0]}
        kinds = {row[:2] for row in changed}
        assert kinds >= {("timeline", each) for each in ("day", "month")}, "2026 is open"
        assert kinds >= {("countries", "month"), ("cities", "month")}
        assert changed == both.all_asked.rows(
            "revisions", "dataset", "granularity", "entity_id", "period", "old_value", "new_value"
        )
        assert before - set(both.thrifty.facts("timeline")), "something was replaced"


def _busy_day(both: Sides, ids: list[int]) -> tuple[int, date]:
    for one in ids:
        days = both.truth.daily(
            "demo", "views", "article", one, date(2026, 1, 5), date(2026, 3, 20)
        )
        days.pop(date(2026, 2, 14), None)
        if len(days) > 5:
            return one, min(days)
    raise AssertionError("no article is busy enough for this test")


def _window(first: str, last: str) -> Window:
    return Window(date.fromisoformat(first), date.fromisoformat(last))
