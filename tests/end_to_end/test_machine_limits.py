"""Limits of a machine: a file system without locks, a process that gets no threads or memory."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command_line import Job, called_here

SPEC = {
    "name": "limits",
    "source": {"simulator": {"seed": 7, "articles": 20}},
    "entities": {"article": {"discover": True}},
    "dimensions": [{"endpoint": "total", "counters": ["views"]}],
    "limits": {"requests_per_second": "unlimited"},
}
MEGABYTE = 2**20
# The stack of each thread is reserved as the limit of stacks says: one that has no room starts not.
_LIMITED = """
import os, resource, sys
stack, space = (int(each) for each in sys.argv[1:3])
if stack:
    resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))
resource.setrlimit(resource.RLIMIT_AS, (space, space))
os.execv(sys.executable, [sys.executable, "-m", "harvester", *sys.argv[3:]])
"""
# Everything is loaded, and 30 MB are left.
_FULL = """
import resource, sys
import harvester.cli.check, harvester.preview.plan, harvester.id_files.text_file
from harvester.cli import main
pages = int(open("/proc/self/statm").read().split()[0])
space = pages * resource.getpagesize() + 30 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (space, space))
sys.exit(main())
"""
is_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of address space are Linux's")


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = Job(tmp_path_factory.mktemp("harvested"), SPEC)
    job.run()
    return job.folder


@pytest.fixture
def job(tmp_path: Path, harvested: Path) -> Job:
    shutil.copytree(harvested, tmp_path / "job")
    return Job(tmp_path / "job", SPEC)


def limited(job: Job, *words: str, stack: int = 0, space: int) -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, under real limits."""
    return subprocess.run(
        [sys.executable, "-c", _LIMITED, str(stack), str(space), *words],
        cwd=job.folder,
        env={**job.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def without_threads(job: Job, *words: str) -> subprocess.CompletedProcess[str]:
    return limited(job, *words, stack=4096 * MEGABYTE, space=3000 * MEGABYTE)


def parts(job: Job) -> dict[str, bytes]:
    """Every file of a dataset."""
    return {name: held for name, held in job.files().items() if name.endswith(".parquet")}


@is_linux
def test_a_run_that_gets_no_threads_says_so_and_goes_on_later(tmp_path: Path) -> None:
    job = Job(tmp_path, SPEC)
    ended = without_threads(job, "run", "job.yaml")
    assert ended.returncode == 4, ended.stderr
    assert "start no more threads" in ended.stderr
    assert "ulimit -u" in ended.stderr
    assert "Traceback" not in ended.stderr
    job.run()


@is_linux
@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_a_want_of_threads_is_never_taken_for_a_damaged_file(job: Job, command: str) -> None:
    before = parts(job)
    ended = without_threads(job, command, "job.yaml")
    assert parts(job) == before
    if "std::system_error" in ended.stderr:
        # Older libraries end the process where they get no thread, and no Python hears of it.
        assert ended.returncode == -signal.SIGABRT
        return
    assert ended.returncode == 4, (ended.stdout, ended.stderr)
    assert "start no more threads" in ended.stderr


@is_linux
def test_a_want_of_memory_ends_with_a_sentence(tmp_path: Path) -> None:
    """A list of ids that is read at once, and for which there is no room."""
    entities = {"article": {"file": {"path": "ids.csv"}}}
    job = Job(tmp_path, {**SPEC, "entities": entities})
    (tmp_path / "ids.csv").write_bytes(b"item_id\n" + b"97663640000000000\n" * 1_999_000)
    ended = subprocess.run(
        [sys.executable, "-c", _FULL, "check", "job.yaml"],
        cwd=tmp_path,
        env={**job.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 4, ended.stderr
    assert "no more memory" in ended.stderr
    assert "Traceback" not in ended.stderr


def refusing(number: int, *, folders_only: bool = False) -> Callable[[int, int], None]:
    """`flock` as a file system has it that cannot lock, or locks only what can be written."""
    real = fcntl.flock

    def flock(handle: int, how: int) -> None:
        if folders_only and not stat.S_ISDIR(os.fstat(handle).st_mode):
            real(handle, how)
            return
        raise OSError(number, os.strerror(number))

    return flock


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
@pytest.mark.parametrize("command", [["run"], ["rebuild"], ["verify", "--repair"],
                                     ["failures", "--retry"]])  # fmt: skip
def test_a_file_system_without_locks_is_exit_4_with_what_to_do(
    job: Job, monkeypatch: pytest.MonkeyPatch, number: int, command: list[str]
) -> None:
    monkeypatch.setattr(fcntl, "flock", refusing(number))
    # A sound folder is not repaired, so nothing would be locked.
    (job.output / "_harvest" / "manifest.json").write_text("{}")
    before = job.files()
    ended = called_here(job.folder, job.environment, [command[0], "job.yaml", *command[1:]])
    assert ended.returncode == 4, ended.stderr
    assert "files cannot be locked here" in ended.stderr
    assert "local disk" in ended.stderr
    assert job.files() == before
    assert job.call("status", "job.yaml").returncode == 0


def test_on_nfs_whose_folders_cannot_be_locked_the_file_is_enough(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(*words: str) -> subprocess.CompletedProcess[str]:
        return called_here(job.folder, job.environment, words)

    monkeypatch.setattr(fcntl, "flock", refusing(errno.EBADF, folders_only=True))
    assert called("run", "job.yaml").returncode == 0
    assert called("rebuild", "job.yaml").returncode == 0
    with (job.output / "_harvest" / "lock").open("r+") as other:
        fcntl.flock(other.fileno(), fcntl.LOCK_EX)
        ended = called("run", "job.yaml")
    assert ended.returncode == 4
    assert "another run is writing here" in ended.stderr
