"""A job's folder: who may write it, and that it can be written at all."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from harvester.durable import WriteAdvice, sync_file, sync_folder, write_errors_named
from harvester.errors import OutputError
from harvester.file_lock import is_folder_locked, is_held, is_locked, no_locks
from harvester.plain_files import LINK_FIX
from harvester.store.own_files import INNER, refuse_links

ONE_FILE_SYSTEM = "keep a job's folder on one file system: parts are moved into place"
_IN_THE_WAY = "a file stands where a folder should be: move it, or change output.path"
_ADVICE = WriteAdvice(
    "the output cannot be written",
    {
        "ENOSPC": "make room on the disk and run again: nothing that was answered is lost",
        "EDQUOT": "make room in your quota and run again: nothing that was answered is lost",
        "EACCES": "see whether the folder is yours to write, or choose another output.path",
        "EROFS": "choose an output.path that can be written",
        "ENOTDIR": _IN_THE_WAY,
        "EEXIST": _IN_THE_WAY,
        "EXDEV": ONE_FILE_SYSTEM,
        "ELOOP": LINK_FIX,
        "EMFILE": "let a process open more files: ulimit -n 1024",
    },
    otherwise="see whether the disk is sound, then run again: it goes on",
)


class JobFolder:
    """The paths of one job's output."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inner = root / INNER
        self.staging = self.inner / "staging"
        self.ledger = self.inner / "ledger.sqlite"
        self.lock = self.inner / "lock"
        self.log = self.inner / "harvest.log"
        self.manifest = self.inner / "manifest.json"
        self.resolved_spec = self.inner / "spec.json"

    def create(self) -> None:
        """Make the folders, for the owner only: numbers of embargoed items are nobody else's.

        Raises:
            OutputError: a file or a link stands where a folder should be, or it may not be
                written.
        """
        refuse_links(self.root)
        with output_errors_named(self.root):
            self.root.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.root, self.inner, self.staging):
                is_new = not folder.is_dir()
                folder.mkdir(mode=0o700, exist_ok=True)
                if is_new:
                    sync_folder(folder.parent)

    def probe(self) -> None:
        """Write, fsync and rename a file, as the commit protocol will.

        Raises:
            OutputError: one of them does not work here.
        """
        with output_errors_named(self.root):
            probe = self.staging / "probe"
            probe.write_bytes(b"can this folder be written?")
            sync_file(probe)
            probe.replace(self.staging / "probe-renamed")
            sync_folder(self.staging)
            (self.staging / "probe-renamed").unlink()

    def holder(self) -> str | None:
        """Who is writing here now, in words; None: nobody."""
        try:
            handle = os.open(self.lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            # Empty at rest; a holder that was killed leaves its words, but not its lock.
            words = os.pread(handle, 500, 0).decode(errors="replace").strip()
            if not words:
                return None
            return words if is_held(handle) else None
        finally:
            os.close(handle)

    @contextmanager
    def locked(self, now: datetime) -> Iterator[None]:
        """Hold the folder for one run; the kernel lets go of it however the run ends.

        Raises:
            OutputError: another run holds it: which, and since when; or links
                lie in it, or its file system has no locks.
        """
        refuse_links(self.root)
        with ExitStack() as handles:
            with output_errors_named(self.root):
                file = _opened(handles, self.lock, os.O_RDWR | os.O_CREAT)
                # Somebody may delete the file of a run that goes on; its folder stays.
                folder = _opened(handles, self.inner, os.O_RDONLY)
            try:
                is_ours = is_folder_locked(folder) and is_locked(file)
            except OSError as error:
                raise no_locks(error, str(self.lock)) from error
            if not is_ours:
                holder = os.pread(file, 500, 0).decode(errors="replace").strip()
                raise OutputError(
                    f"another run is writing here ({holder or 'it has just begun'})",
                    where=str(self.root),
                    fix="wait until it ends, or watch it with `harvester status`",
                )
            started = now.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
            with output_errors_named(self.root):
                os.ftruncate(file, 0)
                os.pwrite(file, _holder(started), 0)
            yield
            # Empty at rest, so that a run with nothing to do changes no byte.
            os.ftruncate(file, 0)


def _opened(handles: ExitStack, path: Path, how: int) -> int:
    handle = os.open(path, how | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    handles.callback(os.close, handle)
    return handle


def _holder(started: str) -> bytes:
    return f"process {os.getpid()} on {socket.gethostname()}, since {started}".encode()


def output_errors_named(where: Path) -> AbstractContextManager[None]:
    """Turn the system's errors of writing a job's output into sentences.

    Raises:
        OutputError: with what the user can do.
    """
    return write_errors_named(where, _ADVICE)
