"""Who has no answer is in every sheet, on the page and on the terminal; the rest adds up."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import harvester
from harvester.simulator.truth import Truth
from tests.support.command_line import Job, figshare
from tests.support.everything import FIRST, LATER, world

Cell = Any
COUNTERS = ("views", "downloads")
WORDS = {"failed", "not asked"}


def job_of(tmp_path: Path, url: str, ids: list[int]) -> Job:
    return Job(
        tmp_path,
        {
            "name": "seen",
            "source": {"stats_url": url, "api_url": f"{url}/v2"},
            "entities": {"article": {"ids": ids}},
            "dimensions": [
                {"endpoint": "total", "counters": list(COUNTERS)},
                {
                    "endpoint": "timeline",
                    "counters": ["views"],
                    "granularities": ["month"],
                    "period": {"start": "2024-01-01", "end": "yesterday"},
                },
            ],
            "limits": {"requests_per_second": "unlimited", "attempts": 1},
        },
    )


def fault(path: str) -> dict[str, Any]:
    return {"name": "status", "status": 500, "rate": 1.0, "path": path}


@dataclass(frozen=True)
class Harvest:
    """Two runs: in each another article's timeline fails, and in the second one's total."""

    job: Job
    ids: list[int]
    first: dict[str, dict[int, dict[str, str]]]
    second: dict[str, dict[int, dict[str, str]]]
    said: list[str]
    truths: list[Truth]
    page: str


def sheets_of(job: Job, folder: str) -> tuple[dict[str, dict[int, dict[str, str]]], str]:
    """An export as CSV: by file, by item, its row; and what the terminal said."""
    ended = job.call("export", "job.yaml", "--to", "csv", "--out", folder)
    assert ended.returncode == 0, ended.stderr
    found = {}
    for name in ("totals-by-item", "views-by-month"):
        with (job.folder / folder / f"{name}.csv").open(encoding="utf-8-sig") as file:
            found[name] = {int(row["entity_id"]): row for row in csv.DictReader(file)}
    return found, ended.stderr


@pytest.fixture(scope="module")
def harvest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harvest]:
    folder = tmp_path_factory.mktemp("missing")
    with figshare(folder, world()) as service:
        ids = service.truth.ids("article")[:10]
        job = job_of(folder, service.url, ids)
        service.change(faults=[fault(f"timeline/.*/article/{ids[0]}\\b")])
        job.run("--today", FIRST.isoformat(), expect=1)
        first, said = sheets_of(job, "first")
        assert job.call("report", "job.yaml", "--to", "page.html").returncode == 0
        page = (folder / "page.html").read_text()
        service.change(
            today=LATER.isoformat(),
            faults=[
                fault(f"timeline/.*/article/{ids[1]}\\b"),
                fault(f"total/downloads/article/{ids[2]}\\b"),
            ],
        )
        job.run("--today", LATER.isoformat(), expect=1)
        second, more = sheets_of(job, "second")
        truths = [service.truth.at(FIRST), service.truth.at(LATER)]
        yield Harvest(job, ids, first, second, [said, more], truths, page)


def months(row: dict[str, str]) -> dict[str, str]:
    return {name[:7]: cell for name, cell in row.items() if re.match(r"\d{4}-\d\d", name)}


def true_months(truth: Truth, one: int, last: date) -> dict[str, int]:
    return truth.timeline(None, "month", "views", "article", one, date(2024, 1, 1), last)


def test_an_item_whose_timeline_failed_has_a_row_of_words(harvest: Harvest) -> None:
    sheet = harvest.first["views-by-month"]
    assert list(sheet) == sorted(harvest.ids)
    failed, rest = harvest.ids[0], harvest.ids[1:]
    assert set(months(sheet[failed]).values()) == {"failed"}
    assert sheet[failed]["all months"] == "0"
    assert int(sheet[failed]["months missing"]) == len(months(sheet[failed]))
    for one in rest:
        cells = {month: int(cell) for month, cell in months(sheet[one]).items() if cell}
        assert cells == true_months(harvest.truths[0], one, date(2026, 7, 1))
        assert int(sheet[one]["all months"]) == sum(cells.values())
        assert sheet[one]["months missing"] == "0"


def test_a_later_failure_marks_only_the_months_that_no_answer_covers(harvest: Harvest) -> None:
    """Article 2 was read up to 1 July: July is no month's number, August is not there at all."""
    sheet = harvest.second["views-by-month"]
    assert {name for name in next(iter(sheet.values())) if name.startswith("2026-08")} == {
        "2026-08 (to 16)"
    }
    late = harvest.ids[1]
    cells = months(sheet[late])
    assert {month for month, cell in cells.items() if cell in WORDS} == {"2026-07", "2026-08"}
    expected = true_months(harvest.truths[0], late, date(2026, 6, 30))
    assert {m: int(c) for m, c in cells.items() if c and c not in WORDS} == expected
    assert sheet[late]["months missing"] == "2"
    for one in (harvest.ids[0], *harvest.ids[2:]):
        numbers = {month: int(cell) for month, cell in months(sheet[one]).items() if cell}
        assert numbers == true_months(harvest.truths[1], one, date(2026, 8, 16))


def test_a_total_that_failed_later_keeps_its_older_reading_and_says_when(harvest: Harvest) -> None:
    sheet, third = harvest.second["totals-by-item"], harvest.ids[2]
    for one in harvest.ids:
        truths = dict.fromkeys(COUNTERS, harvest.truths[1])
        if one == third:
            truths["downloads"] = harvest.truths[0]
        for counter in COUNTERS:
            total = truths[counter].total(None, counter, "article", one)
            assert int(sheet[one][counter]) == total
        assert sheet[one]["snapshot"] == str(FIRST if one == third else LATER)


