"""Recorded responses answer the questions they were recorded for, and parts of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator import SimulatorConfig, serving
from harvester.simulator.call import Call
from harvester.simulator.replay import read_exchanges, replayed

RECORDED = Path(__file__).parent.parent / "fixtures" / "documented-responses.json"
EXCHANGES = read_exchanges(RECORDED)


def replay(target: str, body: bytes = b"") -> Any:
    found = replayed(EXCHANGES, Call("POST" if body else "GET", target, body))
    assert found is not None
    return json.loads(found.body)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda one: one.call.target)
def test_a_recorded_exchange_comes_back_as_it_was(exchange: Any) -> None:
    found = replayed(EXCHANGES, exchange.call)
    assert found is not None
    assert (found.status, json.loads(found.body)) == (exchange.status, exchange.plain)


def test_an_undated_recording_answers_a_dated_request() -> None:
    path = "/timeline/year/views/article/766364"
    whole = replay(f"{path}?start_date=2013-01-01&end_date=2017-12-31")["timeline"]
    part = replay(f"{path}?start_date=2014-06-01&end_date=2015-01-01")["timeline"]
    assert sum(whole.values()) == 46_088
    assert part == {"2014": 6867, "2015": 14305}
    assert replay(f"{path}?start_date=2019-01-01&end_date=2020-01-01") == {"timeline": None}


def test_a_recorded_breakdown_answers_parts_of_its_window() -> None:
    path = "/breakdown/year/views/article/766364"
    found = replay(f"{path}?start_date=2015-04-19&end_date=2016-04-21")["breakdown"]
    countries = found["2015"].values()
    cities = sum(n for one in countries for city, n in one.items() if city != "total")
    assert sum(one["total"] for one in countries) == 8_662
    assert 8_662 - cities == 4_065
    in_2015 = replay(f"{path}?start_date=2015-01-01&end_date=2015-12-31")["breakdown"]
    assert in_2015 == {"2015": found["2015"]}
    months = "/melbourne/breakdown/month/views/group/234?sub_item=item_type&sub_item_id=project"
    march = replay(f"{months}&start_date=2015-03-01&end_date=2016-03-31")["breakdown"]
    assert list(march) == ["2015-03"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/top/views/article?count=2", {"top": {"2064072": 65819, "1018769": 46370}}),
        (
            "/top/views/project?item_id=13&count=1&sub_item=referral",
            {"www.google.com": 212},
        ),
        (
            "/lboro/timeline/total/views/collection/15?start_date=2014-01-01&end_date=2014-12-31",
            {"timeline": {"total": 10}},
        ),
    ],
)
def test_a_recording_answers_other_windows_and_counts(target: str, expected: object) -> None:
    assert replay(target) == expected


def test_groups_are_answered_one_by_one() -> None:
    body = b'{"groups": [{"id": 329}, {"id": 327}, {"id": 5}]}'
    assert replay("/count/articles", body) == {"329": 1, "327": 20, "5": 0}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/total/views/article/1", {"totals": 0}),
        ("/timeline/day/views/group/10", {"timeline": None}),
        ("/monash/timeline/day/views/group/10?sub_item=category&sub_item_id=9", None),
    ],
)
@pytest.mark.anyio
async def test_a_path_that_nobody_recorded_answers_as_an_unknown_item(
    path: str, expected: object
) -> None:
    """An unknown path answers as the service does for an unknown item."""
    async with serving(SimulatorConfig(), replay_path=RECORDED) as simulator:
        found = simulator.right(Call("GET", path))
        assert found.status == 200
        assert json.loads(found.body) == (expected or {"timeline": None})
        assert simulator.right(Call("GET", "/total/article/23")).status == 404


@pytest.mark.anyio
async def test_headers_clock_and_listings_are_replayed_where_they_were_recorded(
    tmp_path: Path,
) -> None:
    total = {"url": "https://stats.figshare.com/total/views/article/5", "body": {"totals": 9}}
    page = {"url": "https://api.figshare.com/v2/articles?institution=2", "body": [{"id": 5}]}
    also = {"headers": {"Age": "7"}, "clock_skew_seconds": 3600}
    told = [
        {"method": "GET", "status": 200, **total, **also},
        {"method": "GET", "status": 200, **page},
    ]
    (tmp_path / "told.json").write_text(json.dumps(told), encoding="utf-8")
    async with serving(SimulatorConfig(), replay_path=tmp_path / "told.json") as simulator:
        found = simulator.right(Call("GET", "/total/views/article/5"))
        assert found.headers["Age"] == "7"
        ahead = parsedate_to_datetime(found.headers["Date"]) - datetime.now(UTC)
        assert 3590 < ahead.total_seconds() <= 3600
        listed = simulator.right(Call("GET", "/v2/articles?institution=2"))
        assert json.loads(listed.body) == [{"id": 5}]
        assert "Date" not in listed.headers


@pytest.mark.anyio
async def test_recordings_want_credentials_too() -> None:
    config = replace(SimulatorConfig(), username="who", password="canary")
    path = "/monash/timeline/day/views/group/10?sub_item=item_type&sub_item_id=dataset"
    async with serving(config, replay_path=RECORDED) as simulator:
        assert simulator.right(Call("GET", path)).status == 403
        assert simulator.right(Call("GET", "/monash/total/downloads/group/10")).status == 200
