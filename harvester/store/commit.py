"""The commit protocol: staged, decided, in place, settled (docs/storage.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from harvester.durable import replace_durably, sync_folder
from harvester.errors import OutputError
from harvester.model.spool import OpenPublish, Part, Placement
from harvester.store.crash import crash_point
from harvester.store.folder import JobFolder, output_errors_named
from harvester.store.part_writer import sha256_of


class Decisions(Protocol):
    """The ledger's side of the protocol."""

    def decide(
        self, run: int, number: int, parts: Sequence[Part], placements: Iterable[Placement]
    ) -> None:
        """Step 3: one transaction."""

    def settle(self, number: int) -> None:
        """Step 5: one transaction."""

    def unfinished(self) -> Sequence[OpenPublish]:
        """What recovery has to carry out, oldest first."""


def commit(
    folder: JobFolder,
    decisions: Decisions,
    run: int,
    number: int,
    parts: Sequence[Part],
    placements: Iterable[Placement] = (),
) -> None:
    """Steps 2b to 5 for parts that are staged and durable, in the order given.

    Readers see each part whole, old or new, and the spool keeps the replies until all stand.
    """
    crash_point("staged", number)
    sync_folder(folder.staging)
    crash_point("staging-synced", number)
    decisions.decide(run, number, parts, placements)
    crash_point("decided", number)
    for part in parts:
        _place(folder, part, number)
        crash_point("one-placed", number)
    crash_point("placed", number)
    decisions.settle(number)
    crash_point("settled", number)


def recover(
    folder: JobFolder, decisions: Decisions, *, lost: Callable[[Part], bool] | None = None
) -> None:
    """Carry out what was decided before a crash, and clear what was not.

    Args:
        lost: told of a decided part whose file is gone; returns whether it can be made anew.

    Raises:
        OutputError: a decided part is neither in staging nor in place.
    """
    with output_errors_named(folder.root):
        for publish in decisions.unfinished():
            for part in publish.parts:
                crash_point("recovering", publish.number)
                _place_again(folder, part, publish.number, lost)
            crash_point("recovered-parts", publish.number)
            decisions.settle(publish.number)
        for leftover in folder.staging.iterdir():
            # Undecided: its replies are in the spool still.
            leftover.unlink()


def _place(folder: JobFolder, part: Part, number: int) -> None:
    target = folder.root / part.path
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True)
        _sync_names(target.parent, folder.root)
    staged = folder.staging / part.staged
    replace_durably(staged, target, renamed=partial(crash_point, "renamed", number))


def _sync_names(place: Path, root: Path) -> None:
    """Make the names of a folder, and of all that it lies in below the root, durable."""
    while place != root:
        place = place.parent
        sync_folder(place)


def _place_again(
    folder: JobFolder, part: Part, number: int, lost: Callable[[Part], bool] | None
) -> None:
    staged, target = folder.staging / part.staged, folder.root / part.path
    if target.parent.is_dir():
        # Whoever made it may have died before its name was on disk.
        _sync_names(target.parent, folder.root)
    if staged.is_file() and sha256_of(staged) == part.sha256:
        _place(folder, part, number)
    elif target.is_file() and sha256_of(target) == part.sha256:
        sync_folder(target.parent)
    elif lost is None or not lost(part):
        raise OutputError(
            f"the part {part.path} was decided, but its file is gone or changed",
            where=str(folder.root),
            fix="harvester rebuild OUTPUT makes it anew from the raw responses; where those are "
            "gone, put the folder back from a backup",
        )
