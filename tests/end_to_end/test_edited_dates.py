"""An item that was edited: its listing says that it came later than its first events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harvester.simulator import SimulatorConfig
from tests.end_to_end.support_institution import job_of, whole
from tests.support.command_line import figshare

REAL = Path(__file__).parent.parent / "fixtures" / "field" / "edited-first-online.json"


def _recorded(real: dict[str, Any]) -> list[dict[str, Any]]:
    """The item in a listing and on its own page, and its statistics, as exchanges to replay."""
    entry, months = real["entry"], real["monthly_views"]
    bodies = {
        "v2/articles": [entry],
        f"v2/articles/{entry['id']}": entry,
        f"total/views/article/{entry['id']}": {"totals": sum(months.values())},
        f"timeline/month/views/article/{entry['id']}": {"timeline": months},
    }
    return [
        {"method": "GET", "url": f"https://figshare.example/{path}", "status": 200, "body": body}
        for path, body in bodies.items()
    ]


@pytest.mark.parametrize(
    ("entities", "has_totals"),
    [
        pytest.param({"discover": True}, True, id="from a listing, with totals"),
        pytest.param({"ids": [935596], "metadata": True}, False, id="from its own page"),
    ],
)
def test_events_before_an_edited_first_online_date_are_harvested(
    tmp_path: Path, entities: dict[str, Any], *, has_totals: bool
) -> None:
    """Posted in 2014, "first online" in 2016: with both, its 58 views of 2014 and 2015 are here."""
    real = json.loads(REAL.read_text(encoding="utf-8"))
    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps(_recorded(real)), encoding="utf-8")
    views = {"entities": ["article"], "counters": ["views"]}
    months = {
        "endpoint": "timeline",
        "granularities": ["month"],
        "period": {"start": "2014-01-01", "end": "2015-12-31"},
        **views,
    }
    dimensions = [months, {"endpoint": "total", **views}] if has_totals else [months]
    with figshare(tmp_path, SimulatorConfig(articles=1), replay=recorded) as service:
        job = job_of(tmp_path, whole(service.url, {"article": entities}, *dimensions))
        job.run()

    found = dict(job.rows("timeline", "period, value"))
    assert found == real["monthly_views"]
    assert sum(found.values()) == real["right"]
    assert job.call("verify", "job.yaml").returncode == 0
    ((day,),) = job.rows("entities", "first_online")
    assert str(day) == "2014-02-14"
