"""Parts that are gone, cut or changed: found before the first request, and brought back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support.command_line import Figshare, Job
from tests.support.monthly_archive import MONTHS, Copy, archive_spec, harvest, rewrite
from tests.support.thorough import few_of


@pytest.fixture
def service(archive_service: Figshare) -> Iterator[Figshare]:
    yield archive_service
    archive_service.change(faults=[])


@pytest.fixture(scope="session")
def two_months_without_bodies(
    tmp_path_factory: pytest.TempPathFactory, archive_service: Figshare
) -> Job:
    spec = {**archive_spec(archive_service), "output": {"raw": False}}
    job = Job(tmp_path_factory.mktemp("without-bodies"), spec)
    harvest(job, archive_service, MONTHS[:2])
    return job


@pytest.fixture
def copy(two_months: Job, tmp_path: Path) -> Copy:
    return Copy.of(two_months, tmp_path)


@pytest.fixture
def bare(two_months_without_bodies: Job, tmp_path: Path) -> Copy:
    """A copy of one that keeps no responses."""
    return Copy.of(two_months_without_bodies, tmp_path)


def gone(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def edited(path: Path) -> None:
    """By somebody's script: it reads as Parquet, and has its columns."""
    table = pq.read_table(path, partitioning=None)
    rewrite(path, table.slice(0, table.num_rows // 2))


def flipped(path: Path) -> None:
    """A bit, in a page: the size stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def value_changed(path: Path) -> None:
    """Another number, in a file of the same size that has right page checksums."""
    content, size = path.read_bytes(), path.stat().st_size
    table = pq.read_table(path, partitioning=None)
    rewrite(path, table)
    if path.stat().st_size > size:
        path.write_bytes(content)
        flipped(path)
        return
    # What stands behind the footer's magic word is no Parquet, but nobody looks there for size.
    path.write_bytes(path.read_bytes().ljust(size, b"\0"))


DAMAGES = [gone, emptied, cut, edited, flipped, value_changed]


def refused(copy: Copy, service: Figshare, month: int = 2) -> str:
    """What `run` says when it ends with 4, before it has sent anything or changed a byte."""
    day = MONTHS[month].isoformat()
    service.change(today=day)
    seen, before = len(service.history()), all_but_lock(copy)
    said = copy.job.run("--today", day, expect=4).stderr
    assert len(service.history()) == seen, "something was asked"
    assert all_but_lock(copy) == before, "something was written"
    return said


def all_but_lock(copy: Copy) -> dict[str, bytes]:
    """Every file; the lock keeps the words of who ended with an error."""
    files = copy.job.files()
    files.pop("_harvest/lock")
    return files


@pytest.mark.parametrize(
    "damage", few_of(DAMAGES, gone, emptied, edited, flipped), ids=lambda each: each.__name__
)
def test_a_damaged_part_is_named_before_the_first_request(
    copy: Copy, service: Figshare, damage: Callable[[Path], None]
) -> None:
    path = copy.part("timeline", number=0)
    damage(path)
    said = refused(copy, service)
    assert copy.name(path) in said
    assert "harvester rebuild" in said

    assert copy.job.call("rebuild", "output/archive").returncode == 0
    assert copy.found() == set()
    harvest(copy.job, service, MONTHS[2:])


def test_a_run_on_the_same_date_does_not_say_complete_over_a_hole(
    copy: Copy, service: Figshare
) -> None:
    path = copy.part("totals")
    path.unlink()
    said = refused(copy, service, 1)
    assert f"{copy.name(path)} is gone" in said


def test_several_damaged_parts_are_counted(copy: Copy, service: Figshare) -> None:
    shutil.rmtree(copy.root / "timeline")
    cut(copy.part("counts"))
    said = refused(copy, service)
    assert "counts/" in said
    assert "more parts" in said


def test_without_responses_the_remedy_is_to_ask_anew(bare: Copy, service: Figshare) -> None:
    bare.part("timeline", number=0).unlink()
    said = refused(bare, service)
    assert "--refetch" in said
    assert "rebuild" not in said


def test_a_lost_part_of_responses_cannot_be_rebuilt(copy: Copy, service: Figshare) -> None:
    copy.part("responses", number=0).unlink()
    said = refused(copy, service)
    assert "--refetch" in said
    assert "rebuild" not in said


def test_status_says_which_part_is_gone_and_what_brings_it_back(copy: Copy) -> None:
    assert "part" not in copy.job.call("status", "output/archive").stdout
    path = copy.part("cities")
    path.unlink()
    cut(copy.part("totals"))
    ended = copy.job.call("status", "output/archive")
    assert ended.returncode == 0
    assert f"{copy.name(path)} is gone, and 1 more part" in ended.stdout
    assert "harvester rebuild" in ended.stdout
