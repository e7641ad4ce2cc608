"""Counts by key in little space: how the ledger keeps what a reply proves."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Mapping
from itertools import accumulate

# Of a thousand sparse days level 1 leaves a sixth, at a tenth of the cost of parsing them.
_LEVEL = 1


def pack_counts(counts: Mapping[int, int]) -> bytes:
    """Counts by key (a day since 1970-01-01, an entity id) as bytes; zeros are left out."""
    kept = sorted((key, value) for key, value in counts.items() if value)
    keys = [key for key, _ in kept]
    # Steps between keys repeat, and so pack better than the keys.
    steps = array("q", (key - before for key, before in zip(keys, [0, *keys], strict=False)))
    values = array("q", (value for _, value in kept))
    return zlib.compress(steps.tobytes() + values.tobytes(), _LEVEL)


def unpack_counts(blob: bytes) -> dict[int, int]:
    """The counts of `pack_counts`, keys ascending."""
    numbers = array("q")
    numbers.frombytes(zlib.decompress(blob))
    half = len(numbers) // 2
    return dict(zip(accumulate(numbers[:half]), numbers[half:], strict=True))
