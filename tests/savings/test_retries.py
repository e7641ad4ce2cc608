"""Evidence that failed for ever, then healed: what was planned without it is as good as ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvester.cli import main
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.faults import Fault
from harvester.simulator.quirks import Quirks
from harvester.simulator.truth import Truth
from tests.savings.support_two_sides import DATASETS, Sides, Spec, sides, unaccounted

pytestmark = pytest.mark.anyio
DAYS = [date(2026, 7, 4), date(2026, 8, 4)]
COUNTERS = ["views", "shares"]
TOTALS = ("snapshot", "counter", "entity_id", "value")


def _config(**quirks: Any) -> SimulatorConfig:
    return SimulatorConfig(seed=5, articles=30, today=DAYS[0], quirks=Quirks(**quirks))


SLOW = pytest.mark.slow
TRUTH = Truth(_config())
IDS = TRUTH.ids("article")
# One with events and one without, the last of each, so that no rule is tried on them.
BUSY = next(n for n in reversed(IDS) if TRUTH.total("demo", "views", "article", n))
QUIET = next(n for n in reversed(IDS) if not TRUTH.total("demo", "shares", "article", n))
SOME = f"article/({BUSY}|{QUIET})"


def _job(**planner: bool) -> Spec:
    period = {"start": "beginning", "end": "yesterday"}
    about = {"counters": COUNTERS, "period": period}
    return {
        "source": {"institution": "demo"},
        "entities": {"article": {"ids": IDS}},
        "dimensions": [
            {"endpoint": "total", "counters": COUNTERS},
            {"endpoint": "timeline", "granularities": ["day", "month", "year"], **about},
            {"endpoint": "breakdown", "granularities": ["month"], **about},
        ],
        "planner": planner,
    }


def _refusing(path: str) -> tuple[Fault, ...]:
    """Every request of this kind, for ever: no other try would mend it."""
    return (Fault("status", status=400, rate=1.0, path=path),)


async def _failed_then_healed(both: Sides, path: str) -> list[str]:
    """Both sides on the first day, the thrifty one in two runs; what it sent in both."""
    await both.all_asked.run(DAYS[0])
    simulator = both.thrifty.simulator
    simulator.reconfigure(replace(simulator.config, faults=_refusing(path)))
    result, before = await both.thrifty.sent(DAYS[0])
    # Where 50 fail in a row everything fails alike: they are not failed, but asked again.
    assert result.exit_code in {1, 3}, result
    lines = both.thrifty.rows("requests", "url", "state")
    # What is not offered is an answer of its own.
    settled = {url.removeprefix(simulator.url) for url, state in lines if state == "empty"}
    refused = {each.target for each in simulator.history if each.fault} - settled
    both.change(faults=())
    assert main(["failures", str(both.thrifty.output), "--retry"]) == 0
    result, after = await both.thrifty.sent(DAYS[0])
    assert result.exit_code == 0, result
    assert after
    # What was refused was put back: it is asked once more, or shown by what healed to be needless.
    return [*(each for each in before if each not in refused), *after]


@pytest.mark.parametrize(
    ("path", "planner"),
    [
        pytest.param(f"/total/.*{SOME}", {}, id="totals", marks=SLOW),
        pytest.param("/total/shares/", {}, id="every total of a counter", marks=SLOW),
        pytest.param(f"/timeline/day/.*{SOME}", {}, id="finest timelines", marks=SLOW),
        pytest.param(f"/(total|timeline/day)/.*{SOME}", {}, id="totals and finest timelines"),
        pytest.param("/timeline/day/", {}, id="every finest timeline", marks=SLOW),
        pytest.param(
            "/timeline/(month|year)/", {}, id="timelines that check derivation", marks=SLOW
        ),
        pytest.param(f"/breakdown/.*{SOME}", {}, id="breakdowns", marks=SLOW),
        pytest.param("/top/", {"ranked_totals": True}, id="rankings", marks=SLOW),
        pytest.param(
            "/total/", {"ranked_totals": True}, id="totals that check rankings", marks=SLOW
        ),
        pytest.param(
            f"/total/.*{SOME}",
            {"combined_totals": True},
            id="some totals of all counters",
            marks=SLOW,
        ),
    ],
)
async def test_evidence_that_failed_and_heals_costs_no_row(
    tmp_path: Path, path: str, planner: dict[str, bool]
) -> None:
    async with sides(tmp_path, _config(), _job(**planner)) as both:
        sent = await _failed_then_healed(both, path)

        both.assert_same()
        assert unaccounted(both.thrifty, f"{DAYS[0]}.1", sent) == []
        _, needed = await both.run(DAYS[1])
        both.assert_same()
        assert unaccounted(both.thrifty, f"{DAYS[1]}.1", needed) == []


def _wrong(config: SimulatorConfig) -> list[int]:
    """Whose total a lagging ranking does not tell."""
    truth = Truth(config)
    ranked = dict(truth.top("demo", "views", "article", 1_000))
    return [n for n in IDS if ranked.get(n, 0) != truth.total("demo", "views", "article", n)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("quirks", "wrong", "path"),
    [
        pytest.param({"top_lag_days": 40}, None, "/total/views/article/", id="a ranking"),
        pytest.param(
            {"uneven_kinds": ("article",), "is_uneven_from_id": IDS[10]},
            IDS[10:],
            "/timeline/(month|year)/.*article/",
            id="derivation",
        ),
        pytest.param({"total_lag_days": 40}, IDS, "/total/views/article/", id="totals that lag"),
    ],
)
async def test_evidence_that_heals_and_contradicts_is_named(
    tmp_path: Path, quirks: dict[str, Any], wrong: list[int] | None, path: str
) -> None:
    """Those that would have contradicted had failed: what was told by then stands, and is named.

    Its rows are out. The next run asks the periods anew; the totals it reads are those of its day.
    """
    config = _config(**quirks)
    wrong = _wrong(config) if wrong is None else wrong
    assert wrong
    refused = f"{path}({'|'.join(map(str, wrong))})"
    async with sides(tmp_path, config, _job(ranked_totals="top_lag_days" in quirks)) as both:
        sent = await _failed_then_healed(both, refused)

        assert unaccounted(both.thrifty, f"{DAYS[0]}.1", sent) == []
        _, needed = await both.run(DAYS[1])
        both.assert_same(tuple(each for each in DATASETS if each != "totals"))
        assert unaccounted(both.thrifty, f"{DAYS[1]}.1", needed) == []
        wanted, found = (
            {row for row in side.rows("totals", *TOTALS) if row[0] == DAYS[1]}
            for side in (both.all_asked, both.thrifty)
        )
        assert wanted == found


async def test_a_ranking_that_no_total_could_check_is_not_believed(tmp_path: Path) -> None:
    """It lags behind. That is found out when the totals heal, and until then nothing is told."""
    job = _job(ranked_totals=True)
    # Of 50 in a row the run would say that everything fails alike.
    job["entities"]["article"]["ids"] = IDS[:24]
    async with sides(tmp_path, _config(top_lag_days=400), job) as both:
        await both.all_asked.run(DAYS[0])
        simulator = both.thrifty.simulator
        simulator.reconfigure(replace(simulator.config, faults=_refusing("/total/")))
        result, _ = await both.thrifty.sent(DAYS[0])

        assert result.exit_code == 1
        assert both.thrifty.facts("totals") == []
        both.change(faults=())
        assert main(["failures", str(both.thrifty.output), "--retry"]) == 0
        result, _ = await both.thrifty.sent(DAYS[0])
        assert result.exit_code == 0
        assert "the ranking does not tell the totals" in " ".join(result.notes)
        both.assert_same()
