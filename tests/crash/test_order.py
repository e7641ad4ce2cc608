"""What a power cut would ask: everything is on disk before anything relies on it.

A SIGKILL leaves what was written, so no kill finds a missing fsync. The order of the real system
calls does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pytest

from tests.crash.support_crash import MAY, fresh, needs_held_calls, small_world
from tests.crash.support_disk import Disk, Step, healthy
from tests.support.command_line import Figshare, figshare

pytestmark = needs_held_calls()
RUN = ("run", "job.yaml", "--today", MAY.isoformat())
STAGING = Step("fsync", "_harvest/staging")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as running:
        yield running


def in_order(steps: Sequence[Step]) -> int:
    """Check every part that was put in place; returns how many there were."""
    parts = 0
    for place, step in enumerate(steps):
        if step.kind == "rename" and step.to.endswith(".parquet"):
            parts += 1
            before, after = list(steps[:place]), steps[place + 1 :]
            on_disk_and_decided(step, before)
            folders_on_disk(step, before, after)
    return parts


def on_disk_and_decided(step: Step, before: list[Step]) -> None:
    """The bytes, then their name in staging, then the ledger's decision; only then the rename."""
    written = last(before, Step("write", step.path))
    synced = before.index(Step("fsync", step.path), written)
    named = before.index(STAGING, synced)
    assert any(each.kind == "commit" for each in before[named:]), f"{step} was not decided"


def folders_on_disk(step: Step, before: list[Step], after: Sequence[Step]) -> None:
    """Folders that were made for a part are named on disk before it, its own name right after."""
    folder = PurePosixPath(step.to).parent
    for each in folder.parents:
        assert Step("fsync", str(each)) in before, f"{each} may lose {folder}"
    renamed = [number for number, each in enumerate(after) if each.kind == "rename"]
    soon = after[: renamed[0]] if renamed else after
    assert Step("fsync", str(folder)) in soon, f"{folder} may lose {step.to}"


def last(steps: list[Step], step: Step) -> int:
    return len(steps) - 1 - steps[::-1].index(step)


def test_a_run_is_durable_step_by_step(tmp_path: Path, service: Figshare) -> None:
    job = fresh(tmp_path, service)
    disk = Disk(job.output, healthy)
    assert disk.call(job, *RUN).returncode == 0
    assert in_order(disk.steps) > 40


def test_recovery_makes_half_placed_parts_durable_step_by_step(
    tmp_path: Path, service: Figshare
) -> None:
    """Killed when the folders of a part were made, and not yet on disk."""
    job = fresh(tmp_path, service)

    def dies(step: Step) -> int | None:
        return None if step == Step("fsync", "cities/entity=group") else 0

    first = Disk(job.output, dies)
    first.call(job, *RUN)
    assert first.was_killed
    again = Disk(job.output, healthy)
    assert again.call(job, *RUN).returncode == 0

    assert in_order([*first.steps[:-1], *again.steps]) > 40
