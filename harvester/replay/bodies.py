"""Bodies read back from responses/: where each lies, and many at once in little memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.model.published import PublishedAnswer
from harvester.model.rows import LONG, Dataset

# A batch of bodies may be large; without them a row is some 200 bytes.
_ROWS_PER_BATCH = 20_000
_OPEN_FILES = 16


class StoredResponse(NamedTuple):
    """A row of responses/ without its body."""

    request_id: str
    url: str
    http_status: int
    fetched_at: int


class KeptBody(NamedTuple):
    """A body and the hash that was written beside it."""

    body: bytes
    sha256: str


def read_bodies(path: Path) -> Iterator[StoredResponse]:
    """The rows of a responses part, in their order.

    Raises:
        pyarrow.ArrowException, OSError: the file is damaged.
    """
    columns = ["request_id", "url", "http_status", "fetched_at"]
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for batch in file.iter_batches(_ROWS_PER_BATCH, columns=columns):
            table = pa.Table.from_batches([batch])
            moments = table["fetched_at"].cast(LONG).to_pylist()
            texts = [table[name].to_pylist() for name in columns[:3]]
            yield from (StoredResponse(*row) for row in zip(*texts, moments, strict=True))


class Bodies:
    """Fetches the bodies of answers; holds few files open and no body."""

    def __init__(self, root: Path, names: Mapping[int, str]) -> None:
        """Read below a job's folder.

        Args:
            names: the file name of each publish's new parts.
        """
        self._folder = root / Dataset.RESPONSES
        self._names = names
        self._open: OrderedDict[int, tuple[pq.ParquetFile, list[int]]] = OrderedDict()

    def fetch(self, answers: Sequence[PublishedAnswer]) -> list[KeptBody | None]:
        """The body of each answer; None where it has no place.

        Raises:
            pyarrow.ArrowException, OSError: a file is damaged.
        """
        found: list[KeptBody | None] = [None] * len(answers)
        wanted: dict[int, list[tuple[int, int]]] = {}
        for at, answer in enumerate(answers):
            if answer.place is not None:
                wanted.setdefault(answer.publish, []).append((answer.place, at))
        for publish, places in sorted(wanted.items()):
            for at, body in self._read(publish, sorted(places)):
                found[at] = body
        return found

    def close(self) -> None:
        """Close every file."""
        while self._open:
            self._open.popitem()[1][0].close()

    def _read(
        self, publish: int, places: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, KeptBody]]:
        """Bodies of one part, one row group after the other."""
        file, ends = self._file(publish)
        group, start = 0, 0
        while start < len(places):
            while ends[group] <= places[start][0]:
                group += 1
            stop = start
            while stop < len(places) and places[stop][0] < ends[group]:
                stop += 1
            first = ends[group - 1] if group else 0
            rows = pa.array([place - first for place, _ in places[start:stop]])
            table = file.read_row_group(group, columns=["body", "sha256"]).take(rows)
            texts = zip(table["body"].to_pylist(), table["sha256"].to_pylist(), strict=True)
            for (_, at), (body, sha256) in zip(places[start:stop], texts, strict=True):
                yield at, KeptBody(body, sha256)
            start = stop

    def _file(self, publish: int) -> tuple[pq.ParquetFile, list[int]]:
        if publish not in self._open:
            if len(self._open) >= _OPEN_FILES:
                self._open.popitem(last=False)[1][0].close()
            path = self._folder / self._names[publish]
            file = pq.ParquetFile(path, page_checksum_verification=True)
            sizes = (file.metadata.row_group(n).num_rows for n in range(file.num_row_groups))
            self._open[publish] = file, list(accumulate(sizes))
        self._open.move_to_end(publish)
        return self._open[publish]
