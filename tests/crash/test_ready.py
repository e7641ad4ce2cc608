"""What would stop a run hours later is found before its first request: exit 4, one sentence."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.support_crash import JUNE, MAY, called, fresh, needs_held_calls, small_world
from tests.crash.support_disk import Disk, Step
from tests.crash.support_judge import Case, is_plain, true, verify_is_clean
from tests.support.command_line import Figshare, Job, figshare
from tests.support.thorough import few_of

OTHER_DISK = Path("/dev/shm")  # noqa: S108
RUN = ("run", "job.yaml", "--today", MAY.isoformat())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as running:
        yield running


@pytest.fixture
def job(tmp_path: Path, service: Figshare) -> Job:
    """Totals alone: what stands in the way is there before anything is asked."""
    job = fresh(tmp_path, service)
    job.write({**job.spec, "dimensions": [{"endpoint": "total", "counters": ["views"]}]})
    return job


def refused(service: Figshare, ended: subprocess.CompletedProcess[str]) -> str:
    """It ended with 4 and a sentence, and no request was sent."""
    assert ended.returncode == 4, ended.stderr
    assert is_plain(ended.stderr), ended.stderr
    assert service.history() == []
    return ended.stderr


def goes_on(job: Job, service: Figshare) -> None:
    """What was refused has left nothing behind that is in the way of the next call."""
    job.run("--today", MAY.isoformat())
    true(job, job.spec, service.truth, [MAY])
    verify_is_clean(job)


@pytest.mark.parametrize("name", few_of(["", "_harvest/staging", "totals"], "totals"))
def test_a_file_where_a_folder_should_be_refuses_the_run_and_is_kept(
    job: Job, service: Figshare, name: str
) -> None:
    path = job.output / name
    job.output.parent.mkdir(exist_ok=True)
    for folder in [each for each in (job.output, path.parent) if each != path]:
        folder.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(b"mine")
    said = refused(service, called(job, MAY))

    assert "a file stands where" in said
    assert path.read_bytes() == b"mine"
    path.unlink()
    goes_on(job, service)


def test_a_file_where_a_partition_was_refuses_the_run(job: Job, service: Figshare) -> None:
    job.run("--today", MAY.isoformat())
    place = job.output / "totals" / "entity=group"
    shutil.rmtree(place)
    place.write_bytes(b"mine")
    service.forget()

    said = refused(service, called(job, JUNE))

    assert "the folder totals/entity=group/ should be" in said


@pytest.mark.skipif(
    not OTHER_DISK.is_dir() or OTHER_DISK.stat().st_dev == Path("/tmp").stat().st_dev,  # noqa: S108
    reason="needs a second file system",
)
def test_a_dataset_that_a_link_puts_on_another_file_system_refuses_the_run(
    job: Job, service: Figshare
) -> None:
    """Somebody has moved a dataset to a larger disk: no part could be renamed into it."""
    job.run("--today", MAY.isoformat())
    service.forget()
    with tempfile.TemporaryDirectory(dir=OTHER_DISK) as elsewhere:
        shutil.move(job.output / "totals", elsewhere)
        (job.output / "totals").symlink_to(f"{elsewhere}/totals")
        said = refused(service, called(job, JUNE))
        assert "totals: a link stands where a folder or a file of ours belongs" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("name", ["", "totals"])
def test_a_folder_that_may_not_be_written_refuses_the_run(
    job: Job, service: Figshare, name: str
) -> None:
    job.run("--today", MAY.isoformat())
    service.forget()
    (job.output / name).chmod(0o555)
    try:
        refused(service, called(job, JUNE))
    finally:
        (job.output / name).chmod(0o755)


def never_written(code: int) -> Callable[[Step], int]:
    return lambda _: code


@needs_held_calls()
@pytest.mark.parametrize("code", few_of([errno.EROFS, errno.ENOSPC], errno.ENOSPC))
def test_a_disk_that_takes_nothing_refuses_the_run_before_its_first_request(
    job: Job, service: Figshare, code: int
) -> None:
    """Read-only, or full."""
    disk = Disk(job.output, never_written(code))
    said = refused(service, disk.call(job, *RUN))
    assert os.strerror(code) in said
    goes_on(job, service)


@needs_held_calls()
def test_a_disk_that_cannot_rename_into_place_refuses_the_run(job: Job, service: Figshare) -> None:
    def across(step: Step) -> int:
        return errno.EXDEV if step.path.endswith("/probe") else 0

    said = refused(service, Disk(job.output, across).call(job, *RUN))
    assert "on one file system" in said
    goes_on(job, service)


def limited(job: Job, files: int) -> subprocess.CompletedProcess[str]:
    """Run with so many open files at most."""
    return subprocess.run(  # a limit of one child, in a test
        job.command(*RUN),
        cwd=job.folder,
        env=job.environment,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
        check=False,
    )


def test_too_few_open_files_refuse_the_run_and_say_what_would_fit(
    job: Job, service: Figshare
) -> None:
    job.write({**job.spec, "limits": {**job.spec["limits"], "concurrency": 100}})
    said = refused(service, limited(job, 128))
    assert "may open 128 files, and 100 requests at once need 264" in said
    assert "ulimit -n 264, or set limits.concurrency to 32" in said

    job.write({**job.spec, "limits": {**job.spec["limits"], "concurrency": 32}})
    assert limited(job, 128).returncode == 0
    goes_on(job, service)


def test_a_limit_that_may_be_raised_is_raised(job: Job, service: Figshare) -> None:
    """Most systems give a process 256 or 1,024 files and let it take more."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    ended = subprocess.run(
        job.command(*RUN),
        cwd=job.folder,
        env=job.environment,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, most)),
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    goes_on(job, service)


def test_a_lock_whose_holder_died_is_no_lock(job: Job, service: Figshare) -> None:
    lock = job.output / "_harvest" / "lock"
    job.output.parent.mkdir()
    for folder in (job.output, lock.parent):
        folder.mkdir(mode=0o700)
    lock.write_text("process 1 on elsewhere, since 2020-01-01 00:00:00 UTC", encoding="utf-8")
    goes_on(job, service)


@pytest.mark.parametrize(
    "deletes", few_of([False, True], True), ids=["the lock stands", "the lock is deleted"]
)
def test_a_second_run_is_refused(job: Job, service: Figshare, *, deletes: bool) -> None:
    """With who holds the folder and since when; also when somebody deletes the lock's file.

    The first asks one at a time and is never answered, so that a second request is another run's.
    """
    job.write({**job.spec, "limits": {**job.spec["limits"], "concurrency": 1}})
    service.change(faults=[{"name": "hang", "rate": 1}])
    running = job.start(*RUN)
    try:
        while not service.history():
            assert running.poll() is None
        if deletes:
            (job.output / "_harvest" / "lock").unlink()
        second = called(job, MAY)
        assert len(service.history()) == 1, "the second run sent something"
    finally:
        running.kill()
        running.communicate()
    assert second.returncode == 4
    assert is_plain(second.stderr)
    assert "another run is writing here" in second.stderr
    if not deletes:
        assert f"process {running.pid} on " in second.stderr
        assert "since 20" in second.stderr
    service.change(faults=[])
    service.forget()
    job.run("--today", MAY.isoformat())


def test_two_runs_that_start_together_never_both_write(job: Job, service: Figshare) -> None:
    both = [job.start(*RUN) for _ in range(2)]
    codes = sorted(each.wait() for each in both)
    for each in both:
        each.communicate()
    assert codes[0] == 0
    assert codes[1] in {0, 4}
    Case(job, service, [MAY]).judge()
