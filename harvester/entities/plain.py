"""The most common list of all, read at once: one plain id in every line, perhaps below a name.

Line by line, half a million ids cost most of a second each time that a job is looked at.
"""

from __future__ import annotations

import re
from pathlib import Path

from harvester.entities.table import MAX_ROWS

_MAX_BYTES = 20 * MAX_ROWS
_FIRST = rb"(?:\xef\xbb\xbf)?([A-Za-z0-9_]{1,60})"
_PLAIN = re.compile(_FIRST + rb"((?:\r?\n[1-9][0-9]{0,17})*)(?:\r?\n)?")


def plain_lines(path: Path) -> tuple[str, list[int]] | None:
    """The first line of a file, and the ids in all others.

    Returns:
        None: some line holds anything else, or the file is large: it is to be read with care.
    """
    if path.stat().st_size > _MAX_BYTES:
        return None
    found = _PLAIN.fullmatch(path.read_bytes())
    if found is None:
        return None
    return found[1].decode("ascii"), list(map(int, found[2].split()))
