"""The answers of a probe as a file: in the form that the simulator replays.

A list of `{"method", "url", "status", "body", "request_body"?}`, as the replay reads it, with the
question, the date, the headers and the service's clock beside. The addresses are Figshare's own,
whoever was asked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harvester.durable import WriteAdvice, write_errors_named, write_whole
from harvester.errors import UsageError
from harvester.preview.probe import ProbeResult
from harvester.preview.probe_ask import Answered, Ask

_STATISTICS, _LISTINGS = "https://stats.figshare.com", "https://api.figshare.com/v2"
_ADVICE = WriteAdvice(
    "the answers cannot be kept",
    {"ENOSPC": "make room on the disk", "EACCES": "name a file in a folder of your own"},
    otherwise="name another file",
)


def exchanges(result: ProbeResult) -> Iterator[dict[str, Any]]:
    """Every answer with its question; what was not answered is not in it."""
    day = result.subjects.today.isoformat()
    for ask, answered in result.session.sent.items():
        if not answered.why:
            by = result.session.asked_by[ask]
            yield {"probe": by, "asked_on": day, **_exchange(ask, answered)}


def _exchange(ask: Ask, answered: Answered) -> dict[str, Any]:
    base = _LISTINGS if ask.is_listing else _STATISTICS
    kept: dict[str, Any] = {"method": "POST" if ask.body else "GET", "url": f"{base}{ask.path}"}
    if ask.body:
        kept["request_body"] = json.loads(ask.body)
    kept |= {"status": answered.status, "body": answered.plain}
    if answered.headers:
        kept["headers"] = dict(answered.headers)
    if answered.skew_seconds is not None:
        kept["clock_skew_seconds"] = answered.skew_seconds
    return kept


def refuse_other_files(path: Path) -> None:
    """See that a file may be written, before anything is sent for its sake.

    Raises:
        UsageError: its folder is not there, or it is no answers of an earlier probe.
    """
    fix = "name a new file, or one that an earlier `probe --save` wrote"
    if not path.parent.is_dir():
        raise UsageError("its folder does not exist", where=str(path), fix="make it first")
    if (path.exists() or path.is_symlink()) and not _is_saved(path):
        raise UsageError("this file holds something else, and stays", where=str(path), fix=fix)


def _is_saved(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(each, dict) and {"probe", "url"} <= each.keys() for each in found)
    )


def save(result: ProbeResult, path: Path) -> None:
    """Write the file whole, for its owner alone.

    Raises:
        OutputError: it cannot be written.
    """
    # A line an exchange: they are read and compared as lines.
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in exchanges(result))
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with write_errors_named(path, _ADVICE):
        beside.unlink(missing_ok=True)
        try:
            os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            write_whole(path, f"[{lines}]\n".encode("utf-8", "replace"), beside=beside)
        finally:
            beside.unlink(missing_ok=True)
