"""Days that fill up after they were settled are found by the next run that asks their series."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from harvester.simulator.config import SimulatorConfig
from tests.support import expected
from tests.support.command_line import Job, figshare
from tests.support.everything import same

DAYS = (date(2026, 6, 5), date(2026, 7, 5), date(2026, 8, 5))
# Most events of the last three weeks show later than the three days that settle them.
WORLD = SimulatorConfig(seed=11, articles=12, today=DAYS[0], late_days=20, late_share=0.7)


def test_days_that_filled_up_late_are_right_after_the_next_run_and_leave_revisions(
    tmp_path: Path,
) -> None:
    with figshare(tmp_path, WORLD) as service:
        period = {"start": "2026-03-01", "end": "yesterday"}
        job = Job(
            tmp_path,
            {
                "name": "late",
                "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
                "entities": {"article": {"ids": service.truth.ids("article")[:8]}},
                "dimensions": [
                    {"endpoint": "total", "counters": ["views"]},
                    {
                        "endpoint": "timeline",
                        "counters": ["views"],
                        "granularities": ["day", "month"],
                        "period": period,
                    },
                    {
                        "endpoint": "breakdown",
                        "counters": ["views"],
                        "granularities": ["month"],
                        "period": period,
                    },
                ],
                "limits": {"requests_per_second": "unlimited"},
            },
        )
        for day in DAYS:
            service.change(today=day.isoformat())
            ended = job.call("run", "job.yaml", "--today", day.isoformat())
            assert ended.returncode == 0, ended.stderr
            now = service.truth.at(day)
            same(job.rows("timeline", expected.TIMELINE), expected.timeline(job.spec, now, day))
            countries, cities = expected.places(job.spec, now, day)
            same(job.rows("countries", expected.COUNTRIES), countries)
            same(job.rows("cities", expected.CITIES), cities)
        revised = job.rows("revisions", "dataset, period, old_value, new_value")
        assert {name for name, *_ in revised} >= {"timeline", "countries"}
        assert job.call("verify", "job.yaml").returncode == 0
