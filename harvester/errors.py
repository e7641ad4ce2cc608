"""Every error this package raises on purpose.

An error says what went wrong, where, and how to fix it. Its class says whose
fault it is, and with that the exit code of the command line (docs/contract.md §1).
"""

from __future__ import annotations


class HarvestError(Exception):
    """An error a user can act on: what went wrong, where, and how to fix it.

    Attributes:
        what: one sentence, without a full stop.
        where: file:line:column, a folder, a request's key or a host.
        fix: what to do or to type.
        exit_code: what the command line ends with.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n  fix: {self.fix}"


class UsageError(HarvestError):
    """The command line asks for what cannot be, or does not fit the output folder."""

    exit_code = 2


class SpecError(HarvestError):
    """The job spec says something that cannot be run.

    Attributes:
        mistakes: every mistake of the file, a line each, as `job.yaml:12:25: path: sentence`.
    """

    exit_code = 2

    def __init__(self, mistakes: list[str], *, where: str) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"{count} in the job spec", where=where, fix="mend what is named above")
        self.mistakes = mistakes

    def __str__(self) -> str:
        return "\n".join(self.mistakes)


class ServiceError(HarvestError):
    """The service refuses, is down, or asks for a longer pause than allowed; resumable."""

    exit_code = 3


class OutputError(HarvestError):
    """The output cannot be written, is locked by another run, or is damaged."""

    exit_code = 4


class ParseError(HarvestError):
    """A reply arrived whole but does not mean what its request asked for."""


def chief(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error of a group that the caller can act on: ours before others."""
    leaves: list[BaseException] = []
    waiting: list[BaseException] = [group]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(each.exceptions)
        else:
            leaves.append(each)
    ours = [each for each in leaves if isinstance(each, HarvestError)]
    return (ours or leaves)[0]
