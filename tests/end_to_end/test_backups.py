"""docs/backup.md: copies of a folder, made at any moment, and brought back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.test_refetch import values
from tests.support.command_line import Figshare, Job
from tests.support.monthly_archive import MONTHS, Copy
from tests.support.thorough import few_of

JUNE = MONTHS[2].isoformat()


@pytest.fixture
def service(archive_service: Figshare) -> Iterator[Figshare]:
    archive_service.change(today=JUNE)
    archive_service.forget()
    yield archive_service
    archive_service.change(latency_seconds=0.0)


def mended(copy: Copy) -> None:
    """Run as docs/backup.md says, with the remedy that a refusal names."""
    ended = copy.job.call("run", "job.yaml", "--today", JUNE)
    if ended.returncode == 4:
        assert "verify OUTPUT --repair" in ended.stderr
        assert copy.job.call("verify", "job.yaml", "--repair").returncode in {0, 1}
        ended = copy.job.call("run", "job.yaml", "--today", JUNE)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("requests", few_of([1, 5, 10, 20, 40, 60], 5, 40))
def test_a_copy_made_during_a_run_ends_as_the_run_did(
    tmp_path: Path, service: Figshare, two_months: Job, three_months: Job, requests: int
) -> None:
    """File by file, while the run goes on beside it."""
    live = Copy.of(two_months, tmp_path / "live")
    service.change(latency_seconds=0.02)
    with live.job.start("run", "job.yaml", "--today", JUNE) as running:
        while len(service.history()) < requests and running.poll() is None:
            pass
        taken = Copy.of(live.job, tmp_path / "taken")
        running.communicate(timeout=120)
    assert running.returncode == 0

    mended(taken)
    assert values(taken.root) == values(three_months.output)
    assert taken.found() == set()


def test_a_hard_linked_copy_is_refused_before_two_jobs_share_one_ledger(
    tmp_path: Path, service: Figshare, two_months: Job
) -> None:
    copy = Copy.of(two_months, tmp_path / "copy")
    shutil.copytree(copy.root, tmp_path / "linked", copy_function=os.link)

    ended = copy.job.run("--today", JUNE, expect=4)

    assert "the ledger has a second name elsewhere" in ended.stderr
    assert service.history() == []
    shutil.rmtree(tmp_path / "linked")
    copy.job.run("--today", JUNE)


@pytest.mark.usefixtures("service")
def test_two_copies_that_went_on_apart_are_both_right_and_share_no_name(
    tmp_path: Path, two_months: Job, three_months: Job
) -> None:
    before = {path.name for path in two_months.output.rglob("2*.parquet")}
    names = []
    for each in ("one", "other"):
        copy = Copy.of(two_months, tmp_path / each)
        copy.job.run("--today", JUNE)
        assert values(copy.root) == values(three_months.output)
        young = {path for path in copy.root.rglob("2*.parquet") if path.name not in before}
        names.append({path.name for path in young if path.parent.name != "requests"})
    assert names[0]
    assert not names[0] & names[1]
