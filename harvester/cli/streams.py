"""The process's own streams: what becomes of them never decides how a job ends.

A reader goes away (`| head`), a disk is full, a terminal is hung up, a caller has closed them. What
goes to stderr then is lost, and nothing else. What goes to stdout is the result of a command that
prints one, which must not end as if it had printed it; a job's result is in its folder.
"""

from __future__ import annotations

import io
import os
import select
import sys
from typing import TextIO

from harvester.errors import OutputError

_STDIN, _STDOUT, _STDERR = 0, 1, 2
# As long is somebody waited for who reads slowly, or has stopped the terminal.
_PATIENCE_MILLISECONDS = 1000
# Ended by SIGPIPE, as shells have it: whoever read us has gone, and needs no sentence.
READER_GONE = 141


class PrintError(OutputError):
    """The result of a command cannot be printed.

    Attributes:
        exit_code: 141 where the reader has gone, else 4.
    """


def protect(*, is_job: bool) -> None:
    """Make stdout and stderr streams that fail as this module says; once, before all else.

    Streams that somebody has put in their place (a test, a notebook) are theirs.

    Args:
        is_job: whether what the command does counts, and not what it prints.
    """
    closed = _reserve()
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(_Lossy(_STDERR, _PATIENCE_MILLISECONDS), sys.__stderr__)
    if sys.stdout is sys.__stdout__:
        # A job prints when it is over: then a slow reader is waited for.
        out = _Lossy(_STDOUT, None) if is_job else _Honest(_STDOUT, is_closed=_STDOUT in closed)
        sys.stdout = _text(out, sys.__stdout__)


def flush() -> None:
    """Print what is still held back.

    Raises:
        PrintError: it cannot be printed.
    """
    sys.stdout.flush()


def _reserve() -> set[int]:
    """Give each standard stream that is closed a number that no other file gets.

    A ledger that was opened as number 2 would take in whatever is said on stderr.
    """
    closed = set()
    for number in (_STDIN, _STDOUT, _STDERR):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free: this one, as those below it are taken by now.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            closed.add(number)
    return closed


def _text(raw: io.RawIOBase, before: TextIO | None) -> TextIO:
    """The stream as Python would have it."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else "utf-8",
        # A name that the terminal's encoding lacks is no reason to fail.
        errors="backslashreplace",
        line_buffering=raw.isatty() or isinstance(raw, _Lossy),
    )


class _Lossy(io.RawIOBase):
    """Writes what can be written; the rest is lost.

    Args:
        patience: how many milliseconds a reader is waited for; None: for ever.
    """

    def __init__(self, number: int, patience: int | None) -> None:
        self._number = number
        self._patience = patience
        self._readiness = select.poll()
        self._readiness.register(number, select.POLLOUT)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return os.isatty(self._number)

    def write(self, data: object, /) -> int:
        whole = bytes(data)  # type: ignore[call-overload]
        try:
            if self._readiness.poll(self._patience):
                return os.write(self._number, whole)
        except OSError:
            pass
        return len(whole)


class _Honest(io.RawIOBase):
    """Writes what it is given, or raises a `PrintError`, once; what comes then is lost."""

    def __init__(self, number: int, *, is_closed: bool) -> None:
        self._number = number
        self._is_closed = is_closed
        self._has_failed = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return os.isatty(self._number)

    def write(self, data: object, /) -> int:
        whole = bytes(data)  # type: ignore[call-overload]
        if self._has_failed:
            return len(whole)
        if self._is_closed:
            raise self._failed("stdout is closed")
        try:
            return os.write(self._number, whole)
        except BrokenPipeError:
            error = self._failed("whoever read stdout has gone")
            error.exit_code = READER_GONE
            raise error from None
        except OSError as error:
            raise self._failed(str(error.strerror)) from None

    def _failed(self, why: str) -> PrintError:
        self._has_failed = True
        return PrintError(
            f"the result cannot be printed: {why}",
            where="stdout",
            fix="send it to a file on a disk that has room, or to a reader that takes all of it",
        )
