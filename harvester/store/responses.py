"""The bodies of one publish, as they came."""

from __future__ import annotations

import hashlib

from harvester.model.dates import to_micros
from harvester.model.rows import Dataset
from harvester.model.spool import Part, SpooledReply
from harvester.store.buffer import RowBuffer
from harvester.store.part_writer import ROWS_PER_GROUP, PartWriter, Staging

# Bodies of one row group are held in memory; this bounds them.
_BYTES_PER_GROUP = 8 << 20
# What the other columns of a row take as Python's objects: of a total, ten times its body.
_BYTES_OF_ROW = 500


class Responses:
    """Streams bodies into one part of responses/; without bodies there is none."""

    def __init__(self, staging: Staging, name: str) -> None:
        self._staging = staging
        self._path = f"{Dataset.RESPONSES}/{name}"
        self._waiting: list[tuple[object, ...]] = []
        self._bytes = 0
        self._writer: PartWriter | None = None

    def add(self, spooled: SpooledReply, url: str, request_id: str) -> None:
        """Keep one body."""
        self._waiting.append(
            (
                request_id,
                url,
                spooled.http_status,
                spooled.content_type,
                to_micros(spooled.fetched_at),
                hashlib.sha256(spooled.body).hexdigest(),
                spooled.body,
            )
        )
        self._bytes += _BYTES_OF_ROW + len(spooled.body)
        if len(self._waiting) >= ROWS_PER_GROUP or self._bytes >= _BYTES_PER_GROUP:
            self._write()

    def finish(self) -> list[Part]:
        """The finished part, if there is one."""
        if self._waiting:
            self._write()
        return [self._writer.finish()] if self._writer else []

    def _write(self) -> None:
        if self._writer is None:
            self._writer = self._staging.part(self._path, Dataset.RESPONSES)
        buffer = RowBuffer(Dataset.RESPONSES)
        columns = zip(*self._waiting, strict=True)
        buffer.extend(dict(zip(buffer.schema.names, columns, strict=True)))
        self._waiting.clear()
        self._writer.write(buffer.packed())
        self._bytes = 0
