"""Report and export of a harvest, also of one that is paused or under way."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.command_line import Job, figshare, query
from tests.support.everything import FIRST, LATER, world


def job_of(tmp_path: Path, url: str, ids: list[int]) -> Job:
    period = {"start": "2024-01-01", "end": "yesterday"}
    return Job(
        tmp_path,
        {
            "name": "seen",
            "source": {"stats_url": url, "api_url": f"{url}/v2"},
            "entities": {"article": {"ids": ids}},
            "dimensions": [
                {"endpoint": "total", "counters": ["views", "downloads", "shares"]},
                {
                    "endpoint": "timeline",
                    "counters": ["views", "downloads"],
                    "granularities": ["day"],
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


def cards(page: str) -> dict[str, int]:
    """The headline numbers of a page."""
    found = re.findall(r'data-card="(\w+)" data-value="(\d+)"', page)
    return {counter: int(value) for counter, value in found}


def test_a_harvest_is_reported_as_it_grows(tmp_path: Path) -> None:
    """Paused half way: what there is, and what is open. Finished: the truth, and nothing open."""
    with figshare(tmp_path, world()) as service:
        ids = service.truth.ids("article")[:12]
        job = job_of(tmp_path, service.url, ids)
        today = ("--today", FIRST.isoformat())
        job.run(*today, "--max-requests", "20", expect=5)
        page = tmp_path / "page.html"

        assert job.call("report", "job.yaml", "--to", str(page)).returncode == 0
        text = page.read_text()
        assert "not asked yet" in text
        rows = query(
            f"select count(*) from '{job.output}/requests/*.parquet' where state = 'pending'"
        )
        assert f'data-gaps="{rows[0][0]}"' in text

        job.run(*today)
        before = job.files()
        assert job.call("report", "job.yaml", "--to", str(page)).returncode == 0
        exported = job.call("export", "job.yaml", "--to", "csv", "--out", "tables")
        assert exported.returncode == 0, exported.stderr
        assert exported.stdout == "tables\n"
        # Reading changes no byte of the folder.
        assert job.files() == before

        truth: dict[str, int] = {
            counter: sum(service.truth.total(None, counter, "article", one) for one in ids)
            for counter in ("views", "downloads", "shares")
        }
        assert cards(page.read_text()) == truth
        assert "Nothing is missing" in page.read_text()
        assert "no number contradicts another" in page.read_text()
        receipt = re.findall(r'id="receipts".*?</tbody>', page.read_text(), re.DOTALL)[0]
        assert f'data-value="{len(service.history())}"' in receipt
        with (tmp_path / "tables" / "totals-by-item.csv").open(encoding="utf-8-sig") as file:
            items: list[dict[str, Any]] = list(csv.DictReader(file))
        assert {int(item["entity_id"]) for item in items} == set(ids)
        for counter, total in truth.items():
            assert sum(int(item[counter]) for item in items) == total


LAST_MONTH = {"start": "2024-01-01", "end": "last-month"}


def monthly_job(tmp_path: Path, url: str, ids: list[int]) -> Job:
    """As the shipped monthly recipe: timelines run on to yesterday, for totals count that, too."""
    job = job_of(tmp_path, url, ids)
    dimensions = [
        {**each, "granularities": ["month"], "period": LAST_MONTH} if "period" in each else each
        for each in job.spec["dimensions"]
    ]
    job.write({**job.spec, "dimensions": dimensions})
    return job


def ends(page: str) -> set[str]:
    """The last month of each curve: of its sentence, and of its points."""
    told = re.findall(r"[\d,]+ in (\w+ \d{4}(?:, not over yet)?)\.", page)
    assert told, "no curve is told in a sentence"
    return {*told, *(points[-1]["period"] for points in curves(page).values())}


def curves(page: str) -> dict[str, list[dict[str, Any]]]:
    """The points of each picture of events over time."""
    charts = json.loads(re.findall(r'id="charts"[^>]*>(.*?)</script>', page, re.DOTALL)[0])
    return {name: chart["data"]["values"] for name, chart in charts.items()}


@pytest.mark.parametrize("is_older", [False, True], ids=["", "requests/ without the days"])
def test_curves_end_where_the_spec_ends_not_where_evidence_does(
    tmp_path: Path, *, is_older: bool
) -> None:
    """On 17 August: August was read as evidence, is in no dataset, and on no page is it 0."""
    with figshare(tmp_path, world(LATER)) as service:
        job = monthly_job(tmp_path, service.url, service.truth.ids("article")[:12])
        job.run("--today", LATER.isoformat())
    asked = job.rows("requests", "max(window_end), max(shown_end)")
    assert asked == [(date(2026, 8, 16), date(2026, 7, 31))]
    if is_older:
        for path in (job.output / "requests").glob("*.parquet"):
            table = pq.ParquetFile(path).read()
            pq.write_table(table.drop_columns(["shown_start", "shown_end"]), path)

    assert job.call("report", "job.yaml", "--to", "page.html").returncode == 0

    page = (tmp_path / "page.html").read_text()
    assert ends(page) == {"July 2026"}
    assert "16 Aug" not in page
    assert "August 2026" not in page.replace("17 August 2026", "")


def test_a_group_whose_last_month_failed_is_not_0_in_it(tmp_path: Path) -> None:
    """What is known of another group says nothing about this one."""
    day = LATER.replace(month=9)
    with figshare(tmp_path, world(LATER)) as service:
        job = monthly_job(tmp_path, service.url, [])
        groups = service.truth.ids("group")[:2]
        timeline = job.spec["dimensions"][1]
        job.write({**job.spec, "entities": {"group": {"ids": groups}}, "dimensions": [timeline]})
        job.run("--today", LATER.isoformat())
        fault = {"name": "status", "status": 400, "rate": 1.0, "path": f"group/{groups[0]}"}
        service.change(today=day.isoformat(), faults=[fault])
        job.run("--today", day.isoformat(), expect=1)

    assert job.call("report", "job.yaml", "--to", "page.html").returncode == 0

    page = (tmp_path / "page.html").read_text()
    last = {name: points[-1]["period"] for name, points in curves(page).items()}
    assert last == {
        f"group-{one}-{counter}": month
        for one, month in zip(groups, ["July 2026", "August 2026"], strict=True)
        for counter in ("views", "downloads")
    }


@pytest.mark.slow
def test_numbers_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    """A total of nothing above a timeline of something."""
    with figshare(tmp_path, world()) as service:
        job = job_of(tmp_path, service.url, service.truth.ids("article")[:4])
        job.run("--today", FIRST.isoformat())
    (part,) = (job.output / "totals" / "entity=article" / "counter=views").glob("2*.parquet")
    rows = pq.ParquetFile(part).read()
    place = rows.schema.get_field_index("value")
    nothing = pa.array([0] * len(rows), rows.schema.field(place).type)
    pq.write_table(rows.set_column(place, rows.schema.field(place), nothing), part)

    assert job.call("report", "job.yaml").returncode == 0
    text = (job.output / "_harvest" / "report.html").read_text()
    assert "Not everywhere: " in text
    assert '<tr class="warning">' in text or '<tr class="error">' in text


def test_report_and_export_read_on_beside_a_live_run(tmp_path: Path) -> None:
    """A run holds the lock and writes the ledger; report and export read on."""
    with figshare(tmp_path, world()) as service:
        job = job_of(tmp_path, service.url, service.truth.ids("article")[:12])
        job.spec["limits"] = {"requests_per_second": 5}
        job.write(job.spec)
        with job.start("run", "job.yaml", "--today", FIRST.isoformat()) as running:
            try:
                while not (job.output / "_harvest" / "spec.json").exists():
                    assert running.poll() is None
                reported = job.call("report", "job.yaml")
                exported = job.call("export", "job.yaml", "--to", "xlsx")
                assert running.poll() is None, "the run was over before it was reported on"
            finally:
                running.terminate()
                running.communicate(timeout=60)
        assert (reported.returncode, exported.returncode) == (0, 0), reported.stderr
        assert running.returncode == 143
        assert "unfinished" in (job.output / "_harvest" / "report.html").read_text()
