"""The bodies of one publish, as they came."""

from __future__ import annotations

import hashlib

from harvester.model.moment import micros
from harvester.model.rows import Columns, Dataset
from harvester.model.spooled import Part, Spooled
from harvester.store.buffer import RowBuffer
from harvester.store.parts import ROWS_PER_GROUP, PartWriter, Staging

# Bodies of one row group are held in memory; this bounds them.
_BYTES_PER_GROUP = 8 << 20
_ONE_BODY = Columns(Dataset.RESPONSES, 1, {})


class Responses:
    """Streams bodies into one part of responses/; without bodies there is none."""

    def __init__(self, staging: Staging, name: str) -> None:
        self._staging = staging
        self._path = f"{Dataset.RESPONSES}/{name}"
        self._buffer = RowBuffer(Dataset.RESPONSES)
        self._bytes = 0
        self._writer: PartWriter | None = None

    def add(self, spooled: Spooled, url: str, request_id: str) -> None:
        """Keep one body."""
        row = {
            "request_id": request_id,
            "url": url,
            "http_status": spooled.http_status,
            "content_type": spooled.content_type,
            "fetched_at": micros(spooled.fetched_at),
            "sha256": hashlib.sha256(spooled.body).hexdigest(),
            "body": spooled.body,
        }
        self._buffer.add(_ONE_BODY, row)
        self._bytes += len(spooled.body)
        if self._buffer.rows >= ROWS_PER_GROUP or self._bytes >= _BYTES_PER_GROUP:
            self._write()

    def finish(self) -> list[Part]:
        """The finished part, if there is one."""
        if self._buffer.rows:
            self._write()
        return [self._writer.finish()] if self._writer else []

    def _write(self) -> None:
        if self._writer is None:
            self._writer = self._staging.part(self._path, Dataset.RESPONSES)
        self._writer.write(self._buffer.packed())
        self._bytes = 0
