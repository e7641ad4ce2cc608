"""Jobs thrown with dice: every endpoint in some of them, every setting of the planner."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.support.command_line import Figshare, Spec

COUNTERS = ["views", "downloads", "shares"]
GRANULARITIES = ["day", "month", "year", "total"]
Dice = random.Random


def some(dice: Dice, things: list[Any]) -> list[Any]:
    """A few of them, at least one, in their order."""
    chosen = dice.sample(range(len(things)), dice.randint(1, len(things)))
    return [things[each] for each in sorted(chosen)]


def any_spec(dice: Dice, service: Figshare, name: str) -> Spec:
    """A job of some 30 to 200 requests."""
    scope: Spec = {"stats_url": service.url, "api_url": f"{service.url}/v2", "institution_id": 2}
    if is_institution := dice.random() < 0.7:
        scope |= {"institution": "demo", "credentials": {"env": "STATS"}}
    return {
        "name": name,
        "source": scope,
        "entities": _entities(dice, service),
        "dimensions": _dimensions(dice),
        "planner": {
            "skip_unneeded": dice.random() < 0.8,
            "combined_totals": dice.random() < 0.3,
            "ranked_totals": is_institution and dice.random() < 0.3,
        },
        "limits": {
            "requests_per_second": "unlimited",
            "concurrency": dice.choice([1, 3, 8, 16]),
        },
        "output": {"raw": dice.random() < 0.8},
    }


def with_ids_found(spec: Spec, service: Figshare) -> Spec:
    """The spec with the ids that its listings must find."""
    entities = {
        kind: {"ids": service.truth.ids(kind)} if "discover" in source else source
        for kind, source in spec["entities"].items()
    }
    return {**spec, "entities": entities}


def _entities(dice: Dice, service: Figshare) -> Spec:
    if dice.random() < 0.3:
        articles: Spec = {"discover": True}
    else:
        articles = {"ids": dice.sample(service.truth.ids("article"), 8)}
    return {"article": articles, "group": {"ids": service.truth.ids("group")[:2]}}


def _dimensions(dice: Dice) -> list[Spec]:
    begin = date(2024, 1, 1) + timedelta(days=dice.randrange(600))
    period = {"start": begin.isoformat(), "end": dice.choice(["yesterday", "last-month"])}
    every: list[Spec] = [
        {"endpoint": "total", "counters": some(dice, COUNTERS)},
        {"endpoint": "count"},
        {"endpoint": "top", "entities": ["article"], "counters": ["views"], "count": 9},
        {
            "endpoint": "top",
            "entities": ["group"],
            "counters": some(dice, COUNTERS),
            "sub_item": "referral",
            "period": period,
        },
        {
            "endpoint": "timeline",
            "counters": some(dice, COUNTERS[:2]),
            "granularities": some(dice, GRANULARITIES),
            "period": period,
        },
        {
            "endpoint": "timeline",
            "entities": ["group"],
            "counters": ["views"],
            "granularities": ["month"],
            "period": period,
            "filter": {"sub_item": "item_type", "sub_item_ids": ["dataset", "figure"]},
        },
        {
            "endpoint": "breakdown",
            "entities": ["group"],
            "counters": ["views"],
            "granularities": some(dice, GRANULARITIES),
            "period": period,
        },
    ]
    return every if dice.random() < 0.5 else some(dice, every)
