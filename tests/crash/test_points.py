"""Killed at every named point of the commit protocol, and at every one again while it recovers."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from harvester.model.part_names import sequence_of
from tests.crash.support_crash import JUNE, MAY, POINTS, RECOVERY_POINTS, called, fresh, small_world
from tests.crash.support_judge import Case, Entries, no_key_twice
from tests.support.command_line import Figshare, Job, figshare

# What recovery comes by after a death at a point: nothing before the decision, nothing after the
# last step.
_RECOVERS = {"decided", "renamed", "one-placed", "placed"}


@dataclass(frozen=True)
class Begun:
    """A job of every endpoint, harvested in May.

    Attributes:
        entries: what the service saw of that.
        statistics: the publish that will put the rows of June into the datasets.
    """

    job: Job
    service: Figshare
    entries: Entries
    statistics: int

    def copy(self, folder: Path) -> Job:
        """A copy for one test; the service is where June begins."""
        shutil.copytree(self.job.output, folder / "output" / "archive")
        copied = Job(folder, self.job.spec)
        copied.environment = self.job.environment
        self.service.change(today=JUNE.isoformat())
        return copied


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as service:
        job = fresh(tmp_path_factory.mktemp("may"), service)
        job.run("--today", MAY.isoformat())
        may = Begun(job, service, service.history(), 0)
        june = may.copy(tmp_path_factory.mktemp("june"))
        june.run("--today", JUNE.isoformat())
        yield Begun(job, service, may.entries, last_publish_of(june, "timeline"))


def last_publish_of(job: Job, dataset: str) -> int:
    with closing(sqlite3.connect(job.output / "_harvest" / "ledger.sqlite")) as db:
        sql = f"SELECT max(publish) FROM part WHERE path LIKE '{dataset}/%'"
        return sequence_of(db.execute(sql).fetchone()[0])


def killed(job: Job, point: str) -> bool:
    """Run until a point of the protocol, where the process dies."""
    job.environment = {**job.environment, "HARVESTER_CRASH_AT": point}
    ended = called(job, JUNE)
    del job.environment["HARVESTER_CRASH_AT"]
    assert ended.returncode in {-signal.SIGKILL, 0}, ended.stderr
    no_key_twice(job)
    return ended.returncode == -signal.SIGKILL


def goes_on(tmp_path: Path, begun: Begun, point: str, then: str) -> int:
    """Die at a point of the publish that replaces rows of May, then at another, then end.

    Returns:
        How often it died.
    """
    job = begun.copy(tmp_path)
    since = len(begun.service.history())
    assert killed(job, f"{point}:{begun.statistics}")
    died_again = killed(job, then)
    if then in RECOVERY_POINTS:
        assert died_again == (point in _RECOVERS)
    elif point != "settled":
        # Published is published: with nothing left to put in place it comes by again only
        # with the file of requests.
        assert died_again
    job.run("--today", JUNE.isoformat())
    case = Case(job, begun.service, [MAY, JUNE], since, disturbed=2, earlier=begun.entries)
    case.judge()
    return 1 + died_again


@pytest.mark.slow
@pytest.mark.parametrize("then", [*RECOVERY_POINTS, *POINTS])
@pytest.mark.parametrize("point", POINTS)
def test_a_publish_killed_at_any_two_points_ends_in_the_truth(
    tmp_path: Path, begun: Begun, point: str, then: str, record_property: Callable[..., None]
) -> None:
    record_property("SIGKILLs", goes_on(tmp_path, begun, point, then))


def test_a_publish_killed_half_way_and_again_in_recovery_ends_in_the_truth(
    tmp_path: Path, begun: Begun, record_property: Callable[..., None]
) -> None:
    record_property("SIGKILLs", goes_on(tmp_path, begun, "renamed", "recovering"))


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_first_run_killed_at_the_first_of_each_point_ends_in_the_truth(
    tmp_path: Path, begun: Begun, point: str, record_property: Callable[..., None]
) -> None:
    """Before the first request of all: what there is, is the lay-out of the datasets."""
    job = fresh(tmp_path, begun.service)
    begun.service.change(today=JUNE.isoformat())
    assert killed(job, point)
    assert killed(job, point)
    job.run("--today", JUNE.isoformat())
    Case(job, begun.service, [JUNE], disturbed=2).judge()
    record_property("SIGKILLs", 2)
