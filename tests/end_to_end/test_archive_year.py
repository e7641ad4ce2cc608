"""`configs/monthly-archive.yaml` for a year: each month's data equal the truth of its day.

New items appear and some vanish, counts arrive late, settled values are restated and read again,
and every third run is killed on its way. Nothing but hosts, ids of groups and secrets differs
from the spec that users copy.
"""

from __future__ import annotations

import json
import signal
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester.simulator import listed
from harvester.simulator.config import SimulatorConfig
from tests.support import expected
from tests.support.command_line import Figshare, Job, figshare
from tests.support.everything import same

SPEC = Path(__file__).parents[2] / "configs" / "monthly-archive.yaml"
PASSWORD = "a:password"
# From February on: the spec's top asks for periods of 2026 that are over.
LONG = pytest.mark.slow
YEAR = [date(2026, month, 5) for month in range(2, 13)] + [date(2027, 1, 5)]
# In these months (by place in the year) a settled day reads otherwise from then on.
RESTATED = {3, 5, 8, 11}


@pytest.mark.parametrize(
    ("days", "planner"),
    [
        pytest.param(YEAR[:3], {}, id="a quarter", marks=pytest.mark.thorough),
        pytest.param(YEAR, {}, id="a year", marks=LONG),
        pytest.param(YEAR, {"ranked_totals": True}, id="a year, ranked", marks=LONG),
        pytest.param(
            YEAR, {"combined_totals": True}, id="a year, combined", marks=pytest.mark.slow
        ),
        pytest.param(
            YEAR, {"skip_unneeded": False}, id="a year, all asked", marks=pytest.mark.slow
        ),
    ],
)
def test_the_monthly_archive_equals_the_truth_of_each_day(
    tmp_path: Path, days: list[date], planner: dict[str, bool]
) -> None:
    config = SimulatorConfig(
        seed=17,
        articles=70,
        withdrawn=6,
        today=days[0],
        first_until=date(2026, 12, 1),
        late_days=3,
        username="stats",
        password=PASSWORD,
        quiet_from=date(2026, 1, 1),
        active_share=0.3,
    )
    with figshare(tmp_path, config) as service:
        job = Job(tmp_path, _spec(service, planner))
        job.environment |= {"STATS": f"stats:{PASSWORD}"}
        archive = _Archive(service, job)
        for number, day in enumerate(days):
            archive.month(number, day)
        ended = job.call("verify", "job.yaml")
        assert ended.returncode == 0, ended.stdout
        before = job.files()
        service.forget()
        job.run("--today", days[-1].isoformat())
        assert service.history() == []
        assert job.files() == before


def _spec(service: Figshare, planner: dict[str, bool]) -> dict[str, Any]:
    written = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    spec: dict[str, Any] = json.loads(json.dumps(written, default=str))  # dates as text
    spec["source"] |= {"stats_url": service.url, "api_url": f"{service.url}/v2"}
    spec["source"] |= {"institution": "demo", "credentials": {"env": "STATS"}}
    spec["entities"]["group"] = {"ids": service.truth.ids("group")[:3]}
    spec["planner"] |= planner
    spec["limits"] = {"requests_per_second": "unlimited"}
    return spec


class _Archive:
    """The archive's months, one after the other."""

    def __init__(self, service: Figshare, job: Job) -> None:
        self.service = service
        self.job = job
        self.restatements: list[dict[str, Any]] = []
        # entity id -> the day of the last run that found it listed.
        self.seen: dict[int, date] = {}
        self.totals: set[expected.Row] = set()

    def month(self, number: int, day: date) -> None:
        """One run, killed or not, and a look at all it wrote."""
        words = ["--today", day.isoformat()]
        if number in RESTATED:
            words += ["--refresh", self._restate(day)]
        self.service.change(today=day.isoformat(), restatements=self.restatements)
        if number % 3 == 1:
            self._killed(*words)
        self.job.run(*words)
        self._check(day)

    def _restate(self, day: date) -> str:
        """A busy day, three months back, now counts otherwise; returns its month."""
        month = date(day.year - (day.month < 4), (day.month - 4) % 12 + 1, 1)
        truth = self.service.truth.at(day)
        for one in sorted(self.seen):
            found = truth.timeline("demo", "day", "views", "article", one, month, day)
            inside = [each for each in found if each.startswith(f"{month:%Y-%m}")]
            if inside and one in self._listed(day):
                break
        else:
            raise AssertionError("no article is busy enough for this test")
        self.restatements.append(
            {
                "kind": "article",
                "id": one,
                "counter": "views",
                "day": inside[0],
                "factor": 0.0 if len(self.restatements) % 2 else 3.0,
                "from_day": day.isoformat(),
                "plus": 0,
            }
        )
        return f"{month:%Y-%m}..{month:%Y-%m}"

    def _killed(self, *words: str) -> None:
        running = self.job.start("run", "job.yaml", *words)
        before = len(self.service.history())
        while len(self.service.history()) < before + 25 and running.poll() is None:
            pass
        running.send_signal(signal.SIGKILL)
        running.communicate()

    def _listed(self, day: date) -> set[int]:
        return {each.id for each in listed(self._truth(day), "article") if each.is_public}

    def _truth(self, day: date) -> Any:
        config = self.service.truth.config.patched(
            {"today": day.isoformat(), "restatements": self.restatements}
        )
        return type(self.service.truth)(config)

    def _check(self, day: date) -> None:
        now, truth = self._listed(day), self._truth(day)
        self.seen |= dict.fromkeys(now, day)
        spec = dict(self.job.spec)
        spec["entities"] = {**spec["entities"], "article": {"ids": sorted(now)}}

        found = self.job.rows("timeline", expected.TIMELINE)
        gone = {one for one, last in self.seen.items() if last < day}
        rows = {row for row in found if not (row[0] == "article" and row[4] in gone)}
        assert len(set(found)) == len(found)
        same(sorted(rows, key=repr), expected.timeline(spec, truth, day))
        countries, cities = expected.places(spec, truth, day)
        same(self.job.rows("countries", expected.COUNTRIES), countries)
        same(self.job.rows("cities", expected.CITIES), cities)
        self.totals |= expected.totals(spec, truth, day)
        same(self.job.rows("totals", expected.TOTALS), self.totals)
        for dataset, columns, of in (
            ("top", expected.TOP, expected.tops),
            ("counts", expected.COUNTS, expected.counts),
        ):
            place = columns.split(", ").index("snapshot")
            rows = {row for row in self.job.rows(dataset, columns) if row[place] == day}
            same(sorted(rows, key=repr), of(spec, truth, day))
        entities = self.job.rows("entities", "entity, entity_id, is_listed, last_listed")
        articles = {row[1]: row[2:] for row in entities if row[0] == "article"}
        assert articles == {one: (one in now, last) for one, last in self.seen.items()}
