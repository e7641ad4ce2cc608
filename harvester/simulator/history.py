"""What was asked of the simulator, when, and what became of it: the witness of every test."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO


@dataclass(slots=True)
class Entry:
    """One request, written down when it arrived and completed when its answer was fully sent.

    Attributes:
        number: from 1, in the order of arrival.
        arrived: wall clock, in microseconds since 1970 (UTC).
        monotonic: the same moment on a clock that never steps back, in seconds.
        target: path and query as sent.
        has_authorization, has_cookie: whether such a header came; its value is never kept.
        scheme: `basic` or `token`, which that header began with; `other`: with something else.
        has_cursor, has_etag: whether `X-Cursor` and `If-None-Match` came.
        connection: which connection it came on, from 1.
        fault: the name of what went wrong on purpose.
        status, sent_bytes: of the answer (length of its body); None until it is fully written,
            and for ever when it never was.
        completed: monotonic seconds.
    """

    number: int
    arrived: int
    monotonic: float
    method: str
    target: str
    has_authorization: bool
    has_cookie: bool
    connection: int
    fault: str | None = None
    scheme: str | None = None
    has_cursor: bool = False
    has_etag: bool = False
    status: int | None = None
    sent_bytes: int | None = None
    completed: float | None = None

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class History:
    """All entries of a simulator, oldest first; with a path also in a file of JSON lines.

    Attributes:
        refused: connections closed at once by the fault `refuse`; no request ever came on them.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._entries: list[Entry] = []
        self._forgotten = 0
        self._file: TextIO | None = None
        if path is not None:
            self._file = path.open("a", encoding="utf-8")
        self.refused = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __getitem__(self, place: int) -> Entry:
        return self._entries[place]

    def arrive(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        connection: int,
        fault: str | None = None,
    ) -> Entry:
        """Write down a request that has just been read."""
        entry = Entry(
            number=self._forgotten + len(self._entries) + 1,
            arrived=time.time_ns() // 1000,
            monotonic=time.monotonic(),
            method=method,
            target=target,
            has_authorization="Authorization" in headers,
            has_cookie="Cookie" in headers,
            connection=connection,
            fault=fault,
            scheme=_scheme(headers),
            has_cursor="X-Cursor" in headers,
            has_etag="If-None-Match" in headers,
        )
        self._entries.append(entry)
        if self._file is not None:
            self._write(asdict(entry))
        return entry

    def complete(self, entry: Entry, status: int, sent_bytes: int) -> None:
        """Write down that the answer is out."""
        entry.status, entry.sent_bytes, entry.completed = status, sent_bytes, time.monotonic()
        if self._file is not None:
            # A second line for the same number; `read_history` puts the two together.
            self._write(asdict(entry))

    def clear(self) -> None:
        """Forget all entries; a file keeps what it has, and numbers go on."""
        self._forgotten += len(self._entries)
        self._entries.clear()
        self.refused = 0

    def to_json(self, after: int = 0) -> list[dict[str, Any]]:
        """The entries with a number above `after`, as plain values."""
        return [asdict(entry) for entry in self._entries[max(0, after - self._forgotten) :]]

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def _write(self, plain: dict[str, Any]) -> None:
        if self._file is not None:
            # Flushed at once, so that the line survives the death of this process.
            self._file.write(json.dumps(plain) + "\n")
            self._file.flush()


def _scheme(headers: Mapping[str, str]) -> str | None:
    if "Authorization" not in headers:
        return None
    first = headers["Authorization"].partition(" ")[0].lower()
    # Nothing else of it is kept: it may be the secret.
    return first if first in {"basic", "token"} else "other"


def read_history(path: Path) -> list[Entry]:
    """The entries of a history file, also of one whose simulator was killed in mid-line."""
    found: dict[int, Entry] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = Entry(**json.loads(line))
        except ValueError:
            continue
        found[entry.number] = entry
    return list(found.values())
