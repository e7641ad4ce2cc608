"""Errors that mean the machine gives this process no more memory or threads, as sentences."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from harvester.errors import OutputError

_MEMORY = "the system gives this process no more memory"
_THREADS = "the system lets this process start no more threads"
_FIXES = {
    _MEMORY: "give it more (ulimit -v, the limit of the container or of the batch system); then "
    "run again: it goes on",
    _THREADS: "allow it more (ulimit -u, the pids limit of the container; a limit of memory counts "
    "each thread's stack: ulimit -s); then run again: it goes on",
}
# What Python, the loader of libraries, Arrow and DuckDB say; none of them has a class for it.
_SENTENCES = {
    "can't start new thread": _THREADS,
    "thread constructor failed": _THREADS,
    "failed to launch worker thread": _THREADS,
    "cannot allocate memory": _MEMORY,
    "failed to map segment": _MEMORY,
    "out of memory": _MEMORY,
    "bad_alloc": _MEMORY,
}


def limit_reached(error: BaseException) -> OutputError | None:
    """The sentence for an error that comes of a limit of this machine; None: of something else."""
    for each in _chain(error):
        if what := _what(each):
            return OutputError(what, where="this machine", fix=_FIXES[what])
    return None


def refuse_limit(error: BaseException) -> None:
    """Let no limit of this machine pass for a damaged file.

    Raises:
        OutputError: the error comes of one.
    """
    if limit := limit_reached(error):
        raise limit from error


def _what(error: BaseException) -> str | None:
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, OSError) and error.errno is not None:
        return _MEMORY if error.errno == errno.ENOMEM else None
    said = str(error).casefold()
    return next((what for words, what in _SENTENCES.items() if words.casefold() in said), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, those of its group, and what each came of."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
        waiting += [each.__cause__, each.__context__]
