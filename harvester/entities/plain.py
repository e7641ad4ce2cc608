"""The most common list of all, read at once: one plain id in every line, perhaps below a name.

Line by line, half a million ids cost most of a second each time that a job is looked at.
"""

from __future__ import annotations

import re
from pathlib import Path

from harvester.entities.table import MAX_ROWS

_MAX_BYTES = 20 * MAX_ROWS
_MARK = b"\xef\xbb\xbf"
_FIRST = re.compile(rb"[A-Za-z0-9_]{1,60}")
_MOST_DIGITS = 18


def plain_lines(path: Path) -> tuple[str, list[int]] | None:
    """The first line of a file, and the ids in all others.

    Returns:
        None: some line holds anything else, or the file is large: it is to be read with care.
    """
    if path.stat().st_size > _MAX_BYTES:
        return None
    first, _, rest = path.read_bytes().removeprefix(_MARK).partition(b"\n")
    first = first.removesuffix(b"\r")
    if not _FIRST.fullmatch(first) or rest.translate(None, b"0123456789\r\n"):
        return None
    # Digits and ends of lines: as many numbers as lines means one in each.
    numbers = rest.split()
    lines = rest.count(b"\n") + (not rest.endswith(b"\n") and bool(rest))
    has_zeros_before = rest.startswith(b"0") or b"\n0" in rest
    if len(numbers) != lines or rest.count(b"\r") != rest.count(b"\r\n") or has_zeros_before:
        return None
    if max(map(len, numbers), default=0) > _MOST_DIGITS:
        return None
    return first.decode("ascii"), list(map(int, numbers))
