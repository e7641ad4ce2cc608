"""Files that are what they look like: neither link nor pipe nor device, and not endless."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from harvester.errors import OutputError

# Of what cannot be read like a file; a link is told apart before.
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link",
}
LINK_FIX = (
    "move it away: below a job's folder links are never followed (`output.path` itself may be one)"
)


def kind_of(mode: int) -> str | None:
    """What a mode says that is no plain file; None: it is one."""
    return _KINDS.get(stat.S_IFMT(mode))


def read_plain(path: Path, most_bytes: int) -> bytes:
    """All of a small file that a user names; a link to one is as good.

    A pipe without a writer and a device without an end are refused at once, not waited for.

    Raises:
        OSError: it is not there, may not be read, is no plain file, or is larger than that; its
            strerror says so to people.
    """
    # A pipe that nobody writes into would hold whoever opens it otherwise.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if kind := kind_of(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, f"it is {kind}, not a file")
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(most_bytes + 1)
    finally:
        os.close(handle)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {_size(most_bytes)}, the most that is read")
    return content


def refuse_other_than_file(path: Path) -> None:
    """See that what stands at a place of ours is a plain file, or nothing.

    Raises:
        OutputError: it is a link, a folder, a pipe or a device.
    """
    try:
        kind = kind_of(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    if kind:
        raise OutputError(
            f"{kind} stands where a file of ours belongs", where=str(path), fix=LINK_FIX
        )


def _size(number: int) -> str:
    return f"{number // 2**20} MB" if number >= 2**20 else f"{number // 2**10} kB"
