"""What stands between ledger and store: spooled replies, placements, parts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from harvester.errors import OutputError
from harvester.model.rows import Columns
from harvester.model.terms import State


class SpoolKey(NamedTuple):
    """Where a spooled reply belongs, without its body; sorts as the rows of a part do.

    Attributes:
        last: the last day whose rows are shown.
    """

    entity: int
    question: int
    first: int
    last: int
    spool_id: int


_WIDTH = len(SpoolKey._fields)


class SpoolKeys:
    """Many keys in little memory, in the order they were given."""

    def __init__(self, keys: Iterable[tuple[int, int, int, int, int]]) -> None:
        self._numbers = array("q", chain.from_iterable(keys))

    def __len__(self) -> int:
        return len(self._numbers) // _WIDTH

    def __iter__(self) -> Iterator[SpoolKey]:
        numbers = iter(self._numbers)
        return map(SpoolKey._make, zip(*[numbers] * _WIDTH, strict=True))


class SpooledReply(NamedTuple):
    """A reply as the spool keeps it.

    Attributes:
        question: its number in the ledger.
        entity: of its slot.
        first: of its slot, days since 1970-01-01.
        last: of its window; of a count: its last group.
        groups: JSON list of the groups of a count; else None.
        derived_as: DERIVED or ANSWERED_BY where no request of its own brought it; else None.
        source: the request_id that answered in its place.
        columns: what the body holds, where it is known still; None: parse it.
    """

    question: int
    entity: int
    first: int
    last: int
    groups: str | None
    http_status: int
    content_type: str
    fetched_at: datetime
    body: bytes
    derived_as: State | None = None
    source: str | None = None
    columns: tuple[Columns, ...] | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the rows of one reply go.

    Attributes:
        question: its number in the ledger.
        slot: `Request.slot`.
        home: the publish whose part holds its rows; None: it makes none.
    """

    question: int
    slot: tuple[int, int]
    home: int | None


class Placements:
    """Many placements in little memory: a publish may hold hundreds of thousands."""

    def __init__(self) -> None:
        self._numbers = array("q")

    def __len__(self) -> int:
        return len(self._numbers) // 4

    def __iter__(self) -> Iterator[Placement]:
        numbers = self._numbers
        for at in range(0, len(numbers), 4):
            question, entity, first, home = numbers[at : at + 4]
            yield Placement(question, (entity, first), home or None)

    def add(self, placement: Placement) -> None:
        """Take one more; publishes are numbered from 1, so 0 stands for no home."""
        self._numbers.extend((placement.question, *placement.slot, placement.home or 0))


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of a dataset.

    Attributes:
        path: relative to the job's folder.
        staged: its name in staging until it is in place.
        sha256: of its bytes, hexadecimal.
    """

    path: str
    staged: str
    rows: int
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        """Refuse a place outside the folder: the ledger may be somebody else's.

        Raises:
            OutputError: following it would touch what is not the job's.
        """
        words = self.path.split("/")
        if not self.path or {"", ".", ".."} & {*words} or "\0" in self.path + self.staged:
            raise _elsewhere(self.path)
        if "/" in self.staged or self.staged in {".", ".."}:
            raise _elsewhere(self.staged)


def _elsewhere(place: str) -> OutputError:
    return OutputError(
        f"the ledger names a file that is not in the job's folder: {place!r}",
        where="the ledger",
        fix="do not use this folder unless you know where it comes from; harvester verify OUTPUT "
        "--repair makes a ledger anew once this one is moved away",
    )


@dataclass(frozen=True, slots=True)
class OpenPublish:
    """A publish that was decided, but perhaps not carried out to the end.

    Attributes:
        parts: in the order in which they are put in place.
    """

    number: int
    parts: Sequence[Part]
