"""Whatever becomes of stdout, stderr or the terminal: a job ends as it would, no result lies."""

from __future__ import annotations

import os
import pty
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.simulator.config import SimulatorConfig
from tests.support.command_line import Figshare, Job, figshare
from tests.support.thorough import few_of

COMMAND = shlex.join([sys.executable, "-m", "harvester"])
# How a shell hands over streams that are closed, full, or read by somebody who goes away.
BROKEN = {
    "stdout closed": ">&-",
    "stderr closed": "2>&-",
    "both closed": ">&- 2>&-",
    "all closed": "<&- >&- 2>&-",
    "stderr full": "2>/dev/full",
    "both full": ">/dev/full 2>&1",
    "reader gone": "2>&1 | true",
    "a line read": "2>&1 | head -1",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    config = SimulatorConfig(seed=3, articles=6)
    with figshare(tmp_path_factory.mktemp("simulator"), config) as running:
        yield running


@pytest.fixture
def job(tmp_path: Path, service: Figshare) -> Job:
    service.change(faults=[])
    return Job(
        tmp_path,
        {
            "name": "small",
            "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
            "entities": {"article": {"ids": service.truth.ids("article")}},
            "dimensions": [{"endpoint": "total", "counters": ["views"]}],
            "limits": {"requests_per_second": "unlimited"},
        },
    )


def shell(job: Job, words: str, streams: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in a shell; the exit code is that of the command, not of a reader."""
    script = f"{COMMAND} {words} {streams}; exit ${{PIPESTATUS[0]}}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=job.folder,
        env=job.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("how", few_of(list(BROKEN), "all closed", "both full", "a line read"))
@pytest.mark.parametrize(
    "words",
    [
        "run job.yaml",
        pytest.param("run job.yaml --log-format json", marks=pytest.mark.thorough),
    ],
)
def test_a_run_that_nobody_hears_is_whole_and_ends_as_it_would(
    job: Job, service: Figshare, words: str, how: str
) -> None:
    assert shell(job, words, BROKEN[how]).returncode == 0
    found = {number for (number,) in job.rows("totals", "entity_id")}
    assert found == set(service.truth.ids("article"))
    assert job.call("verify", "job.yaml").returncode == 0


def test_a_run_with_failures_says_so_by_its_exit_code_though_nobody_hears_it(
    job: Job, service: Figshare
) -> None:
    number = service.truth.ids("article")[0]
    service.change(faults=[{"name": "status", "status": 404, "path": f"/{number}$", "rate": 1.0}])
    assert shell(job, "run job.yaml", BROKEN["all closed"]).returncode == 1


@pytest.mark.parametrize(
    "words",
    few_of(
        ["status job.yaml", "plan job.yaml", "check job.yaml", "verify job.yaml", "schema",
         "failures job.yaml", "--help"],
        "status job.yaml", "--help",
    ),
)  # fmt: skip
def test_a_result_that_cannot_be_printed_is_no_success(job: Job, words: str) -> None:
    job.run()
    reader, writer = os.pipe()
    os.close(reader)
    gone = subprocess.run(
        job.command(*shlex.split(words)), cwd=job.folder, env=job.environment, stdout=writer,
        stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (gone.returncode, gone.stderr) == (141, "")
    for broken, why in ((">&-", "stdout is closed"), (">/dev/full", "No space left on device")):
        ended = shell(job, words, broken)
        assert ended.returncode == 4
        assert f"the result cannot be printed: {why}" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert "Exception ignored" not in ended.stderr


@pytest.mark.parametrize("broken", few_of([">/dev/full", ">&-"], ">/dev/full"))
def test_findings_that_nobody_can_read_do_not_pass_for_told(job: Job, broken: str) -> None:
    """With findings `verify` ends with 1, which says that they stand on stdout."""
    job.run()
    next(job.output.glob("totals/**/*.parquet")).unlink()
    assert job.call("verify", "job.yaml").returncode == 1
    ended = shell(job, "verify job.yaml", broken)
    assert ended.returncode == 4
    assert "the result cannot be printed" in ended.stderr


@pytest.mark.parametrize("words", few_of(["--repair", "--rep"], "--rep"))
def test_a_repair_that_nobody_hears_is_done(job: Job, words: str) -> None:
    """However its option is written."""
    job.run()
    next(job.output.glob("totals/**/*.parquet")).unlink()
    assert shell(job, f"verify job.yaml {words}", BROKEN["all closed"]).returncode == 0
    assert job.call("verify", "job.yaml").returncode == 0


@pytest.mark.parametrize("ignores", [False, True], ids=["", "nohup"])
def test_a_terminal_that_hangs_up_pauses_a_run_unless_it_is_told_not_to_care(
    job: Job, service: Figshare, *, ignores: bool
) -> None:
    """Its terminal goes in the middle: the kernel sends SIGHUP, and each write fails with EIO."""
    service.change(faults=[{"name": "hang", "requests": [3], "seconds": 1.0}])
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover
        os.chdir(job.folder)
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignores else signal.SIG_DFL)
        os.execve(sys.executable, [*job.command("run", "job.yaml")], job.environment)  # noqa: S606
    seen = b""
    while b"begins" not in seen:
        seen += os.read(terminal, 1000)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == (0 if ignores else 129)
    service.change(faults=[])
    job.run()
    assert len(job.rows("totals", "entity_id")) == 6


def test_a_mistake_of_ours_is_told_in_three_lines_and_its_stack_kept(tmp_path: Path) -> None:
    script = (
        "import harvester.cli, harvester.cli.schema as schema\n"
        "def run(arguments):\n    secret = 'canary-9918'\n"
        "    raise KeyError('nobody expected http://me:canary-9918@proxy')\n"
        "schema.run = run\n"
        "raise SystemExit(harvester.cli.main(['schema']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    (kept,) = tmp_path.glob("harvester-mistake-*.log")
    assert ended.returncode == 70
    what, where, how = ended.stderr.splitlines()
    assert "a mistake of ours: KeyError: 'nobody expected http://***@proxy'" in what
    assert "canary-9918" not in ended.stderr
    assert str(kept) in where
    assert "Reporting a mistake" in how
    stack = kept.read_text()
    assert "in run" in stack
    assert "canary-9918" not in stack.replace(script, "")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_stack_of_a_mistake_is_kept_in_the_log_of_the_job_it_was_about(job: Job) -> None:
    job.run()
    script = (
        "import harvester.cli, harvester.cli.status as status\n"
        "def run(arguments):\n    raise KeyError('nobody expected')\n"
        "status.run = run\n"
        "raise SystemExit(harvester.cli.main(['status', 'job.yaml']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=job.folder, capture_output=True, text=True, check=False
    )
    log = job.output / "_harvest" / "harvest.log"
    assert ended.returncode == 70
    assert "output/small/_harvest/harvest.log" in ended.stderr
    assert "KeyError: 'nobody expected'" in log.read_text()
