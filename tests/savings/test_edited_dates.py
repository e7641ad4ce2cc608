"""Listings whose dates were edited: whatever they say, the rows are those of asking everything."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.quirks import ListingQuirks
from harvester.simulator.truth import Truth
from tests.savings.support_two_sides import Sides, Spec, sides, unaccounted

pytestmark = pytest.mark.anyio
DAYS = [date(2026, 7, 4), date(2026, 8, 4)]
# Most items are dated after it.
END = date(2017, 12, 31)
PERIOD = {"start": "beginning", "end": END.isoformat()}
COUNTERS = ["views", "downloads"]
TIMELINES = {"endpoint": "timeline", "granularities": ["day", "month"], "period": PERIOD}
BREAKDOWNS = {"endpoint": "breakdown", "granularities": ["year"], "period": PERIOD}


def _job(config: SimulatorConfig, dimension: Spec) -> Spec:
    return {
        "entities": {"article": {"ids": Truth(config).ids("article"), "metadata": True}},
        "dimensions": [{"counters": COUNTERS, **dimension}],
    }


def _config(**habits: Any) -> SimulatorConfig:
    return SimulatorConfig(seed=5, articles=120, today=DAYS[0], listings=ListingQuirks(**habits))


async def _run(both: Sides, day: date) -> tuple[str, list[str], list[str]]:
    both.change(today=day)
    _, asked = await both.all_asked.sent(day)
    result, needed = await both.thrifty.sent(day)
    assert result.exit_code == 0, result
    assert unaccounted(both.thrifty, f"{day}.1", needed) == []
    both.assert_same()
    return " ".join(result.notes), asked, needed


@pytest.mark.parametrize("dimension", [TIMELINES, BREAKDOWNS], ids=["timelines", "breakdowns"])
async def test_dates_that_were_edited_are_found_out_and_cost_no_row(
    tmp_path: Path, dimension: Spec
) -> None:
    """All that they spared is asked in the same run, and in the next they spare nothing."""
    config = _config(redated_every=3)
    async with sides(tmp_path, config, _job(config, dimension)) as both:
        said, _, _ = await _run(both, DAYS[0])
        assert "items were counted before the dates that Figshare tells of them" in said
        assert "the earliest of its dates" in said
        said, _, _ = await _run(both, DAYS[1])
        assert not said
        assert "before_first_online" not in {
            reason for (reason,) in both.thrifty.rows("requests", "reason")
        }


@pytest.mark.parametrize(
    ("habits", "most"),
    [
        pytest.param({"unknown_first_online_every": 0}, 20, id="as they are"),
        pytest.param(
            {"backdated_every": 8},
            31,
            marks=pytest.mark.thorough,
            id="some moved into the past or unknown",
        ),
    ],
)
async def test_dates_that_hold_cost_their_trials_and_spare_the_rest(
    tmp_path: Path, habits: dict[str, int], most: int
) -> None:
    """Twenty series a counter at first, and one in a later run; 88 items came after the period."""
    config = _config(**habits)
    async with sides(tmp_path, config, _job(config, TIMELINES)) as both:
        late = [each for each in both.truth.ids("article") if _online(both, each) > END]
        assert len(late) == 88
        said, asked, needed = await _run(both, DAYS[0])
        assert not said
        assert len(_about(late, asked)) == 2 * len(late)
        assert len(_about(late, needed)) <= most
        _, _, needed = await _run(both, DAYS[1])
        assert len(_about(late, needed)) <= 1


def _online(both: Sides, number: int) -> date:
    return both.truth.first_online("article", number) or date.max


def _about(ids: list[int], asked: list[str]) -> list[str]:
    """The requests for views of some items."""
    ends = tuple(f"/views/article/{each}" for each in ids)
    return [each for each in asked if each.partition("?")[0].endswith(ends)]
