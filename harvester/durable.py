"""Bytes and names that survive a power cut: what the commit protocol calls durable."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harvester.errors import OutputError


def sync_file(path: Path) -> int:
    """Make a file's bytes durable; returns how many there are."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
        return os.fstat(handle).st_size
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    sync_file(folder)


def replace_durably(
    beside: Path, target: Path, *, renamed: Callable[[], None] = lambda: None
) -> None:
    """Put a whole, durable file in the place of another: readers see the old one or the new one.

    Args:
        beside: on the same file system.
        renamed: called when the name is new, and not yet durable.
    """
    beside.replace(target)
    renamed()
    sync_folder(target.parent)


def write_whole(target: Path, content: bytes, *, beside: Path) -> None:
    """Replace a file by these bytes, whole or not at all; they are written to `beside` first."""
    how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(beside, how, 0o666), "wb") as file:
        file.write(content)
    sync_file(beside)
    replace_durably(beside, target)


@dataclass(frozen=True, slots=True)
class WriteAdvice:
    """What a user is told when the system refuses to write.

    Attributes:
        what: the sentence before the system's own.
        fixes: what to do, by the name of the system's error, such as ENOSPC.
        otherwise: what to do about any other error.
    """

    what: str
    fixes: Mapping[str, str]
    otherwise: str


@contextmanager
def write_errors_named(where: Path, advice: WriteAdvice) -> Iterator[None]:
    """Turn the system's errors of writing into sentences.

    Raises:
        OutputError: with what the user can do.
    """
    try:
        yield
    except OSError as error:
        fix = advice.fixes.get(errno.errorcode.get(error.errno or 0, ""), advice.otherwise)
        # Arrow wraps the system's sentence into its own.
        said = os.strerror(error.errno) if error.errno else error
        raise OutputError(
            f"{advice.what}: {said}", where=str(error.filename or where), fix=fix
        ) from error
