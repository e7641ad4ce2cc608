"""Where a file for people goes: not among the datasets, over nothing else, whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harvester.durable import WriteAdvice, write_errors_named
from harvester.errors import OutputError, UsageError
from harvester.plain_files import kind_of

README = "README.txt"
# What systems put into any folder that somebody looks at.
_LITTER = {"Thumbs.db", ".DS_Store", "desktop.ini"}
_ADVICE = WriteAdvice(
    "this cannot be written",
    {"ENOSPC": "make room on the disk", "EDQUOT": "make room on the disk"},
    otherwise="choose a place that is yours to write",
)


@dataclass(frozen=True, slots=True)
class WritePlace:
    """Where a file for people goes.

    Attributes:
        target: a file, or a folder.
        replaces: whether another file, or an earlier export, may go.
        inside: a folder of the job that a page may be written into all the same.
        is_ours: tells what may go without being asked.
    """

    target: Path
    replaces: bool
    inside: Path | None = None
    is_ours: Callable[[Path], bool] = lambda _: False


@contextmanager
def finished(place: WritePlace, job: Path) -> Iterator[Path]:
    """A temporary name beside the target to write to; renamed when the block ends well.

    Args:
        job: the job's folder, whose datasets readers glob.

    Raises:
        UsageError: it lies among the datasets, or something stands there that is not to go.
        OutputError: it cannot be written.
    """
    target = place.target.absolute()
    _refuse_datasets(target, job, place.inside)
    _refuse_standing(target, place)
    if not target.parent.is_dir():
        raise OutputError(
            "there is no such folder", where=str(target.parent), fix="make it, or choose another"
        )
    beside = target.with_name(f".{target.name}.writing-{os.getpid()}")
    try:
        with write_errors_named(target, _ADVICE):
            _remove(beside)
            yield beside
            _put(beside, target)
    finally:
        _remove(beside)


def _refuse_datasets(target: Path, job: Path, inside: Path | None) -> None:
    folder = target.parent.resolve()
    if not (folder / target.name).is_relative_to(job.resolve()):
        return
    # Beside the page lie ledger and lock, which no --force replaces.
    if inside is None or folder != inside.resolve() or target.suffix != ".html":
        raise UsageError(
            "this lies inside the job's folder, whose files are datasets to every reader",
            where=str(target),
            fix="choose a place outside of it",
        )


def _refuse_standing(target: Path, place: WritePlace) -> None:
    try:
        mode = target.lstat().st_mode
    except OSError:
        return  # nothing, or nothing that can be seen: writing will say so
    kind = kind_of(mode)
    if stat.S_ISLNK(mode):
        # A link to a file gives its name away, and its file stays.
        kind = "a link to a folder" if target.is_dir() else None
    if kind and not stat.S_ISDIR(mode):
        raise UsageError(
            f"{kind} stands here, and nothing takes its place",
            where=str(target),
            fix="choose another place",
        )
    if not place.replaces and not place.is_ours(target):
        raise UsageError(
            "something stands here already",
            where=str(target),
            fix="say --force to replace it, or choose another place",
        )
    if target.is_dir() and not is_an_export(target):
        raise UsageError(
            "this folder is no earlier export, so it is not replaced",
            where=str(target),
            fix="choose another place, or move the folder away",
        )


def is_an_export(folder: Path) -> bool:
    """Whether a folder holds an export and nothing else, so that replacing it loses nothing."""
    names = {each.name for each in folder.iterdir()} - _LITTER
    return not names or (
        README in names
        and all(name == README or name.endswith(".csv") for name in names)
        and all(each.is_file() for each in folder.iterdir())
    )


def _put(beside: Path, target: Path) -> None:
    if target.is_dir():
        # A folder cannot be renamed over one that is not empty.
        old = target.with_name(f".{target.name}.old-{os.getpid()}")
        target.rename(old)
        beside.rename(target)
        shutil.rmtree(old)
    else:
        beside.replace(target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
