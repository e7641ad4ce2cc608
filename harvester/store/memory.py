"""Memory that is free, handed back to the system."""

from __future__ import annotations

import pyarrow as pa


def release_memory() -> None:
    """Hand what was freed back to the system, in the parts of the allocator of all threads.

    The command line has Arrow take its memory from the system's allocator (`cli/__init__.py`),
    which is asked through Arrow here.
    """
    pa.default_memory_pool().release_unused()
