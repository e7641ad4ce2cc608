"""All statistics, made anew from raw responses: row for row what the harvest made."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from harvester.clock import SystemClock
from harvester.model.rows import Dataset
from harvester.recovery.rebuild import RebuildResult, rebuilt
from harvester.store.folder import JobFolder
from tests.support.command_line import Figshare, Job
from tests.support.monthly_archive import (
    MONTHS,
    STATISTICS,
    Copy,
    archive_spec,
    bytes_of,
    harvest,
    rows_of,
)
from tests.support.thorough import few_of

# Every step of the commit protocol, of its recovery, and of a rebuild's own two commits.
POINTS = ("staged", "staging-synced", "decided", "renamed", "one-placed", "placed", "settled")
RECOVERY_POINTS = ("recovering", "recovered-parts")


@pytest.fixture
def service(archive_service: Figshare) -> Iterator[Figshare]:
    yield archive_service
    archive_service.change(faults=[])


@pytest.fixture
def copy(three_months: Job, tmp_path: Path) -> Copy:
    return Copy.of(three_months, tmp_path)


def rebuild(copy: Copy) -> RebuildResult:
    """Asked of Python: a process of its own costs a second."""
    return rebuilt(JobFolder(copy.root), SystemClock(), lambda _: None)


def called(copy: Copy, *, expect: int) -> str:
    """`harvester rebuild`, which must end with this exit code."""
    ended = copy.job.call("rebuild", "output/archive")
    assert ended.returncode == expect, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_sound_output_comes_out_byte_for_byte(copy: Copy) -> None:
    """Months that were replaced by later runs among it; nothing is sent, nothing is renamed."""
    before = bytes_of(copy.root)
    stamps = {path: (copy.root / path).stat().st_mtime_ns for path in before}
    said = called(copy, expect=0)

    assert "0 parts put in place" in said
    assert bytes_of(copy.root) == before
    assert {path: (copy.root / path).stat().st_mtime_ns for path in before} == stamps
    assert copy.found() == set()


def test_any_lost_dataset_comes_back_byte_for_byte(copy: Copy) -> None:
    before = bytes_of(copy.root)
    for dataset in [*STATISTICS, Dataset.REQUESTS]:
        lost = sum(path.startswith(f"{dataset}/") for path in before)
        shutil.rmtree(copy.root / dataset)
        done = rebuild(copy)

        assert len(done.replaced) == lost > 0
        assert bytes_of(copy.root) == before
    assert copy.found() == set()


def test_damaged_parts_come_back_byte_for_byte(copy: Copy) -> None:
    before = bytes_of(copy.root)
    flipped, cut, emptied = copy.part("timeline"), copy.part("cities"), copy.part("totals")
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 8
    flipped.write_bytes(content)
    cut.write_bytes(cut.read_bytes()[:-9])
    emptied.write_bytes(b"")
    (copy.root / "_harvest" / "manifest.json").write_bytes(b"{")
    done = rebuild(copy)

    assert len(done.replaced) == 3
    assert bytes_of(copy.root) == before
    assert copy.found() == set()


def test_rows_changed_by_hand_come_back_and_the_ledger_with_them(copy: Copy) -> None:
    """As after a bug in a parser: bodies say what is right, for rows, states and requests/."""
    before = rows_of(copy.root)
    for path in sorted((copy.root / "totals").rglob("*0*.parquet")):
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.slice(0, max(0, table.num_rows - 1)), path)
    copy.sql("UPDATE part SET sha256 = 'x', rows = 0 WHERE path LIKE 'totals/%'")
    # A parser that once saw nothing in these answers, and one row too many in those.
    empty = "question IN (SELECT id FROM question WHERE key LIKE 'total/views/%')"
    copy.sql(f"UPDATE request SET state = 'empty', rows = 0, home = NULL WHERE {empty}")
    more = "question IN (SELECT id FROM question WHERE key LIKE 'breakdown/month/%')"
    copy.sql(f"UPDATE request SET rows = rows + 1 WHERE {more} AND state = 'done'")
    done = rebuild(copy)

    assert done.answers > 20
    assert rows_of(copy.root) == before
    assert copy.found() == set()


def test_a_rebuilt_output_goes_on_as_if_nothing_had_happened(
    two_months: Job, three_months: Job, tmp_path: Path, service: Figshare
) -> None:
    copy = Copy.of(two_months, tmp_path)
    shutil.rmtree(copy.root / "timeline")
    rebuild(copy)
    harvest(copy.job, service, MONTHS[2:])

    wanted, found = rows_of(three_months.output), rows_of(copy.root)
    for rows in (*wanted.values(), *found.values()):
        for row in rows:
            del row["harvested_at"]
    assert found == wanted
    assert copy.found() == set()


@pytest.mark.parametrize("lost", ["one", "all"])
def test_a_rebuild_without_raw_responses_is_refused_and_changes_nothing(
    copy: Copy, lost: str
) -> None:
    if lost == "one":
        copy.part("responses", number=0).unlink()
    else:
        shutil.rmtree(copy.root / "responses")
    before = bytes_of(copy.root)
    said = called(copy, expect=2)

    assert "responses/2026-05-05.1-" in said
    assert "nothing was changed" in said
    assert bytes_of(copy.root) == before
    assert list((copy.root / "_harvest" / "staging").iterdir()) == []


@pytest.mark.thorough
def test_a_rebuild_without_kept_responses_is_refused_with_why(
    tmp_path: Path, service: Figshare
) -> None:
    job = Job(tmp_path, {**archive_spec(service), "output": {"raw": False}})
    harvest(job, service, MONTHS[:1])
    said = called(Copy(job), expect=2)

    assert "output.raw: false" in said


def test_a_damaged_response_is_refused_and_nothing_changes(copy: Copy) -> None:
    path = copy.part("responses", number=0)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    before = bytes_of(copy.root)
    ended = copy.job.call("rebuild", "output/archive")

    assert ended.returncode in {2, 4}
    assert "Traceback" not in ended.stderr
    assert bytes_of(copy.root) == before
    assert list((copy.root / "_harvest" / "staging").iterdir()) == []


@pytest.mark.parametrize("point", few_of(["staged", "decided", "renamed", "settled"], "renamed"))
def test_a_rebuild_killed_at_any_point_ends_well_when_run_again(copy: Copy, point: str) -> None:
    """No reader ever sees a row twice."""
    killed(copy, [point])


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_rebuild_killed_at_any_point_and_while_it_recovers_ends_well(
    copy: Copy, point: str
) -> None:
    killed(copy, [point, *RECOVERY_POINTS])


def killed(copy: Copy, points: list[str]) -> None:
    before = rows_of(copy.root)
    shutil.rmtree(copy.root / "countries")
    for path in (copy.part("timeline"), copy.part("top")):
        path.write_bytes(b"")
    for point in points:
        copy.job.environment["HARVESTER_CRASH_AT"] = point
        ended = copy.job.call("rebuild", "output/archive")
        assert ended.returncode in {-signal.SIGKILL, 0}, ended.stderr
        if point == points[0]:
            assert ended.returncode == -signal.SIGKILL
        assert "key-twice" not in {check for _, check, _ in copy.found()}
    del copy.job.environment["HARVESTER_CRASH_AT"]
    rebuild(copy)

    assert rows_of(copy.root) == before
    assert copy.found() == set()


@pytest.mark.parametrize("point", few_of(["decided", "renamed"], "decided"))
def test_a_rebuild_killed_whose_staging_is_lost_still_ends_well(copy: Copy, point: str) -> None:
    before = rows_of(copy.root)
    shutil.rmtree(copy.root / "timeline")
    copy.job.environment["HARVESTER_CRASH_AT"] = point
    copy.job.call("rebuild", "output/archive")
    del copy.job.environment["HARVESTER_CRASH_AT"]
    shutil.rmtree(copy.root / "_harvest" / "staging")
    rebuild(copy)

    assert rows_of(copy.root) == before
    assert copy.found() == set()


def test_a_rebuild_does_not_write_beside_a_run(copy: Copy, service: Figshare) -> None:
    service.change(faults=[{"name": "hang", "rate": 1}], today="2026-08-05")
    seen = len(service.history())
    running = copy.job.start("run", "job.yaml", "--today", "2026-08-05")
    try:
        while len(service.history()) == seen:
            assert running.poll() is None
        assert "another run is writing here" in called(copy, expect=4)
    finally:
        running.kill()
        running.communicate()
        service.change(faults=[])


@pytest.mark.thorough
def test_a_rebuild_leaves_the_spool_of_a_killed_run_as_it_is(
    tmp_path: Path, service: Figshare
) -> None:
    """A run that was killed is not finished by a rebuild, nor is its spool lost by it."""
    job = Job(tmp_path, archive_spec(service))
    harvest(job, service, MONTHS[:1])
    service.change(faults=[{"name": "hang", "rate": 1, "after": 10}], today="2026-06-05")
    seen = len(service.history())
    running = job.start("run", "job.yaml", "--today", "2026-06-05")
    while len(service.history()) < seen + 12:
        assert running.poll() is None
    running.kill()
    running.communicate()
    shutil.rmtree(job.output / "totals")
    rebuild(Copy(job))
    service.change(faults=[])
    before = len(service.history())
    harvest(job, service, [MONTHS[1]])

    again = len(service.history()) - before
    asked = [state for (state,) in job.rows("requests", "state") if state in {"done", "empty"}]
    assert again < len(asked) - 9, "the spool was asked again"
    assert Copy(job).found() == set()
