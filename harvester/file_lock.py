"""A lock that the kernel lets go of however its holder ends, where the file system has any."""

from __future__ import annotations

import errno
import fcntl
import os
import time

from harvester.errors import OutputError

_FIX = (
    "choose a folder on a local disk; on NFS have its lock service run, or mount the share with "
    "local_lock=flock where no other machine writes there"
)


def is_locked(handle: int) -> bool:
    """Take an open file for oneself; False: somebody else has it.

    Raises:
        OSError: this file system cannot lock it.
    """
    # Who only looks whether anybody holds it has it for a moment.
    for wait_seconds in (0.02, 0.1, 0):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(wait_seconds)
        else:
            return True
    return False


def is_folder_locked(handle: int) -> bool:
    """The same for a folder, which counts as taken where it cannot be locked.

    NFS locks only what is open for writing, as no folder can be: there the file in it is all.
    """
    try:
        return is_locked(handle)
    except OSError:
        return True


def is_held(handle: int) -> bool:
    """Whether somebody else has a file; nobody knows where it cannot be locked, so: yes."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


def no_locks(error: OSError, where: str) -> OutputError:
    """The sentence for a file system that cannot lock."""
    why = os.strerror(error.errno or errno.ENOLCK)
    return OutputError(
        f"files cannot be locked here ({why}), so two runs at once could not be kept apart",
        where=where,
        fix=_FIX,
    )
