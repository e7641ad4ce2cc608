"""Where a file for people goes: not among the datasets, over nothing else, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.durable import WriteAdvice, write_errors_named
from harvester.errors import OutputError, UsageError

README = "README.txt"
_ADVICE = WriteAdvice(
    "this cannot be written",
    {"ENOSPC": "make room on the disk", "EDQUOT": "make room on the disk"},
    otherwise="choose a place that is yours to write",
)


@contextmanager
def finished(
    target: Path, job: Path, *, replaces: bool, inside: Path | None = None
) -> Iterator[Path]:
    """A temporary name beside `target` to write to; renamed when the block ends well.

    Args:
        target: a file, or a folder that the block makes.
        job: the job's folder, whose datasets readers glob.
        replaces: whether something of ours that stands there may go.
        inside: a folder of the job that may be written to all the same.

    Raises:
        UsageError: it lies among the datasets, or something stands there that is not to go.
        OutputError: it cannot be written.
    """
    target = target.absolute()
    _refuse_datasets(target, job, inside)
    _refuse_standing(target, replaces=replaces)
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
    real = target.parent.resolve() / target.name
    allowed = inside.resolve() if inside else None
    if real.is_relative_to(job.resolve()) and not (allowed and real.is_relative_to(allowed)):
        raise UsageError(
            "this lies inside the job's folder, whose files are datasets to every reader",
            where=str(target),
            fix="choose a place outside of it",
        )


def _refuse_standing(target: Path, *, replaces: bool) -> None:
    if not target.exists():
        return
    if not replaces:
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
    names = {each.name for each in folder.iterdir()}
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
