"""Whether all below a job's folder is folders and plain files: links are never followed there.

A folder that was unpacked from elsewhere may hold a link in the place of `staging/`, of a ledger or
of a part: who writes through it would empty or delete files of somebody else. So it is looked at
before anything is touched, and what is opened for writing is opened without following links.
The folder itself and all above it are the user's own choice, hard links are files like others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harvester.errors import OutputError
from harvester.model.rows import Dataset
from harvester.plain_files import LINK_FIX, kind_of

INNER = "_harvest"
_DATASETS = frozenset(each.value for each in Dataset)
_FOLDERS = frozenset({f"{INNER}/staging"})
_FILES = frozenset(
    f"{INNER}/{name}"
    for name in (
        "lock", "harvest.log", "manifest.json", "spec.json", "ledger.sqlite", "ledger.sqlite-wal",
        "ledger.sqlite-shm", "ledger.new", "ledger.backup.sqlite", "report.html",
    )
)  # fmt: skip


def refuse_links(root: Path) -> None:
    """See that no link, pipe or device stands below a job's folder, where we read or write.

    Raises:
        OutputError: one does, or a folder where a file of ours belongs; nothing was touched.
    """
    for entry in _entries(root):
        if entry.name == INNER or entry.name in _DATASETS:
            _check(root, entry)


def _check(root: Path, entry: os.DirEntry[str]) -> None:
    name = Path(entry.path).relative_to(root).as_posix()
    if entry.is_file(follow_symlinks=False):
        if name == INNER or name in _FOLDERS:
            raise _refused(root, name, "a file", "a folder")
        return
    if not entry.is_dir(follow_symlinks=False):
        # What a run beside us has just put away is neither, and not there any more.
        with suppress(FileNotFoundError):
            kind = kind_of(entry.stat(follow_symlinks=False).st_mode) or "something else"
            raise _refused(root, name, kind, "a folder or a file")
        return
    in_staging = name.startswith(f"{INNER}/staging/")
    if name in _FILES or in_staging:
        raise _refused(root, name, "a folder", "a file")
    if name.startswith(f"{INNER}/") and name not in _FOLDERS:
        return  # somebody keeps a folder there; we never look into it
    for each in _entries(Path(entry.path)):
        _check(root, each)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What a folder holds; who may not list it is told so when it is read or written."""
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError), os.scandir(folder) as it:
        yield from it


def _refused(root: Path, name: str, kind: str, expected: str) -> OutputError:
    return OutputError(
        f"{kind} stands where {expected} of ours belongs",
        where=str(root / name),
        fix=LINK_FIX if kind == "a link" else "move it away: it is none of ours",
    )
