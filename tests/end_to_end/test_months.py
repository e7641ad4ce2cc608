"""An archive that is run every month, some runs killed: each month equals the truth of its day."""

from __future__ import annotations

import signal
from datetime import date
from pathlib import Path

import pytest

from harvester.simulator.config import SimulatorConfig
from tests.support import expected
from tests.support.command_line import Job, figshare
from tests.support.everything import same

DAYS = [date(2026, month, 5) for month in range(1, 7)]


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(DAYS[:2], id="two months"),
        pytest.param(DAYS, id="half a year", marks=pytest.mark.thorough),
    ],
)
def test_monthly_runs_some_of_them_killed_equal_the_truth_of_each_day(
    tmp_path: Path, days: list[date]
) -> None:
    config = SimulatorConfig(seed=5, articles=25, today=DAYS[0], late_days=3)
    with figshare(tmp_path, config) as service:
        job = Job(
            tmp_path,
            {
                "name": "archive",
                "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
                "entities": {
                    "article": {"ids": service.truth.ids("article")[:12]},
                    "group": {"ids": service.truth.ids("group")[:3]},
                },
                "dimensions": [
                    {"endpoint": "total", "counters": ["views"]},
                    {
                        "endpoint": "timeline",
                        "counters": ["views", "downloads"],
                        "granularities": ["day", "month", "year", "total"],
                        "period": {"start": "2019-03-10", "end": "yesterday"},
                    },
                    {
                        "endpoint": "breakdown",
                        "entities": ["group"],
                        "counters": ["views"],
                        "granularities": ["day", "month", "year", "total"],
                        "period": {"start": "2024-10-10", "end": "yesterday"},
                    },
                ],
                "limits": {"requests_per_second": "unlimited"},
            },
        )
        for number, day in enumerate(days):
            service.change(today=day.isoformat())
            if number % 2:
                running = job.start("run", "job.yaml", "--today", day.isoformat())
                before = len(service.history())
                while len(service.history()) < before + 20 and running.poll() is None:
                    pass
                running.send_signal(signal.SIGKILL)
                running.communicate()
            job.run("--today", day.isoformat())

            now = service.truth.at(day)
            found = job.rows("timeline", expected.TIMELINE)
            same(found, expected.timeline(job.spec, now, day))
            countries, cities = expected.places(job.spec, now, day)
            same(job.rows("countries", expected.COUNTRIES), countries)
            same(job.rows("cities", expected.CITIES), cities)
        snapshots = {row[4] for row in job.rows("totals", expected.TOTALS)}
        assert snapshots == set(days)
    files = len(list((job.output / "timeline").rglob("*.parquet")))
    assert files <= 16 * (1 + len(days))
