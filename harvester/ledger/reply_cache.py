"""The youngest replies of the spool, as they came: what is published soon need not be read back.

The spool holds them all the same, and a reply enters only when it is durable there.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from threading import Lock

from harvester.model.rows import Columns, Dataset
from harvester.model.spool import SpooledReply, SpoolKey

# What 250,000 rows of busy timelines came in, twice: some are written while others arrive.
_MOST_BYTES = 12 << 20
# A value in a list is a pointer and most often an object of its own.
_BYTES_OF_ARRAY, _BYTES_OF_LIST = 8, 48
# What a reply of a few bytes takes as objects.
_BYTES_OF_REPLY = 1_500


class ReplyCache:
    """Replies by their id in the spool, up to some megabytes; the rest is read back."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: dict[int, tuple[SpooledReply, int]] = {}
        self._last: dict[Dataset, Columns] = {}
        # Replies are kept and taken in different threads.
        self._lock = Lock()

    def keep(self, first_id: int, replies: Iterable[SpooledReply]) -> None:
        """Remember replies, entered into the spool one after the other from this id on."""
        with self._lock:
            for spool_id, spooled in enumerate(replies, first_id):
                # The spool gives the ids of what has left it again.
                self._forget(spool_id)
                size = _BYTES_OF_REPLY + len(spooled.body) + self._size(spooled.columns or ())
                if self._bytes + size <= self._most_bytes:
                    self._kept[spool_id] = spooled, size
                    self._bytes += size

    def take(self, key: SpoolKey) -> SpooledReply | None:
        """A reply, for the last time; None: it must be read back."""
        with self._lock:
            spooled = self._forget(key.spool_id)
        if spooled and (spooled.question, spooled.entity, spooled.first) == (
            key.question,
            key.entity,
            key.first,
        ):
            return spooled
        return None

    def _size(self, columns: tuple[Columns, ...]) -> int:
        size = 0
        for each in columns:
            size += _bytes(each, self._last.get(each.dataset))
            self._last[each.dataset] = each
        return size

    def _forget(self, spool_id: int) -> SpooledReply | None:
        spooled, size = self._kept.pop(spool_id, (None, 0))
        self._bytes -= size
        return spooled


def _bytes(columns: Columns, before: Columns | None) -> int:
    """What the columns take, without what they share with those of the reply before."""
    shared = before.values if before else {}
    return columns.length * sum(
        _BYTES_OF_ARRAY if isinstance(values, array) else _BYTES_OF_LIST
        for name, values in columns.values.items()
        if values is not shared.get(name)
    )
