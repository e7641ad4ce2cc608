"""Folders of any name, and files that others leave among the data: all is read, once."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

import harvester
from harvester.errors import OutputError
from tests.support.command_line import Job

SPEC = {
    "name": "odd",
    "source": {"simulator": {"seed": 7, "articles": 20}},
    "entities": {"article": {"discover": True}, "group": {"discover": True}},
    "dimensions": [
        {"endpoint": "total", "counters": ["views", "downloads"]},
        {
            "endpoint": "timeline",
            "entities": ["article"],
            "counters": ["views"],
            "granularities": ["month"],
            "period": {"start": "2024-01-01", "end": "last-month"},
        },
    ],
    "limits": {"requests_per_second": "unlimited"},
}
PARTITION = "timeline/entity=article/counter=views/granularity=month"
SUMS = "SELECT counter, entity, count(*), sum(value) FROM totals GROUP BY ALL ORDER BY ALL"
LITTER = [
    "Thumbs.db",
    ".DS_Store",
    "desktop.ini",
    "_SUCCESS",
    "._2026-11-23.1-00001.parquet",
    "0-schema.parquet~",
    ".0-schema.parquet.swp",
    "#notes#",
    ".2026-11-23.1-00001.parquet.crc",
]


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = Job(tmp_path_factory.mktemp("harvested"), SPEC)
    job.run()
    return job.folder


@pytest.fixture
def job(tmp_path: Path, harvested: Path) -> Job:
    """A harvest of this test's own."""
    shutil.copytree(harvested, tmp_path / "job")
    return Job(tmp_path / "job", SPEC)


def exported(job: Job, name: str = "odd-export") -> int:
    """How many rows of totals an export has."""
    ended = job.call("export", "job.yaml", "--to", "csv", "--out", name, "--force")
    assert ended.returncode == 0, ended.stderr
    with (job.folder / name / "totals.csv").open(encoding="utf-8-sig") as file:
        return len(list(csv.reader(file))) - 1


@pytest.mark.parametrize(
    "name",
    # The second and third hold what DuckDB cannot say in a pattern, and what looks like one.
    ["a[bc]{d}*?' %20#", "all\\*?[a-z]{1}", "entity=group/run=7"],
)
def test_a_folder_of_any_name_is_harvested_read_reported_and_exported(
    tmp_path: Path, harvested: Path, name: str
) -> None:
    # What a pattern would take in besides.
    shutil.copytree(harvested, tmp_path / "ab{d}xx' %20#")
    shutil.copytree(harvested, tmp_path / name)
    plain, odd = Job(harvested, SPEC), Job(tmp_path / name, SPEC)
    theirs, ours = harvester.open(plain.output), harvester.open(odd.output)
    assert ours.sql(SUMS).fetchall() == theirs.sql(SUMS).fetchall()
    assert ours.timeline.to_table().num_rows == theirs.timeline.to_table().num_rows
    columns = "SELECT * FROM timeline LIMIT 0"
    assert ours.sql(columns).columns == theirs.sql(columns).columns
    assert ours.timeline.schema == theirs.timeline.schema
    odd.run()
    assert exported(odd) == len(theirs.sql("SELECT * FROM totals").fetchall())
    assert odd.call("report", "job.yaml", "--to", "page.html").returncode == 0
    ended = odd.call("verify", "job.yaml")
    assert ended.returncode == 0, ended.stdout
    assert "looked at" in ended.stdout
    assert "items-against-group" in ended.stdout


def test_what_systems_and_editors_leave_is_no_data_and_no_fault(job: Job) -> None:
    rows = harvester.open(job.output).timeline.count_rows()
    for place in (PARTITION, "timeline", "requests", "."):
        for name in LITTER:
            (job.output / place / name).write_bytes(b"\0")
    output = harvester.open(job.output)
    assert output.timeline.count_rows() == rows == output.timeline.to_table().num_rows
    assert output.sql("SELECT count(*) FROM timeline").fetchall() == [(rows,)]
    assert output.requests.to_table().num_rows
    job.run()
    ended = job.call("verify", "job.yaml")
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("information") >= 4 * len(LITTER)
    for words in (["rebuild", "job.yaml"], ["report", "job.yaml", "--to", "page.html"]):
        assert job.call(*words).returncode == 0
    exported(job)


def test_another_file_that_is_none_of_ours_stays_a_warning(job: Job) -> None:
    (job.output / PARTITION / "notes.txt").write_text("who put this here?")
    assert job.call("verify", "job.yaml").returncode == 1
    assert harvester.open(job.output).timeline.count_rows()


@pytest.mark.parametrize(
    "copy",
    [
        f"{PARTITION}/copy of a part.parquet",
        f"{PARTITION}/2026-11-23.1-00001 (1).parquet",
        f"{PARTITION}/2026-11-23.1-00001.sync-conflict-20261124-101010-ABCDEFG.parquet",
        f"{PARTITION}/old/2026-11-23.1-00001.parquet",
        "timeline/2026-11-23.1-00001.parquet",
        "timeline/entity=article - Copy/counter=views/granularity=month/2026-11-23.1-00001.parquet",
    ],
)
def test_a_copy_of_a_part_beside_it_is_an_error_for_all_who_would_count_it_twice(
    job: Job, copy: str
) -> None:
    part = next((job.output / PARTITION).glob("2*.parquet"))
    place = job.output / copy
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(part, place)
    for words in (["report", "job.yaml", "--to", "page.html"], ["export", "job.yaml"]):
        ended = job.call(*words, *(["--to", "csv"] if words[0] == "export" else []))
        assert ended.returncode == 4, (words, ended.stderr)
        assert "its rows would count twice" in ended.stderr
        assert place.name in ended.stderr
    assert not (job.folder / "page.html").exists()
    with pytest.raises(OutputError, match="count twice"):
        harvester.open(job.output)
    assert job.call("verify", "job.yaml").returncode == 1


def test_a_copy_that_comes_after_opening_is_seen_by_the_next_reading(job: Job) -> None:
    output = harvester.open(job.output)
    part = next((job.output / PARTITION).glob("2*.parquet"))
    shutil.copy(part, part.with_name("copy.parquet"))
    with pytest.raises(OutputError, match="count twice"):
        _ = output.timeline
    with pytest.raises(OutputError, match="count twice"):
        output.sql("SELECT * FROM timeline")
