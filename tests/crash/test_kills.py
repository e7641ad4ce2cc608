"""SIGKILL at random moments of random jobs: nothing lost, nothing doubled, nothing invented."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest

from tests.crash.support_crash import JULY, JUNE, MAY, can_hold_calls, fresh, small_world
from tests.crash.support_disk import Disk, Nth
from tests.crash.support_judge import Case, no_key_twice
from tests.crash.support_random_jobs import any_spec, with_ids_found
from tests.support.command_line import Figshare, Job, figshare

DAYS = (MAY, JUNE, JULY)
# A chain is one job, harvested on three days; each day is killed so often before it may end.
KILLS_A_DAY = 8
CHAINS = 46


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as running:
        yield running


def by_clock(chain: Chain, words: list[str]) -> bool:
    """Killed some time after it was started; most of the first half second is Python's own."""
    running = chain.job.start(*words)
    deadline = time.monotonic() + chain.dice.uniform(0.3, 1.2)
    while running.poll() is None and time.monotonic() < deadline:
        threading.Event().wait(0.005)
    return killed(running)


def by_requests(chain: Chain, words: list[str]) -> bool:
    """Killed when the service has seen some requests more."""
    moment = len(chain.service.history()) + chain.dice.randint(1, 30)
    running = chain.job.start(*words)
    while running.poll() is None and not chain.service.history(after=moment - 1):
        pass
    return killed(running)


def by_steps(chain: Chain, words: list[str]) -> bool:
    """Killed in the place of a write, an fsync, a rename or a commit."""
    kind, most = chain.dice.choice([("any", 450), ("fsync", 45), ("rename", 15), ("commit", 15)])
    disk = Disk(chain.job.output, Nth(kind, chain.dice.randint(1, most), None))
    ended = disk.call(chain.job, *words)
    assert ended.returncode in {0, -signal.SIGKILL}, ended.stderr
    return disk.was_killed


def killed(running: subprocess.Popen[str]) -> bool:
    running.kill()
    _, said = running.communicate()
    assert running.returncode in {0, -signal.SIGKILL}, said
    return running.returncode != 0


WAYS: list[Callable[[Chain, list[str]], bool]] = [
    by_clock,
    by_requests,
    *([by_steps] * 2 if can_hold_calls() else []),
]


class Chain:
    """One job through many kills."""

    def __init__(self, seed: int, folder: Path, service: Figshare) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # moments, not secrets
        self.service = service
        service.change(today=DAYS[0].isoformat(), latency_seconds=self.dice.choice([0, 0.004]))
        self.job = Job(folder, any_spec(self.dice, service, f"chain-{seed}"))
        self.job.environment["STATS"] = "stats:secret"
        self.since = len(service.history())
        self.kills = 0

    def go(self, days: tuple[date, ...]) -> None:
        for number, day in enumerate(days):
            self.service.change(today=day.isoformat())
            words = ["run", "job.yaml", "--today", day.isoformat()]
            if number and self.refreshes:
                words += ["--refresh", "2026-01..2026-02"]
            self._day(words)
            self.job.run(*words[2:])
        wanted = with_ids_found(self.job.spec, self.service)
        case = Case(self.job, self.service, days, self.since, self.kills, wanted=wanted)
        case.judge()

    @property
    def refreshes(self) -> bool:
        """Whether some chains read settled months again; only where a period has them."""
        return self.job.spec["name"].endswith(("0", "5")) and any(
            "period" in each and each["endpoint"] != "top" for each in self.job.spec["dimensions"]
        )

    def _day(self, words: list[str]) -> None:
        for _ in range(KILLS_A_DAY):
            was_killed = self.dice.choice(WAYS)(self, words)
            self.kills += was_killed
            no_key_twice(self.job)
            if not was_killed:
                return


@contextmanager
def a_reader(job: Job) -> Iterator[list[int]]:
    """Globs all the time, and remembers how often; no read may meet a row twice, or fail."""
    reads, over, failed = [0], threading.Event(), list[BaseException]()

    def read() -> None:
        try:
            while not over.is_set():
                no_key_twice(job)
                reads[0] += 1
        except BaseException as error:  # noqa: BLE001  # told to the test below
            failed.append(error)

    reading = threading.Thread(target=read)
    reading.start()
    try:
        yield reads
    finally:
        over.set()
        reading.join()
    assert not failed, failed


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(DAYS[:1], id="a day"),
        pytest.param(DAYS[:2], id="two days", marks=pytest.mark.thorough),
    ],
)
def test_a_job_killed_at_random_moments_ends_in_the_truth(
    tmp_path: Path,
    service: Figshare,
    days: tuple[date, ...],
    record_property: Callable[..., None],
) -> None:
    chain = Chain(2, tmp_path, service)
    chain.go(days)
    record_property("SIGKILLs", chain.kills)
    assert chain.kills >= 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 100 + CHAINS))
def test_many_random_jobs_killed_at_random_moments_end_in_the_truth(
    tmp_path: Path, service: Figshare, seed: int, record_property: Callable[..., None]
) -> None:
    chain = Chain(seed, tmp_path, service)
    chain.go(DAYS)
    record_property("SIGKILLs", chain.kills)
    assert chain.kills


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50, 55))
def test_a_reader_that_globs_beside_the_kills_sees_no_row_twice(
    tmp_path: Path, service: Figshare, seed: int, record_property: Callable[..., None]
) -> None:
    chain = Chain(seed, tmp_path, service)
    with a_reader(chain.job) as reads:
        chain.go(DAYS)
    record_property("SIGKILLs", chain.kills)
    record_property("reads", reads[0])
    assert reads[0] > chain.kills


def pauses(job: Job) -> int:
    """How many hosts have asked for silence, as the ledger has it."""
    with closing(sqlite3.connect(job.output / "_harvest" / "ledger.sqlite", timeout=30)) as db:
        number: int = db.execute("SELECT count(*) FROM pause").fetchone()[0]
        return number


@pytest.mark.slow
def test_a_kill_in_a_pause_does_not_end_the_pause(tmp_path: Path, service: Figshare) -> None:
    """Asked to be silent for some seconds, then killed: the next call is silent as well."""
    silence = 6
    job = fresh(tmp_path, service)
    asked = {"name": "status", "status": 429, "retry_after": str(silence), "requests": [20]}
    service.change(faults=[asked])
    running = job.start("run", "job.yaml", "--today", MAY.isoformat())
    while not (told := [each for each in service.history() if each["completed"] and each["fault"]]):
        assert running.poll() is None
    # Heard is when the ledger has it: a kill between answer and ledger knows of no pause.
    while not pauses(job):
        assert running.poll() is None
    assert killed(running)
    job.run("--today", MAY.isoformat())

    gate = told[0]["completed"]
    # What was on its way when the answer came may still arrive.
    early = [
        each["monotonic"] - gate
        for each in service.history()
        if gate + 1 < each["monotonic"] < gate + silence
    ]
    assert not early
    Case(job, service, [MAY], disturbed=2).judge()
