"""No false zero: where a row is missing, requests/ says whether nothing happened, and is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from harvester.cli import main
from harvester.errors import SpecError
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.quirks import Quirks
from harvester.simulator.server import serving
from harvester.simulator.truth import Truth
from harvester.store.folder import JobFolder
from harvester.verify.finding import Finding
from harvester.verify.verifier import verified
from tests.savings.support_shown_days import Told, monthly, refusals, wanted
from tests.savings.support_two_sides import DATASETS, Side, Spec, ids, side
from tests.support.thorough import few_of

pytestmark = pytest.mark.anyio
IN_THE_SUITE, IN_ALL, SMALL = 16, 120, {1, 2, 6}
# Failures had ended a rule, and what waited for its trial was never asked; rows of a dimension that
# was left out were taken for replaced by what was evidence from then on.
FOUND_SOMETHING = {63, 48}


@pytest.mark.parametrize(
    "number",
    few_of(
        [
            number
            if number < IN_THE_SUITE or number in FOUND_SOMETHING
            else pytest.param(number, marks=pytest.mark.slow)
            for number in range(IN_ALL)
        ],
        *SMALL,
    ),
)
async def test_no_row_means_no_events_exactly_where_requests_say_so(
    tmp_path: Path, number: int
) -> None:
    """For each day of each series: over several runs, failures, and specs that change.

    A day that requests/ shows as known has a row, or nothing happened in it. One that is not has
    no row. And whatever the spec asks for is known, or said to have failed.
    """
    world, specs = monthly(number)
    ever: dict[object, set[date]] = {}
    async with serving(world.config) as simulator:
        for place, (day, spec) in enumerate(zip(world.days, specs, strict=True)):
            faults = refusals(number + place)
            simulator.reconfigure(replace(simulator.config, today=day, faults=faults))
            job = side(tmp_path, simulator, spec)
            try:
                result = await job.run(day)
            except SpecError:
                pytest.skip("the dice made a job that the spec refuses")
            told, asked = Told(job, result.run_id), wanted(spec, day)
            for which, period in asked.items():
                ever.setdefault(which, set()).update(period)
            scope = "demo" if "institution" in spec.get("source", {}) else None
            assert told.wrong(simulator.truth, scope) == []
            assert told.unexplained(asked) == []
            outside = {each: told.known[each] - ever.get(each, set()) for each in told.known}
            assert {each: min(left) for each, left in outside.items() if left} == {}
    assert complaints(job) == []


def complaints(job: Side) -> list[Finding]:
    """What `verify` finds wrong.

    Where a wrong date says that nothing lies before the period, a total is rightly above it.
    """
    found = verified(JobFolder(job.output)).findings
    is_dated = any(each.get("metadata") for each in job.spec["entities"].values())
    return [
        each
        for each in found
        if each.exits_with_one and not (is_dated and each.check == "timeline-lacks-events")
    ]


DAYS = [date(2026, 7, 20), date(2026, 8, 20), date(2026, 8, 20)]
PERIOD = {"start": "beginning", "end": "last-month"}
TOTALS = {"endpoint": "total", "counters": ["views"]}
BY_COUNTRY = {"endpoint": "breakdown", "counters": ["views"], "period": PERIOD}
BY_MONTH = {**BY_COUNTRY, "granularities": ["month"]}
OVER_TIME = {"endpoint": "timeline", "counters": ["views"], "period": PERIOD}
MONTHLY = {**OVER_TIME, "granularities": ["month", "year"]}
LATELY = {**OVER_TIME, "granularities": ["day"], "period": {**PERIOD, "start": "2025-01-01"}}


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(
            [[BY_MONTH, MONTHLY], [BY_MONTH], [BY_MONTH, MONTHLY]], id="left out for a while"
        ),
        pytest.param([[BY_MONTH], [MONTHLY], [MONTHLY]], id="by month", marks=pytest.mark.thorough),
        pytest.param(
            [
                [{**BY_COUNTRY, "granularities": ["day"]}, TOTALS],
                [LATELY, TOTALS],
                [{**OVER_TIME, "granularities": ["day"]}, TOTALS],
            ],
            id="by day, longer and longer",
            marks=pytest.mark.thorough,
        ),
    ],
)
async def test_what_was_evidence_is_asked_when_the_spec_wants_it(
    tmp_path: Path, then: list[list[Spec]]
) -> None:
    """Its answers filled no dataset: to call those days covered would be a false zero."""
    config = SimulatorConfig(seed=5, articles=30, today=DAYS[0])
    spec = {"entities": dict(ids(Truth(config), article=8, group=2))}
    async with serving(config) as simulator:
        for day, dimensions in zip(DAYS, then, strict=True):
            simulator.reconfigure(replace(config, today=day))
            now = {**spec, "dimensions": dimensions}
            job = side(tmp_path, simulator, now)
            told = Told(job, (await job.run(day)).run_id)
            assert told.wrong(simulator.truth, None) == []
            assert told.unexplained(wanted(now, day)) == []
            assert complaints(job) == []
    before = {name: job.facts(name) for name in DATASETS}
    assert main(["rebuild", str(job.output)]) == 0
    assert {name: job.facts(name) for name in DATASETS} == before
    assert before["timeline"]
    assert job.rows("revisions", "period") == [], "what was not here was not restated"


async def test_an_answer_that_was_cut_short_shows_only_what_it_told(tmp_path: Path) -> None:
    """The service replaces an end beyond its limit by the limit, and says nothing."""
    quirks = Quirks(timeline_is_limited=True)
    config = SimulatorConfig(seed=5, articles=30, today=DAYS[0], quirks=quirks)
    spec = {"entities": dict(ids(Truth(config), article=8)), "dimensions": [MONTHLY]}
    async with serving(config) as simulator:
        job = side(tmp_path, simulator, spec)
        told = Told(job, (await job.run(DAYS[0])).run_id)
        assert told.wrong(simulator.truth, None) == []
        assert told.unexplained(wanted(spec, DAYS[0])) == []
    whole = _shown_to(job, "2011-01-01..2026-06-30")
    assert {last.year for last in whole} == {2012}


def _shown_to(job: Side, window: str) -> set[date]:
    """The last days shown of the timelines by month that were asked over a window."""
    return {
        last
        for name, last in job.rows("requests", "request_id", "shown_end")
        if "/timeline/month/" in name and name.endswith(window)
    }
