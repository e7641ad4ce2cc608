"""A service at odds with itself: that is found, said, asked in full, and costs no row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.quirks import Quirks
from harvester.simulator.truth import Truth
from tests.savings.support_two_sides import DATASETS, Side, Sides, Spec, sides, unaccounted

pytestmark = pytest.mark.anyio
DAYS = [date(2026, 7, 4), date(2026, 8, 4)]
# Days younger than this are open; what contradicts there may just have moved.
SETTLED = DAYS[0] - timedelta(days=4)
BEGINNING = date(2011, 1, 1)


def _config(**quirks: Any) -> SimulatorConfig:
    return SimulatorConfig(seed=5, articles=60, today=DAYS[0], quirks=Quirks(**quirks))


def _job(kind: str, ids: list[int]) -> Spec:
    period = {"start": "beginning", "end": "yesterday"}
    about = {"counters": ["views"], "period": period}
    return {
        "source": {"institution": "demo"},
        "entities": {kind: {"ids": ids}},
        "dimensions": [
            {"endpoint": "total", "counters": ["views"]},
            {"endpoint": "timeline", "granularities": ["day", "month", "year"], **about},
            {"endpoint": "breakdown", "granularities": ["month"], **about},
        ],
    }


async def _run(
    both: Sides, day: date, datasets: tuple[str, ...] = DATASETS, **options: Any
) -> tuple[str, list[str], list[str]]:
    """Both sides on a day: what the thrifty one says, and what each asked: (all, needed)."""
    both.change(today=day)
    _, asked = await both.all_asked.sent(day, **options)
    result, needed = await both.thrifty.sent(day, **options)
    assert result.exit_code == 0, result
    assert unaccounted(both.thrifty, f"{day}.1", needed) == []
    both.assert_same(datasets)
    return " ".join(result.notes), asked, needed


def _about(asked: list[str], endpoint: str, kind: str, number: int) -> set[str]:
    """The requests to one endpoint about one entity."""
    part = f"/demo/{endpoint}/"
    return {each for each in asked if each.startswith(part) and f"/{kind}/{number}?" in each}


def _origins(side: Side, number: int) -> set[tuple[Any, ...]]:
    """How the coarser timelines of an entity came to be, by granularity."""
    rows = side.rows("timeline", "granularity", "entity_id", "origin")
    return {(row[0], row[2]) for row in rows if row[1] == number and row[0] != "day"}


def _counted(truth: Truth, number: int) -> int:
    days = truth.daily("demo", "views", "article", number, BEGINNING, SETTLED)
    return sum(days.values())


@pytest.mark.thorough
async def test_a_timeline_above_its_total_is_told_and_asked_in_full(tmp_path: Path) -> None:
    """Whose timeline counts more than its total is asked in full; all others are spared as ever."""
    config = _config(total_lag_days=40)
    truth = Truth(config)
    # Totals of 0 are another rule's affair.
    ids = [n for n in truth.ids("article") if truth.total("demo", "views", "article", n)]
    totals = {n: truth.total("demo", "views", "article", n) for n in ids}
    above = [n for n in ids if _counted(truth, n) > totals[n]]
    # The first 20 without a contradiction are asked in both granularities anyway.
    honest = [n for n in ids if n not in above][20:]
    assert above
    assert honest
    async with sides(tmp_path, config, _job("article", ids)) as both:
        said, asked, needed = await _run(both, DAYS[0])

        assert f"{len(above)} series count more in their timeline than in their total" in said
        assert f"article {above[0]}, views: the timeline counts" in said
        for number in above:
            whole = _about(asked, "breakdown/month/views", "article", number)
            assert _about(needed, "breakdown/month/views", "article", number) == whole
            assert _origins(both.thrifty, number) == {("month", "reported"), ("year", "reported")}
        for number in honest:
            assert _origins(both.thrifty, number) == {("month", "derived"), ("year", "derived")}
        assert len(needed) < len(asked)
        await _run(both, DAYS[1])


def _vanishing(truth: Truth, group: int) -> Iterator[Restatement]:
    """A group's timeline loses the month in which a second window would begin, and a day besides.

    Its places are counted article by article and lose nothing: so they stand above the timeline,
    and one of their months is in no window that the timeline would have asked for.
    """
    days = sorted(truth.daily("demo", "views", "group", group, BEGINNING, DAYS[0]))
    begun = days[0]
    lost = date(begun.year + 2, begun.month, 1)
    inside = [day for day in days if (day.year, day.month) == (lost.year, lost.month)]
    later = [day for day in days if (day.year, day.month) > (lost.year, lost.month)]
    busy = next(day for day, other in pairwise(later)
                if (day.year, day.month) == (other.year, other.month))  # fmt: skip
    assert inside
    for day in (*inside, busy):
        yield Restatement("group", group, "views", day, 0.0, BEGINNING)


async def test_places_above_their_timeline_are_told_and_asked_for_all_days(tmp_path: Path) -> None:
    """Whose places count more than its timeline has them asked for all days, empty ones too."""
    truth = Truth(_config(stale_places=True))
    ids = truth.ids("group")
    group = next(n for n in ids if truth.daily("demo", "views", "group", n, BEGINNING, DAYS[0]))
    restated = tuple(_vanishing(truth, group))
    config = replace(truth.config, restatements=restated)
    month = restated[0].day.isoformat()[:7]
    async with sides(tmp_path, config, _job("group", ids)) as both:
        said, asked, needed = await _run(both, DAYS[0])

        assert "1 series count more by country than in their timeline" in said
        assert f"breakdown/month/views/group/{group}" in said
        months = both.thrifty.rows("countries", "entity_id", "period")
        assert (group, month) in {(row[0], str(row[1])[:7]) for row in months}
        assert (group, month) not in {
            (row[1], str(row[2])[:7])
            for row in both.thrifty.rows("timeline", "granularity", "entity_id", "period")
        }
        others = [n for n in ids if n != group]
        assert sum(len(_about(needed, "breakdown/month/views", "group", n)) for n in others) < sum(
            len(_about(asked, "breakdown/month/views", "group", n)) for n in others
        )
        await _run(both, DAYS[1])


async def test_a_total_of_0_beside_a_timeline_with_events_ends_the_rule_for_good(
    tmp_path: Path,
) -> None:
    """Found among the sampled ones: then every series is asked, now and in later runs."""
    config = replace(_config(total_lag_days=900), first_from=date(2023, 6, 1))
    truth = Truth(config)
    # The last one nobody knows: its total of 0 is right, but who is to believe it?
    ids = [*truth.ids("article"), 999_999_937]
    zero = [n for n in ids if not truth.total("demo", "views", "article", n)]
    lying = [n for n in zero if _counted(truth, n)]
    assert set(lying) & set(zero[:20]), "no sampled one would tell"
    assert set(lying) - set(zero[:20]), "nothing would be lost"
    async with sides(tmp_path, config, _job("article", ids)) as both:
        said, _, needed = await _run(both, DAYS[0])

        assert "totals of 0 are no proof here" in said
        assert "total 0, timeline" in said
        part = "/demo/timeline/day/views/article/"
        assert len({each for each in needed if each.startswith(part)}) == len(ids)
        _, _, needed = await _run(both, DAYS[1])
        assert len({each for each in needed if each.startswith(part)}) == len(ids), "forgotten"


async def test_a_total_that_falls_is_told_and_proves_nothing(tmp_path: Path) -> None:
    """It is reported, by name and number, and is no proof that all events are here."""
    # Most are quiet, so that the rule is believed when the one comes that it does not hold for.
    config = replace(_config(), quiet_from=DAYS[0], active_share=0.2)
    truth = Truth(config)
    ids = truth.ids("article")
    later = truth.at(DAYS[1])
    number = next(
        n for n in reversed(ids)
        if _counted(truth, n) > 20
        and later.daily("demo", "views", "article", n, DAYS[0], DAYS[1] - timedelta(days=5))
    )  # fmt: skip
    # More is taken away than came since.
    gone = sorted(truth.daily("demo", "views", "article", number, BEGINNING, SETTLED))
    restated = [Restatement("article", number, "views", day, 0.0, DAYS[1]) for day in gone]
    async with sides(tmp_path, config, _job("article", ids)) as both:
        before = both.truth.total("demo", "views", "article", number)
        said, _, _ = await _run(both, DAYS[0])
        assert "lower total" not in said
        both.change(restatements=tuple(restated))
        both.change(today=DAYS[1])
        now = both.truth.total("demo", "views", "article", number)
        assert now < before
        # Whoever asks everything compares no timelines: he keeps the breakdowns of restated days.
        compared = tuple(each for each in DATASETS if each not in ("countries", "cities"))
        said, asked, needed = await _run(both, DAYS[1], compared)

        assert "1 series have a lower total than before" in said
        assert f"total/views/article/{number}: {before} before, {now} now" in said
        assert "--refresh" in said
        whole = _about(asked, "timeline/day/views", "article", number)
        assert _about(needed, "timeline/day/views", "article", number) == whole
        rows = both.thrifty.rows("countries", "entity_id", "period")
        kept = {str(row[1])[:7] for row in rows if row[0] == number}
        lost = {f"{day:%Y-%m}" for day in gone}
        assert lost.isdisjoint(kept), "breakdowns of restated months stand as they were"
