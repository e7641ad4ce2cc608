"""Bytes and names that survive a power cut: what the commit protocol calls durable."""

from __future__ import annotations

import os
from pathlib import Path


def sync_file(path: Path) -> int:
    """Make a file's bytes durable; returns how many there are."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
        return os.fstat(handle).st_size
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    sync_file(folder)
