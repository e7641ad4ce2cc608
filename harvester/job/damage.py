"""Parts of a job's folder that are gone, cut or changed, and what brings them back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from harvester.errors import OutputError
from harvester.job.workspace import Workspace
from harvester.model.question import Question
from harvester.model.rows import Dataset
from harvester.store.layout import datasets_of, partition_path
from harvester.store.part_state import DamagedPart, damaged_parts

_REBUILD = (
    "harvester rebuild OUTPUT makes it anew from the raw responses; or put it back from a backup"
)
_REFETCH = (
    "put it back from a backup; or have asked anew what cannot be made from what is here: "
    "harvester run JOB --refetch"
)
# Nothing but themselves tells what stood in these.
_ONLY_THEMSELVES = (f"{Dataset.RESPONSES}/", f"{Dataset.REVISIONS}/")


def check_parts(out: Workspace, hashed: Collection[str] = ()) -> None:
    """See that every part is there and has its size; nothing may be asked or written over a hole.

    Args:
        hashed: paths of the parts that are read whole.

    Raises:
        OutputError: one is gone, cut or changed: which, and what brings it back.
    """
    found = damaged_parts(out.folder.root, out.ledger.publish_log.parts(), hashed)
    if found:
        raise OutputError(
            damage_in_words(found), where=str(out.folder.root), fix=remedy_of(out, found)
        )


def check_parts_to_rewrite(out: Workspace, questions: Iterable[Question]) -> None:
    """Likewise, with the hash of each part that rows of these questions may go into.

    Raises:
        OutputError: as `check_parts`.
    """
    folders = {
        f"{partition_path(dataset, question)}/"
        for question in questions
        if question.endpoint.has_granularity
        for dataset in datasets_of(question)
    }
    paths = (part.path for part in out.ledger.publish_log.parts())
    check_parts(out, {path for path in paths if f"{path.rpartition('/')[0]}/" in folders})


def damage_in_words(found: Sequence[DamagedPart]) -> str:
    """Which part is damaged, and how many more are."""
    more = len(found) - 1
    others = f", and {more:,} more {'part is' if more == 1 else 'parts are'} gone or changed"
    return f"the part {found[0].path} {found[0].how}{others if more else ''}"


def remedy_of(out: Workspace, found: Sequence[DamagedPart]) -> str:
    """What brings damaged parts back: the responses, where all are there, else the service."""
    damaged = {each.path for each in found}
    if any(path.startswith(_ONLY_THEMSELVES) for path in damaged):
        return _REFETCH
    publishes = out.ledger.publish_log
    # One without rows stands where bodies were given up.
    sound = {part.path for part in publishes.parts() if part.rows} - damaged
    names = publishes.names()
    bodies = (f"{Dataset.RESPONSES}/{names[number]}" for number in publishes.with_answers())
    return _REBUILD if sound.issuperset(bodies) else _REFETCH
