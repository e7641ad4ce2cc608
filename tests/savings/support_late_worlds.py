"""Random small worlds whose past does not stand: days that fill up late, settled ones restated."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.truth import Truth
from tests.savings.support_random_worlds import COUNTERS, KINDS, Spec, World, world

# Longer than any month: each run finds days and a month that no earlier one has settled.
MONTHLY = timedelta(days=31)
_BEGINNING = date(2011, 1, 1)
# Of all series, before each run.
_SHARE_RESTATED = 0.3
# What is restated lies far from what fills up, and all in one direction: within a period of the
# timeline, events that are taken back may make up for others, and then nothing shows.
_OLD = timedelta(days=90)
_MOVES = (((0.0, 0), (0.5, 0)), ((2.0, 0), (1.0, 3)))


def late_world(number: int, *, has_quirks: bool) -> World:
    """One of many: run three times, a month apart, and settled long before all is counted.

    Where timelines are cut, or seem to be for their years are no sums, only what is missing of
    them is asked: such worlds are left out.
    """
    chosen = world(number, has_quirks=has_quirks)
    dice = random.Random(number + 2 * 10**6)  # noqa: S311  # no secret
    days = [chosen.days[0] + MONTHLY * n for n in range(3)]
    config = replace(
        chosen.config,
        late_days=dice.choice([8, 15, 25]),
        late_share=dice.choice([0.3, 0.7, 1.0]),
        quirks=replace(chosen.config.quirks, timeline_is_limited=False, uneven_kinds=()),
    )
    restated = [
        each
        for earlier, later in pairwise(days)
        for each in _restated(config, dice, earlier, later)
    ]
    return World(
        replace(config, restatements=tuple(restated)), _running_on(chosen.spec, dice), days
    )


def _running_on(spec: Spec, dice: random.Random) -> Spec:
    """The job with periods that run on, and a timeline beside each breakdown.

    A period that is over and settled is not asked again, nor is a settled window of places, of
    which no timeline shows that it has changed.
    """
    planner = {**spec.get("planner", {}), "settle_days": dice.choice([0, 3])}
    dimensions = []
    for each in spec["dimensions"]:
        if "period" in each:
            end = dice.choice(["yesterday", "last-month"])
            dimensions.append({**each, "period": {**each["period"], "end": end}})
    told = {
        counter
        for each in dimensions
        if each["endpoint"] == "timeline" and "filter" not in each
        for counter in each["counters"]
    }
    for each in [each for each in dimensions if each["endpoint"] == "breakdown"]:
        untold = [counter for counter in each["counters"] if counter not in told]
        if untold:
            plain = {key: value for key, value in each.items() if key != "filter"}
            timeline = {"endpoint": "timeline", "counters": untold, "granularities": ["month"]}
            dimensions.append({**plain, **timeline})
            told |= {*untold}
    dimensions += [each for each in spec["dimensions"] if "period" not in each]
    return {**spec, "planner": planner, "dimensions": dimensions}


def _restated(
    config: SimulatorConfig, dice: random.Random, earlier: date, later: date
) -> Iterator[Restatement]:
    """Days that had events before one run and count otherwise from the next on."""
    then, moves = Truth(replace(config, today=earlier)), dice.choice(_MOVES)
    for kind in KINDS:
        for number in then.ids(kind):
            for counter in COUNTERS:
                days = then.daily(None, counter, kind, number, _BEGINNING, earlier - _OLD)
                if days and dice.random() < _SHARE_RESTATED:
                    day = dice.choice([max(days), *days])
                    factor, plus = dice.choice(moves)
                    yield Restatement(kind, number, counter, day, factor, later, plus)
