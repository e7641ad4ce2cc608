"""Days that fill up or are restated after they were settled; totals tell where anything lacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.quirks import Quirks
from harvester.simulator.truth import Truth
from tests.support import expected
from tests.support.command_line import Figshare, Job, figshare
from tests.support.everything import same

DAYS = (date(2026, 6, 5), date(2026, 7, 5), date(2026, 8, 5))
# Most events of the last three weeks show later than the three days that settle them.
WORLD = SimulatorConfig(seed=11, articles=12, today=DAYS[0], late_days=20, late_share=0.7)


# From May on few have events at all, so that most totals stand still.
QUIET = SimulatorConfig(seed=11, articles=60, today=DAYS[0], quiet_from=date(2026, 5, 1))
EVER = (date(2011, 1, 1), DAYS[-1])


def _job(folder: Path, service: Figshare, ids: list[int], start: str) -> Job:
    about = {"counters": ["views"], "period": {"start": start, "end": "yesterday"}}
    spec = {
        "name": "late",
        "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
        "entities": {"article": {"ids": ids}},
        "dimensions": [
            {"endpoint": "total", "counters": ["views"]},
            {"endpoint": "timeline", "granularities": ["day", "month"], **about},
            {"endpoint": "breakdown", "granularities": ["month"], **about},
        ],
        "limits": {"requests_per_second": "unlimited"},
    }
    return Job(folder, spec)


def _same_as_the_truth(job: Job, service: Figshare, day: date) -> None:
    now = service.truth.at(day)
    same(job.rows("timeline", expected.TIMELINE), expected.timeline(job.spec, now, day))
    countries, cities = expected.places(job.spec, now, day)
    same(job.rows("countries", expected.COUNTRIES), countries)
    same(job.rows("cities", expected.CITIES), cities)


def test_days_that_filled_up_late_are_right_after_the_next_run_and_leave_revisions(
    tmp_path: Path,
) -> None:
    with figshare(tmp_path, WORLD) as service:
        job = _job(tmp_path, service, service.truth.ids("article")[:8], "2026-03-01")
        for day in DAYS:
            service.change(today=day.isoformat())
            job.run("--today", day.isoformat())
            _same_as_the_truth(job, service, day)
        revised = job.rows("revisions", "dataset, period, old_value, new_value")
        assert {name for name, *_ in revised} >= {"timeline", "countries"}
        assert job.call("verify", "job.yaml").returncode == 0


def test_a_total_above_all_that_is_here_has_its_series_asked_whole_in_the_same_run(
    tmp_path: Path,
) -> None:
    """A day of long ago gains three views: alone the total says so, and those of others spare."""
    truth = Truth(QUIET)
    ids = truth.ids("article")[:40]
    restated = _quiet_article(truth, ids)
    busy = truth.daily(None, "views", "article", restated, *EVER)
    more = Restatement("article", restated, "views", min(busy), 1.0, DAYS[2], plus=3)
    with figshare(tmp_path, replace(QUIET, restatements=(more,))) as service:
        job = _job(tmp_path, service, ids, "beginning")
        for day in DAYS:
            service.change(today=day.isoformat())
            ended = job.run("--today", day.isoformat())
            _same_as_the_truth(job, service, day)
        columns = "entity_id, window_start, reason, run_id, endpoint, granularity"
        told = job.rows("requests", columns)
        last = [each[:3] for each in told if each[3:] == (f"{DAYS[2]}.1", "timeline", "day")]
        assert (restated, EVER[0], None) in last
        assert "total_is_covered" in {reason for _, _, reason in last}
        assert {first for _, first, reason in last if reason is None} == {EVER[0]}
        assert "lacks" not in ended.stdout + ended.stderr
        changed = job.rows("revisions", "dataset, granularity, entity_id, period_start, new_value")
        assert ("timeline", "day", restated, min(busy), busy[min(busy)] + 3) in changed


def _quiet_article(truth: Truth, ids: list[int]) -> int:
    """The last one with events, none of them after the first run."""
    now = truth.at(DAYS[-1])
    return next(
        number
        for number in reversed(ids)
        if (days := now.daily(None, "views", "article", number, *EVER)) and max(days) < DAYS[0]
    )


def test_what_totals_count_and_timelines_lack_is_a_warning_that_names_the_items(
    tmp_path: Path,
) -> None:
    """Of the years before 2024 only totals tell: no run brings them, however whole it asks."""
    config = replace(WORLD, late_days=0, quirks=Quirks(untold_until=date(2023, 12, 31)))
    with figshare(tmp_path, config) as service:
        ids = service.truth.ids("article")[:6]
        job = _job(tmp_path, service, ids, "beginning")
        old = (EVER[0], date(2023, 12, 31))
        lacking = [n for n in ids if service.truth.daily(None, "views", "article", n, *old)]
        assert len(lacking) > 3
        for day in DAYS[:2]:
            service.change(today=day.isoformat())
            ended = job.run("--today", day.isoformat())
        said = ended.stdout + ended.stderr
        verified = job.call("verify", "job.yaml")

    assert f"{len(lacking)} series have events in their total that their timeline" in said
    assert f"article {lacking[0]}, views: its total of {DAYS[0]} counts" in said
    assert f"{len(lacking)} items have events in a total that their timeline lacks" in (
        verified.stdout + verified.stderr
    )
    assert all(str(n) in verified.stdout + verified.stderr for n in lacking)
