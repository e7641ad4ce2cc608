"""A configuration crosses to another process as JSON and comes back the same."""

from __future__ import annotations

import json
from datetime import date

import pytest

from harvester.simulator import Fault, ListingQuirks, Quirks, Restatement, SimulatorConfig

FULL = SimulatorConfig(
    seed=3,
    username="who",
    password="canary",
    today=date(2025, 3, 1),
    quiet_from=date(2025, 1, 1),
    late_days=2,
    latency_seconds=0.25,
    restatements=(
        Restatement("article", 5, "views", date(2024, 1, 1), 1.5, date(2025, 2, 1), plus=2),
    ),
    quirks=Quirks(top_lists_zeros=True, uneven_kinds=("group",)),
    listings=ListingQuirks(cursor_lifetime=9),
    faults=(Fault("status", status=429, retry_after="date:60", requests=(1, 4), path="/top/"),),
)


@pytest.mark.parametrize("config", [SimulatorConfig(), FULL])
def test_a_config_survives_json_there_and_back(config: SimulatorConfig) -> None:
    assert SimulatorConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize(
    ("plain", "complaint"),
    [
        ({"seeds": 7}, "config: unknown key 'seeds'"),
        ({"seed": "7"}, "config.seed: expected int, found '7'"),
        ({"quirks": {"countries": 1.5}}, "config.quirks.countries: expected int"),
        ({"faults": [{"name": "gremlin"}]}, "no fault is named 'gremlin'"),
        ({"faults": {"name": "hang"}}, "config.faults: expected a list"),
        ({"quirks": []}, "config.quirks: expected an object"),
        ({"today": "soon"}, "Invalid isoformat"),
    ],
)
def test_mistakes_in_a_config_are_named(plain: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        SimulatorConfig.from_json(plain)


def test_a_patch_reaches_into_quirks() -> None:
    """What a patch does not name stays, inside the nested parts as well."""
    patched = FULL.patched({"today": "2025-04-01", "quirks": {"countries": 10}, "faults": []})

    assert patched.today == date(2025, 4, 1)
    assert patched.quirks.countries == 10
    assert patched.quirks.top_lists_zeros
    assert patched.faults == ()
    assert patched.password == "canary"
