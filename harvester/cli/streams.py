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
from collections.abc import Callable
from contextlib import suppress
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
        raw = _Raw(_STDERR, _lossy(_STDERR, _PATIENCE_MILLISECONDS))
        sys.stderr = _text(raw, sys.__stderr__, by_line=True)
    if sys.stdout is sys.__stdout__:
        # A job prints when it is over: then a slow reader is waited for.
        is_closed = _STDOUT in closed
        write = _lossy(_STDOUT, None) if is_job else _honest(_STDOUT, is_closed=is_closed)
        raw = _Raw(_STDOUT, write)
        sys.stdout = _text(raw, sys.__stdout__, by_line=raw.isatty())


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


def _text(raw: _Raw, before: TextIO | None, *, by_line: bool) -> TextIO:
    """The stream as Python would have it."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else "utf-8",
        # A name that the terminal's encoding lacks is no reason to fail.
        errors="backslashreplace",
        line_buffering=by_line,
    )


class _Raw(io.RawIOBase):
    """A standard stream that is written by a function."""

    def __init__(self, number: int, write: Callable[[bytes], int]) -> None:
        self._number = number
        self._write = write

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def isatty(self) -> bool:
        return os.isatty(self._number)

    def write(self, data: object, /) -> int:
        return self._write(bytes(data))  # type: ignore[call-overload]


def _lossy(number: int, patience: int | None) -> Callable[[bytes], int]:
    """Writes what can be written; the rest is lost.

    Args:
        patience: how many milliseconds a reader is waited for; None: for ever.
    """
    readiness = select.poll()
    readiness.register(number, select.POLLOUT)

    def write(data: bytes) -> int:
        with suppress(OSError):
            if readiness.poll(patience):
                return os.write(number, data)
        return len(data)

    return write


def _honest(number: int, *, is_closed: bool) -> Callable[[bytes], int]:
    """Writes what it is given, or raises a `PrintError`, once; what comes then is lost."""
    has_failed = False

    def failed(why: str) -> PrintError:
        nonlocal has_failed
        has_failed = True
        return PrintError(
            f"the result cannot be printed: {why}",
            where="stdout",
            fix="send it to a file on a disk that has room, or to a reader that takes all of it",
        )

    def write(data: bytes) -> int:
        if has_failed:
            return len(data)
        if is_closed:
            raise failed("stdout is closed")
        try:
            return os.write(number, data)
        except BrokenPipeError:
            error = failed("whoever read stdout has gone")
            error.exit_code = READER_GONE
            raise error from None
        except OSError as error:
            raise failed(str(error.strerror)) from None

    return write
