"""The most common list of all, read at once: one plain id in every line, perhaps below a name.

Line by line, half a million ids cost most of a second each time that a job is looked at.
"""

from __future__ import annotations

import re
from pathlib import Path

import orjson

from harvester.id_files.table import MAX_ROWS

_MAX_BYTES = 20 * MAX_ROWS
_MARK = b"\xef\xbb\xbf"
_FIRST = re.compile(rb"[A-Za-z0-9_]{1,60}")
_TOO_LARGE = 10**18


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
    try:
        # Digits and ends of lines are a list in JSON when commas stand between the lines, unless
        # one is blank or begins with a zero; and nothing reads such a list sooner.
        ids = orjson.loads(b"[%b]" % rest.removesuffix(b"\n").replace(b"\n", b","))
    except orjson.JSONDecodeError:
        return None
    # What is too large for a number of 64 bits comes as another.
    return (first.decode("ascii"), ids) if max(ids, default=0) < _TOO_LARGE else None
