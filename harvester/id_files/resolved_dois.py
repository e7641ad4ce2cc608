"""What a look-up told of DOIs that hold no id: the list beside the file of ids, and its reading.

`batch-export.csv` has `batch-export.resolved.csv` beside it, a table that people can read and
mend: DOI, id, status. It is written whole, and only over one of its own form. While a look-up
goes on, answers stand in a file of the same lines with `.part` behind its name, as they came.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harvester.durable import WriteAdvice, write_errors_named, write_whole
from harvester.errors import OutputError, UsageError
from harvester.file_lock import is_locked, no_locks
from harvester.model.doi import OpaqueDoi
from harvester.model.entity import ID_DIGITS
from harvester.model.terms import Kind
from harvester.plain_files import read_plain

# Lists of two kinds may be read from one file.
_SUFFIXES = {Kind.ARTICLE: ".resolved.csv", Kind.COLLECTION: ".resolved-collections.csv"}
_ADVICE = WriteAdvice(
    "the list of DOIs cannot be written",
    {"ENOSPC": "make room on the disk and look up again: what was answered is kept"},
    otherwise="see whether the folder of the file of ids is yours to write",
)


# A line has 60 bytes or so, and a file of ids is no larger than this either.
_MOST_BYTES = 512 * 1024 * 1024
_ID = re.compile(rf"[1-9][0-9]{{0,{ID_DIGITS - 1}}}")


class DoiStatus(StrEnum):
    """What is known of a DOI after a look-up."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"  # several items bear it


@dataclass(frozen=True, slots=True)
class ResolvedDoi:
    """One line of the list.

    Attributes:
        id: None, unless the status is found.
    """

    doi: OpaqueDoi
    id: int | None
    status: DoiStatus


Resolved = Mapping[str, ResolvedDoi]  # by the DOI's key


class NotOurList(Exception):  # noqa: N818 - it carries what is told, it is not told itself
    """A file of the list's name holds something else; the text says what."""


def resolved_path(file: Path, kind: Kind) -> Path:
    """Where the list of a file of ids is: beside it."""
    return file.with_name(f"{file.stem}{_SUFFIXES[kind]}")


def read_resolved(path: Path, kind: Kind) -> dict[str, ResolvedDoi]:
    """The list at a place; empty: there is none.

    Raises:
        NotOurList: the file is none that a look-up wrote, or cannot be read.
    """
    try:
        text = read_plain(path, _MOST_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise NotOurList("it cannot be read") from None
    # A spreadsheet that people mend it with may separate by semicolons.
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    if next(rows, None) != _names(kind):
        raise NotOurList(f"it does not begin with {','.join(_names(kind))}")
    found = (_line(number, row) for number, row in enumerate(rows, 2) if any(row))
    return {each.doi.key: each for each in found}


def _names(kind: Kind) -> list[str]:
    return ["doi", f"{kind}_id", "status"]


def _line(number: int, row: list[str]) -> ResolvedDoi:
    doi, written, status = (each.strip() for each in row) if len(row) == 3 else ("", "", "")
    is_good = doi and status in set(DoiStatus) and (status == DoiStatus.FOUND) == bool(written)
    if not is_good or (written and not _ID.fullmatch(written)):
        raise NotOurList(f"its line {number} is no DOI with an id and a status")
    return ResolvedDoi(OpaqueDoi(doi), int(written) if written else None, DoiStatus(status))


def _text(rows: Iterable[Iterable[object]]) -> str:
    held = io.StringIO(newline="")
    csv.writer(held, lineterminator="\n").writerows(rows)
    return held.getvalue()


def _row(each: ResolvedDoi) -> list[object]:
    return [each.doi.doi, each.id or "", each.status]


class DoiList:
    """The list of one file of ids while a look-up adds to it.

    Attributes:
        known: what was answered so far, in this look-up and in earlier ones.
    """

    def __init__(self, path: Path, kind: Kind, known: dict[str, ResolvedDoi], part: int) -> None:
        """`part` is the open file of answers that are not in the list yet."""
        self.path = path
        self.known = known
        self._kind = kind
        self._part = part

    def keep(self, answer: ResolvedDoi) -> None:
        """Hold an answer; it outlives this process, however that ends."""
        with write_errors_named(self.path, _ADVICE):
            os.write(self._part, _text([_row(answer)]).encode())
        self.known[answer.doi.key] = answer

    def write(self) -> None:
        """Put the whole list in its place."""
        if not self.known:
            return
        text = _text([_names(self._kind), *map(_row, self.known.values())])
        with write_errors_named(self.path, _ADVICE):
            beside = self.path.with_name(f".{self.path.name}.new")
            write_whole(self.path, text.encode(), beside=beside)


@contextmanager
def open_list(path: Path, kind: Kind) -> Iterator[DoiList]:
    """Hold the list for one look-up; at the end it is written, whatever ended it but a kill.

    Raises:
        UsageError: a file of its name is not ours.
        OutputError: another look-up holds it, or it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    _ours(path, kind)
    with write_errors_named(part, _ADVICE):
        how = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(part, how, 0o644)
    try:
        _lock(handle, path)
        # The list first: somebody may have mended it since. A line cut by a kill is asked again.
        known = _kept(handle, part, kind) | _ours(path, kind)
        held = DoiList(path, kind, known, handle)
        try:
            yield held
        finally:
            held.write()
        part.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _ours(path: Path, kind: Kind) -> dict[str, ResolvedDoi]:
    try:
        return read_resolved(path, kind)
    except NotOurList as error:
        raise UsageError(
            f"this is no list that a look-up of DOIs wrote: {error}",
            where=str(path),
            fix="move it away: the list of DOIs is written under this name",
        ) from None


def _lock(handle: int, path: Path) -> None:
    try:
        is_ours = is_locked(handle)
    except OSError as error:
        raise no_locks(error, str(path)) from error
    if not is_ours:
        raise OutputError(
            "another look-up of these DOIs is under way", where=str(path), fix="wait until it ends"
        )


def _kept(handle: int, part: Path, kind: Kind) -> dict[str, ResolvedDoi]:
    """The answers of a look-up that was killed; cut back to its last whole line."""
    text = os.pread(handle, os.fstat(handle).st_size, 0)
    whole = text[: text.rfind(b"\n") + 1]
    os.ftruncate(handle, len(whole))
    try:
        rows = csv.reader(io.StringIO(whole.decode()))
        return {each.doi.key: each for each in (_line(n, row) for n, row in enumerate(rows, 1))}
    except (UnicodeDecodeError, csv.Error, NotOurList):
        raise UsageError(
            f"this holds no answers about DOIs of {kind}s",
            where=str(part),
            fix="move it away: a look-up keeps its answers under this name",
        ) from None
