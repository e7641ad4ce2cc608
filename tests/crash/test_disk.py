"""The disk fails at a chosen write, fsync, rename or commit: nothing is lost once it is mended."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, product
from pathlib import Path

import pytest

from tests.crash.support_crash import ERRORS, MAY, called, fresh, needs_held_calls, small_world
from tests.crash.support_disk import Disk, Nth, healthy
from tests.crash.support_judge import Case, is_plain, no_key_twice
from tests.support.command_line import Figshare, figshare
from tests.support.thorough import few_of

pytestmark = needs_held_calls()
KINDS = ("write", "fsync", "rename", "commit")
RUN = ("run", "job.yaml", "--today", MAY.isoformat())
# Each sort of step is hit at so many places, evenly over the run.
PLACES = 24


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as running:
        yield running


@pytest.fixture(scope="module")
def steps(service: Figshare, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """How many steps of each sort the undisturbed run takes."""
    job = fresh(tmp_path_factory.mktemp("whole"), service)
    disk = Disk(job.output, healthy)
    assert disk.call(job, *RUN).returncode == 0
    Case(job, service, [MAY]).judge()
    found = Counter(step.kind for step in disk.steps)
    assert all(found[kind] > PLACES for kind in KINDS)
    return found


def fails_and_heals(tmp_path: Path, service: Figshare, fault: Nth) -> None:
    job = fresh(tmp_path, service)
    ended = Disk(job.output, fault).call(job, *RUN)

    assert fault.happened
    # SQLite may do without a step (it empties a log that it could not fold back).
    assert ended.returncode in {0, 4}, ended.stderr
    assert ended.returncode == 0 or is_plain(ended.stderr), ended.stderr
    no_key_twice(job)
    healed = called(job, MAY)
    assert healed.returncode == 0, healed.stderr
    Case(job, service, [MAY], disturbed=1).judge()


@pytest.mark.parametrize(
    ("kind", "error", "lasts"),
    few_of(
        [
            ("write", errno.ENOSPC, True),
            ("fsync", errno.EIO, False),
            ("rename", errno.EACCES, False),
            ("commit", errno.EIO, True),
        ],
        "write",
        "commit",
    ),
)
def test_a_disk_step_that_fails_in_mid_run_loses_nothing_once_mended(
    tmp_path: Path, service: Figshare, steps: Counter[str], kind: str, error: int, *, lasts: bool
) -> None:
    fails_and_heals(tmp_path, service, Nth(kind, steps[kind] * 2 // 3, error, lasts=lasts))


HOWS = cycle(product(ERRORS, (False, True)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "place", "how"),
    [(kind, place, next(HOWS)) for kind in KINDS for place in range(PLACES)],
)
def test_any_disk_step_of_a_run_may_fail_and_nothing_is_lost_once_mended(
    tmp_path: Path,
    service: Figshare,
    steps: Counter[str],
    kind: str,
    place: int,
    how: tuple[int, bool],
) -> None:
    """Every sort of step with every error, once and for ever, from the first step to the last."""
    # Commits that come together share one, so that no two runs take the same steps.
    number = 1 + place * int(steps[kind] * 0.9) // (PLACES - 1)
    error, lasts = how
    fails_and_heals(tmp_path, service, Nth(kind, number, error, lasts=lasts))