def test_terminal_first_sheet_and_table_tell_what_is_missing(harvest: Harvest) -> None:
    assert "not all has an answer: 1 request failed, 0 not asked yet" in harvest.said[0]
    readme = (harvest.job.folder / "second" / "README.txt").read_text()
    assert re.search(
        rf"1 request failed +total downloads of 1 article \({harvest.ids[2]}\)", readme
    )
    assert re.search(
        rf"1 request failed +timeline month views of 1 article \({harvest.ids[1]}\)", readme
    )
    with (harvest.job.folder / "second" / "missing.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    told = {(row["endpoint"], int(row["entity_id"]), row["state"]) for row in rows}
    assert told == {
        ("timeline", harvest.ids[1], "failed"),
        ("total", harvest.ids[2], "failed"),
    }
    assert all(row["proof"] for row in rows)


def test_a_workbook_has_the_same_cells_as_the_csv_files(harvest: Harvest) -> None:
    job = harvest.job
    assert job.call("export", "job.yaml", "--to", "xlsx", "--out", "book.xlsx").returncode == 0
    book = openpyxl.load_workbook(job.folder / "book.xlsx")
    assert "Missing" in {row[0] for row in book["README"].iter_rows(values_only=True)}
    for name in ("views by month", "totals by item"):
        head, *rows = book[name].iter_rows(values_only=True)
        found = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
        for one, row in harvest.second[name.replace(" ", "-")].items():
            for column, cell in row.items():
                told = found[one][column]
                if column != "snapshot":
                    assert ("" if told is None else str(told)) == cell
                # A number is one, also where its column holds a word.
                if cell.isdigit():
                    assert isinstance(told, int)


def test_charts_and_cards_say_of_how_many_articles(harvest: Harvest) -> None:
    assert '<span data-answered="views">of 9 of 10 articles</span>' in harvest.page
    assert "Views of 9 of 10 articles by month" in harvest.page
    assert "All 10 articles, each counted once" in harvest.page
    assert '"downloads" data-value' in harvest.page
    assert "9 of 10 articles, all time" not in harvest.page


def test_views_of_sql_equal_the_truth_of_the_latest_reading(harvest: Harvest) -> None:
    output = harvester.open(harvest.job.output)
    first, latest = harvest.truths
    views = sum(latest.total(None, "views", "article", one) for one in harvest.ids)
    downloads = sum(
        (first if one == harvest.ids[2] else latest).total(None, "downloads", "article", one)
        for one in harvest.ids
    )
    assert output.sql("select sum(views), sum(downloads) from articles_totals").fetchall() == [
        (views, downloads)
    ]
    assert output.sql(
        "select sum(value) from totals_latest where counter = 'views'"
    ).fetchall() == [(views,)]
    missing = output.sql("select endpoint, entity_id, state from missing order by 1").fetchall()
    assert missing == [
        ("timeline", harvest.ids[1], "failed"),
        ("total", harvest.ids[2], "failed"),
    ]


def test_a_paused_run_is_exported_with_what_was_not_asked(tmp_path: Path) -> None:
    with figshare(tmp_path, world()) as service:
        job = job_of(tmp_path, service.url, service.truth.ids("article")[:10])
        job.run("--today", FIRST.isoformat(), "--max-requests", "15", expect=5)
        ended = job.call("export", "job.yaml", "--to", "csv", "--out", "tables")
    assert "0 requests failed" in ended.stderr
    pending = job.rows("requests", "count(*) filter (state = 'pending')")[0][0]
    assert f"{pending} not asked yet" in ended.stderr
    with (tmp_path / "tables" / "totals-by-item.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    cells = [row[counter] for row in rows for counter in COUNTERS]
    assert cells.count("not asked") == 20 - len(job.rows("totals", "value"))
    assert "" not in cells


def test_sheets_end_where_the_spec_ends_and_call_no_month_nothing(tmp_path: Path) -> None:
    """`end: last-month`: August was read as evidence only, so no sheet has an August of blanks."""
    with figshare(tmp_path, world(LATER)) as service:
        ids = service.truth.ids("article")[:6]
        job = job_of(tmp_path, service.url, ids)
        timeline = {
            **job.spec["dimensions"][1],
            "period": {"start": "2024-01-01", "end": "last-month"},
        }
        job.write({**job.spec, "dimensions": [job.spec["dimensions"][0], timeline]})
        service.change(faults=[fault(f"timeline/.*/article/{ids[0]}\\b")])
        job.run("--today", LATER.isoformat(), expect=1)
        sheets, _ = sheets_of(job, "tables")
        truth = service.truth
    sheet = sheets["views-by-month"]
    assert list(months(sheet[ids[1]]))[-1] == "2026-07"
    assert "2026-07" in sheet[ids[1]], "a month that is over says no day"
    assert set(months(sheet[ids[0]]).values()) == {"failed"}
    for one in ids[1:]:
        numbers = {month: int(cell) for month, cell in months(sheet[one]).items() if cell}
        assert numbers == true_months(truth, one, date(2026, 7, 31))
    output = harvester.open(job.output)
    assert output.sql("select max(window_end), count(*) from missing").fetchall() == [
        (date(2026, 7, 31), 1)
    ]
