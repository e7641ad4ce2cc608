"""The questions of Figshare's documentation, answered by its own recorded responses."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.simulator.config import SimulatorConfig
from tests.support.command_line import Job, figshare

RECORDED = Path(__file__).parent.parent / "fixtures" / "documented-responses.json"


def test_the_documented_numbers_come_out(tmp_path: Path) -> None:
    with figshare(tmp_path, SimulatorConfig(articles=1), replay=RECORDED) as service:
        job = Job(
            tmp_path,
            {
                "name": "documented",
                "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
                "entities": {
                    "article": {"ids": [23, 766364]},
                    "author": {"ids": [15]},
                    "group": {"ids": [327, 328, 329]},
                },
                "dimensions": [
                    {"endpoint": "total", "entities": ["article"], "counters": ["views"]},
                    {"endpoint": "total", "entities": ["author"], "counters": ["shares"]},
                    {"endpoint": "count"},
                    {"endpoint": "top", "entities": ["article"], "counters": ["views"]},
                    {
                        "endpoint": "timeline",
                        "entities": ["article"],
                        "counters": ["views"],
                        "granularities": ["year"],
                        "period": {"start": "2013-01-01", "end": "2017-12-31"},
                    },
                    {
                        "endpoint": "breakdown",
                        "entities": ["article"],
                        "counters": ["views"],
                        "granularities": ["year"],
                        "period": {"start": "2015-04-19", "end": "2016-04-21"},
                    },
                ],
                "limits": {"requests_per_second": "unlimited"},
            },
        )
        job.run()

    yearly = job.rows("timeline", "entity_id, period, value")
    assert sum(value for entity, _, value in yearly if entity == 766364) == 46_088
    assert [period for _, period, _ in yearly] == ["2013", "2014", "2015", "2016", "2017"]
    countries = job.rows("countries", "period, value, unlisted, period_start, period_end")
    assert sum(value for period, value, *_ in countries if period == "2015") == 8_662
    assert sum(rest for period, _, rest, *_ in countries if period == "2015") == 4_065
    assert {str(first) for period, _, _, first, _ in countries if period == "2015"} == {
        "2015-04-19"
    }
    assert {str(last) for period, *_, last in countries if period == "2016"} == {"2016-04-21"}
    unknown = job.rows("cities", "country, city, value, period")
    assert ("Unknown", "Unkown", 14, "2015") in unknown
    assert ("France", "Créteil", 1, "2016") in unknown
    totals = job.rows("totals", "entity, counter, entity_id, value")
    assert ("article", "views", 23, 231) in totals
    assert ("author", "shares", 15, 134) in totals
    assert job.rows("counts", "group_id, articles") == [(327, 20), (328, 1), (329, 1)]
    assert job.rows("top", "rank, key, value", order="1")[:2] == [
        (1, "2064072", 65_819),
        (2, "1018769", 46_370),
    ]


def test_the_documented_group_scopes_come_out_filtered(tmp_path: Path) -> None:
    """Filtered questions of an institution, with the credentials it demands."""
    config = SimulatorConfig(articles=1, institution="lboro", username="u", password="p")
    with figshare(tmp_path, config, replay=RECORDED) as service:
        job = Job(
            tmp_path,
            {
                "name": "filtered",
                "source": {
                    "stats_url": service.url,
                    "api_url": f"{service.url}/v2",
                    "institution": "lboro",
                    "credentials": {"env": "STATS"},
                },
                "entities": {"group": {"ids": [17]}},
                "dimensions": [
                    {
                        "endpoint": "breakdown",
                        "counters": ["downloads"],
                        "granularities": ["total"],
                        "period": {"start": "2015-02-11", "end": "2015-05-17"},
                        "filter": {"sub_item": "item_type", "sub_item_ids": ["fileset"]},
                    }
                ],
                "limits": {"requests_per_second": "unlimited"},
            },
        )
        job.environment["STATS"] = "u:p"
        job.run()

    assert job.rows(
        "countries", "institution, sub_item, sub_item_id, country, value, unlisted"
    ) == [
        ("lboro", "item_type", "fileset", "Brazil", 2, 0),
        ("lboro", "item_type", "fileset", "China", 11, 0),
        ("lboro", "item_type", "fileset", "Spain", 16, 0),
        ("lboro", "item_type", "fileset", "United States", 10, 0),
    ]


@pytest.mark.parametrize("password", ["u:wrong", "somebody:p"])
def test_refused_credentials_stop_the_run_and_show_nothing(tmp_path: Path, password: str) -> None:
    config = SimulatorConfig(articles=20, institution="lboro", username="u", password="p")
    with figshare(tmp_path, config) as service:
        job = Job(
            tmp_path,
            {
                "name": "refused",
                "source": {
                    "stats_url": service.url,
                    "api_url": f"{service.url}/v2",
                    "institution": "lboro",
                    "credentials": {"env": "STATS"},
                },
                "entities": {"article": {"ids": [1, 2]}},
                "dimensions": [
                    {"endpoint": "total", "counters": ["views"]},
                    {
                        "endpoint": "timeline",
                        "counters": ["views"],
                        "granularities": ["month"],
                        "period": {"start": "2015-02-11", "end": "2015-05-17"},
                    },
                ],
                "limits": {"requests_per_second": "unlimited"},
            },
        )
        job.environment["STATS"] = password
        ended = job.run(expect=3)
        assert "STATS" in ended.stderr
        assert "wrong" not in ended.stderr
        assert "somebody" not in ended.stderr
        assert len(job.rows("totals", "value")) == 2

        job.environment["STATS"] = "u:p"
        job.run()
    assert {state for (state,) in job.rows("requests", "state")} == {"done", "empty"}
