"""A job of totals and a few timelines, and what it must hold when it is complete."""

from __future__ import annotations

from pathlib import Path

from tests.support import expected
from tests.support.command_line import Figshare, Job
from tests.support.everything import FIRST

TODAY = FIRST.isoformat()


def totals_job(tmp_path: Path, service: Figshare, *, name: str = "totals") -> Job:
    return Job(
        tmp_path,
        {
            "name": name,
            "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
            "entities": {"article": {"ids": service.truth.ids("article")}},
            "planner": {"skip_unneeded": False},
            "dimensions": [
                {"endpoint": "total", "counters": ["views", "downloads", "shares"]},
                {
                    "endpoint": "timeline",
                    "counters": ["views"],
                    "granularities": ["month"],
                    "period": {"start": "beginning", "end": "yesterday"},
                },
            ],
            "limits": {"requests_per_second": "unlimited", "concurrency": 4},
        },
    )


def complete(job: Job, service: Figshare) -> None:
    """Everything is there once, and was asked once."""
    found = job.rows("totals", expected.TOTALS)
    assert len(found) == len(set(found))
    assert set(found) == expected.totals(job.spec, service.truth, FIRST)
    months = job.rows("timeline", expected.TIMELINE)
    assert set(months) == expected.timeline(job.spec, service.truth, FIRST)
