"""Looks for a secret in everything that was written and printed, in whatever form."""

from __future__ import annotations

import base64
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyarrow.parquet as pq


def forms(secret: str) -> set[bytes]:
    """How a secret may look: plain, encoded, escaped, packed; with what stands before it."""
    raw = secret.encode()
    texts = {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        raw.hex(),
        repr(raw)[2:-1],
    }
    found = {text.encode() for text in texts}
    # The password may stand anywhere in what was packed, so at any of three offsets.
    for offset in range(3):
        packed = base64.b64encode(b"x" * offset + raw)
        found.add(packed[4 if offset else 0 : -4])
    return found | {secret.encode("utf-16-le"), secret.encode("latin-1", errors="ignore")}


def spilled(secrets: list[str], folder: Path, *printed: str) -> list[str]:
    """Where a secret was found: files by name, texts as `printed`."""
    wanted = set().union(*(forms(secret) for secret in secrets))
    assert all(len(form) >= 8 for form in wanted), "a canary this short is found anywhere"
    places = [(path.name, text) for path in files(folder) for text in _inside(path)]
    places += [("printed", text.encode()) for text in printed]
    return sorted({name for name, text in places if any(form in text for form in wanted)})


def files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _inside(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what they are once unpacked."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        table = pq.read_table(path, partitioning=None)
        yield repr(table.schema.metadata).encode()
        for column in table.columns:
            for value in column.to_pylist():
                yield value if isinstance(value, bytes) else str(value).encode()
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
                for row in db.execute(f'SELECT * FROM "{name}"'):
                    yield from (v if isinstance(v, bytes) else str(v).encode() for v in row)
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name) for name in book.namelist())
