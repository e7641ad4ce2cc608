"""A run that goes on for days keeps its date, while what it reads counts on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import harvester
from harvester.harvest.result import RunResult
from harvester.job.options import RunOptions
from harvester.simulator.config import SimulatorConfig
from tests.faults.support_clock import NOON, Weather
from tests.support import expected
from tests.support.command_line import Figshare, Job, figshare
from tests.support.everything import same

BEGAN = NOON.date()


def run(job: Job, service: Figshare, day: date, most: int | None = None) -> RunResult:
    clock = Weather()
    clock.seconds = (day - BEGAN) / timedelta(seconds=1)
    service.change(today=day.isoformat())
    options = RunOptions(clock=clock, max_requests=most)
    return harvester.run(harvester.load_job(job.path, today=day), options)


def test_a_total_read_days_after_its_run_began_is_no_sign_of_lacking_events(tmp_path: Path) -> None:
    """An institution takes days: totals read on the second count events of that day."""
    with figshare(tmp_path, SimulatorConfig(seed=11, articles=12, today=BEGAN)) as service:
        period = {"start": "beginning", "end": "yesterday"}
        series = {"counters": ["views"], "granularities": ["day"], "period": period}
        spec = {
            "name": "long",
            "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
            "entities": {"article": {"ids": service.truth.ids("article")}},
            "dimensions": [
                {"endpoint": "total", "counters": ["views"]},
                {"endpoint": "timeline", **series},
            ],
            "limits": {"requests_per_second": "unlimited"},
            "output": {"path": str(tmp_path / "output")},
        }
        job = Job(tmp_path, spec)
        begun = run(job, service, BEGAN, most=2)
        ended = run(job, service, BEGAN + timedelta(days=5))
        later = run(job, service, BEGAN + timedelta(days=40))

        assert (begun.exit_code, ended.exit_code, later.exit_code) == (5, 0, 0)
        assert ended.run_id == begun.run_id
        now = service.truth.at(BEGAN + timedelta(days=40))
        same(
            job.rows("timeline", expected.TIMELINE),
            expected.timeline(job.spec, now, BEGAN + timedelta(days=40)),
        )
    assert not later.notes
    verified = job.call("verify", "job.yaml")
    assert verified.returncode == 0
    assert "timeline-lacks-events" not in verified.stdout
