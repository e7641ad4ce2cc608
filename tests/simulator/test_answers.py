"""The statistics endpoints answer out of the truth, as documented."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from harvester.simulator import Quirks, SimulatorConfig, Truth
from harvester.simulator.answers import answer
from harvester.simulator.call import Call

CONFIG = SimulatorConfig(seed=5, articles=60)
TRUTH = Truth(CONFIG)
TODAY = CONFIG.today
ARTICLE = TRUTH.top(None, "views", "article", 1)[0][0]
GROUP = TRUTH.top(None, "views", "group", 1)[0][0]
EVER = (date(2011, 1, 1), TODAY)
DATES = f"start_date=2011-01-01&end_date={TODAY}"


def ask(target: str, body: bytes = b"", **quirks: Any) -> tuple[int, Any]:
    truth = TRUTH.under(replace(CONFIG, quirks=Quirks(**quirks))) if quirks else TRUTH
    found = answer(truth, Call("POST" if body else "GET", target, body))
    assert found.headers["Content-Type"].startswith("application/json")
    return found.status, json.loads(found.body)


def asked(target: str, **quirks: Any) -> Any:
    status, plain = ask(target, **quirks)
    assert status == 200
    return plain


def test_answers_of_every_endpoint_are_the_truth() -> None:
    for kind in ("article", "group"):
        number = {"article": ARTICLE, "group": GROUP}[kind]
        for scope in (None, "demo"):
            prefix = f"/{scope}" if scope else ""
            total = TRUTH.total(scope, "downloads", kind, number)
            assert asked(f"{prefix}/total/downloads/{kind}/{number}") == {"totals": total}
            for granularity in ("day", "month", "year", "total"):
                path = f"/{granularity}/views/{kind}/{number}?{DATES}"
                window = (scope, granularity, "views", kind, number, *EVER)
                assert asked(f"{prefix}/timeline{path}") == {"timeline": TRUTH.timeline(*window)}


# The last day a window that starts on the first may have.
@pytest.mark.parametrize(
    ("granularity", "start", "last"),
    [
        ("day", "2020-01-01", "2020-12-31"),
        ("day", "2020-02-29", "2021-02-27"),
        ("day", "2019-03-15", "2020-03-14"),
        ("month", "2020-01-01", "2021-12-31"),
        ("year", "2019-01-01", "2023-12-31"),
        ("total", "2022-06-05", "2023-06-04"),
    ],
)
def test_a_long_breakdown_is_cut_in_silence(granularity: str, start: str, last: str) -> None:
    """A window beyond the limit gets the answer of the longest there is, and status 200."""
    path = f"/breakdown/{granularity}/views/group/{GROUP}?start_date={start}"
    first, end = date.fromisoformat(start), date.fromisoformat(last)
    exact = TRUTH.breakdown(None, granularity, "views", "group", GROUP, first, end)

    assert asked(f"{path}&end_date={last}") == {"breakdown": exact}
    assert asked(f"{path}&end_date=2026-06-30") == {"breakdown": exact}
    if granularity != "total":
        cut = f"/timeline/{granularity}/views/group/{GROUP}?start_date={start}&end_date=2026-06-30"
        assert max(asked(cut)["timeline"]) > max(exact)
        limited = TRUTH.timeline(None, granularity, "views", "group", GROUP, first, end)
        assert asked(cut, timeline_is_limited=True) == {"timeline": limited}


def test_keys_come_in_no_order() -> None:
    timeline = asked(f"/timeline/month/views/article/{ARTICLE}?{DATES}")["timeline"]
    assert list(timeline) not in (sorted(timeline), sorted(timeline, reverse=True))
    ranking = asked("/top/views/article?count=50")["top"]
    values = list(ranking.values())
    assert values not in (sorted(values), sorted(values, reverse=True))


@pytest.mark.parametrize("endpoint", ["timeline", "breakdown"])
def test_an_answer_without_dates_is_of_this_month_so_far(endpoint: str) -> None:
    path = f"/{endpoint}/day/views/group/{GROUP}"
    truth = TRUTH.at(date(2026, 5, 20))
    undated = answer(truth, Call("GET", path)).body
    dated = answer(truth, Call("GET", f"{path}?start_date=2026-05-01&end_date=2026-05-20")).body
    assert json.loads(undated) == json.loads(dated)
    assert json.loads(undated)[endpoint]
