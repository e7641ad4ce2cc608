"""Random small worlds and jobs on them, from a number: the same number, the same world."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.quirks import ListingQuirks, Quirks
from harvester.simulator.truth import Truth

KINDS = ["article", "author", "collection", "group", "project"]
COUNTERS = ["views", "downloads", "shares"]
GRANULARITIES = ["day", "month", "year", "total"]
DATED = ("article", "collection", "project")
UNKNOWN = 999_999_937
Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class World:
    """A service, a job, and the days on which it is run."""

    config: SimulatorConfig
    spec: Spec
    days: list[date]


def world(number: int, *, has_quirks: bool) -> World:
    """One of many worlds."""
    return dated(_Dice(number).world(has_quirks=has_quirks), random.Random(number + 10**6))  # noqa: S311


def dated(chosen: World, dice: random.Random) -> World:
    """Half of all worlds know dates, and some of those are edited: a throw of its own for each.

    Where dates are known, a period may end before most of them: only there they spare anything.
    """
    entities = chosen.spec["entities"]
    kinds = [kind for kind in entities if kind in DATED and dice.random() < 0.5]
    habits = ListingQuirks(
        edited_first_online_every=dice.choice([0, 2, 3]),
        redated_every=dice.choice([0, 0, 3, 7]),
        backdated_every=dice.choice([0, 0, 4]),
    )
    if not kinds:
        return chosen
    known = {kind: {**entities[kind], "metadata": True} for kind in kinds}
    spec = {**chosen.spec, "entities": {**entities, **known}}
    # Whether long timelines are cut is tried on the finest: where that ended before all events, a
    # coarser one over other days is cut unnoticed (docs/planner.md).
    if not chosen.config.quirks.timeline_is_limited:
        spec["dimensions"] = [_ended(each, dice) for each in spec["dimensions"]]
    return replace(chosen, config=replace(chosen.config, listings=habits), spec=spec)


def _ended(dimension: Spec, dice: random.Random) -> Spec:
    """Half of the periods from the beginning end early."""
    if dimension.get("period", {}).get("start") != "beginning" or dice.random() < 0.5:
        return dimension
    return {
        **dimension,
        "period": {"start": "beginning", "end": f"{dice.choice([2021, 2024])}-12-31"},
    }


class _Dice:
    def __init__(self, number: int) -> None:
        self._dice = random.Random(number)  # noqa: S311  # no secret
        self._first = date(self.one(2018, 2022, 2023, 2024), self.one(1, 3, 7), 1)
        self._granularities = GRANULARITIES

    def one(self, *values: Any) -> Any:
        return self._dice.choice(values)

    def some(self, values: list[str], most: int) -> list[str]:
        return self._dice.sample(values, self._dice.randint(1, min(most, len(values))))

    def is_so(self, share: float) -> bool:
        return self._dice.random() < share

    def world(self, *, has_quirks: bool) -> World:
        day = date(2026, self._dice.randint(1, 7), self._dice.randint(1, 28))
        late = self.one(0, 0, 2, 3)
        last = day - timedelta(days=self.one(-40, 5, 100, 400))
        config = SimulatorConfig(
            seed=self._dice.randint(0, 10**6),
            articles=self._dice.randint(2, 25),
            today=day,
            first_from=self._first,
            first_until=max(self._first + timedelta(days=30), last),
            late_days=late,
            quiet_from=self.one(None, date(2026, 1, 1), date(2025, 1, 1)),
            active_share=self.one(0.1, 0.4),
        )
        if has_quirks:
            config = replace(config, quirks=self._quirks())
        if config.quirks.timeline_is_limited:
            self._granularities = GRANULARITIES[:3]
        spec = self._spec(Truth(config), settle_days=max(late, self.one(0, 3, 3, 10)))
        days = [day]
        for _ in range(self._dice.randint(1, 2)):
            days.append(days[-1] + timedelta(days=self.one(1, 2, 5, 20, 31, 40, 90)))
        return World(config, spec, days)

    def _quirks(self) -> Quirks:
        quirks = Quirks(
            top_lists_zeros=self.is_so(0.3),
            groups_roll_up=self.is_so(0.2),
            unknown_total_is_null=self.is_so(0.3),
            empty_is_null=self.is_so(0.7),
            timeline_is_limited=self.is_so(0.4),
            combined_totals=self.one("exact", "absent", "wrong"),
            top_lag_days=self.one(0, 0, 5, 40),
            uneven_kinds=tuple(self._dice.sample(KINDS, self.one(0, 0, 1, 3))),
            tops_with_sub_item=self.one("documented", "wrapped", "bare"),
        )
        return replace(quirks, uneven_kinds=()) if quirks.timeline_is_limited else quirks

    def _spec(self, truth: Truth, *, settle_days: int) -> Spec:
        kinds = self.some(KINDS, 2)
        later = truth.at(date(2027, 1, 1))
        entities = {}
        for kind in kinds:
            pool = later.ids(kind)
            chosen = self._dice.sample(pool, min(len(pool), self._dice.randint(1, 12)))
            entities[kind] = {"ids": sorted({*chosen, UNKNOWN})}
        planner: Spec = {"settle_days": settle_days}
        for key in ("combined_totals", "ranked_totals"):
            if self.is_so(0.3):
                planner[key] = True
        spec: Spec = {
            "entities": entities,
            "dimensions": self._dimensions(kinds),
            "planner": planner,
        }
        if self.is_so(0.5):
            spec["source"] = {"institution": "demo"}
        return spec

    def _dimensions(self, kinds: list[str]) -> list[Spec]:
        found: list[Spec] = []
        counters, shape = self.some(COUNTERS, 3), self._dice.random()
        if self.is_so(0.7):
            found.append({"endpoint": "total", "counters": self.some(COUNTERS, 3)})
        if shape < 0.85:
            found += self._timelines(counters)
        if shape > 0.4:
            found += self._breakdowns(counters)
        if self.is_so(0.3):
            period = {"start": "2025-01-01", "end": self.one("yesterday", "last-month")}
            top = {"endpoint": "top", "entities": kinds[:1], "counters": counters[:1]}
            found.append({**top, "sub_item": "referral", "period": period})
        return found

    def _timelines(self, counters: list[str]) -> list[Spec]:
        found = [self._periods("timeline", counters, self.some(self._granularities, 4))]
        if self.is_so(0.3):
            found.append(self._periods("timeline", counters, self.some(self._granularities, 2)))
        if self.is_so(0.3):
            categories = [self._dice.randint(2, 61) for _ in range(2)]
            chosen = self.one(
                {"sub_item": "item_type", "sub_item_ids": ["dataset", "figure"]},
                {"sub_item": "category", "sub_item_ids": categories},
            )
            few = self._periods("timeline", counters[:1], self.some(self._granularities, 3))
            found.append({**few, "filter": chosen})
        return found

    def _breakdowns(self, counters: list[str]) -> list[Spec]:
        granularity = self.one("month", "month", "year", "total", "day")
        found = [self._periods("breakdown", self.some(COUNTERS, 2), [granularity])]
        if self.is_so(0.3):
            few = self._periods("breakdown", counters[:1], [self.one("month", "year", "total")])
            chosen = {"sub_item": "item_type", "sub_item_ids": ["dataset"]}
            found.append({**few, "filter": chosen})
        return found

    def _periods(self, endpoint: str, counters: list[str], granularities: list[str]) -> Spec:
        inside = self._first + timedelta(days=self._dice.randint(1, 500))
        old = date(2025, self._dice.randint(1, 12), self._dice.randint(1, 28))
        start = self.one("beginning", self._first.isoformat(), inside.isoformat())
        end = self.one("yesterday", "yesterday", "last-month", "last-month", old.isoformat())
        return {
            "endpoint": endpoint,
            "counters": counters,
            "granularities": granularities,
            "period": {"start": start, "end": end},
        }
