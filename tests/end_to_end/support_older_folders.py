"""Job folders that an older version made: unpacked, and read as anybody would read them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow.parquet as pq

FORMATS = Path(__file__).parent.parent / "fixtures" / "formats"
# Moments of the clock: no two runs have the same.
_MOMENTS = ("harvested_at", "fetched_at", "finished_at")
# What older code did not write.
_ADDED = ("shown_start", "shown_end")

Rows = dict[str, dict[str, Any]]


def packed(folder: Path) -> bytes:
    """A folder as an archive: with modes and empty folders, without owners and times."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, str(path.relative_to(folder)), recursive=False, filter=_nobodys)
    return gzip.compress(held.getvalue(), 9, mtime=0)


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def unpack(archive: Path, into: Path) -> None:
    """Put an archive's files where they are worked on; who may read them counts, too."""
    with tarfile.open(archive) as opened:
        opened.extractall(into, filter="tar")


def rows_of(output: Path) -> Rows:
    """For each dataset the number of its rows and a hash of them all, whatever their order."""
    return {
        folder.name: _summed(_read(folder))
        for folder in sorted(output.iterdir())
        if not folder.name.startswith("_") and any(folder.rglob("*.parquet"))
    }


def _read(dataset: Path) -> list[tuple[Any, ...]]:
    where = (
        f"from read_parquet('{dataset}/**/*.parquet', hive_partitioning = true,"
        " hive_types_autocast = false, union_by_name = true)"
    )
    with duckdb.connect() as db:
        names = sorted(name for name, *_ in db.execute(f"describe {where}").fetchall())
        chosen = ", ".join(f'"{name}"' for name in names if name not in _MOMENTS + _ADDED)
        return db.execute(f"select {chosen} {where}").fetchall()


def _summed(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    lines = sorted(json.dumps(row, default=str) for row in rows)
    return {"rows": len(lines), "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def asked(output: Path, run_id: str) -> list[str]:
    """The ids of the requests of a run that were sent, not worked out or left out."""
    with duckdb.connect() as db:
        found = db.execute(
            f"select request_id from read_parquet('{output}/requests/{run_id}.parquet')"
            " where attempts > 0 order by request_id"
        ).fetchall()
    return [each for (each,) in found]


def parts(output: Path) -> list[str]:
    """Every Parquet file, by its path below the job's folder, without the number of its publish.

    How many publishes there are depends on when replies come.
    """
    paths = (path.relative_to(output).as_posix() for path in output.rglob("*.parquet"))
    return sorted(re.sub(r"-\d{5,}\.parquet$", "-<publish>.parquet", path) for path in paths)


def columns(output: Path) -> list[str]:
    """The columns of each dataset, with their types in Parquet, in their order."""
    found = []
    for folder in sorted({each.partition("/")[0] for each in parts(output)}):
        schema = pq.read_schema(min((output / folder).rglob("*.parquet")))
        found += [f"{folder}.{each.name} {each.type}" for each in schema]
    return found


def sent(output: Path) -> int:
    """How many requests all calls on this folder sent, as its receipts say."""
    with _ledger(output) as ledger:
        return int(ledger.execute("select coalesce(sum(sent), 0) from receipt").fetchone()[0])


def settled(output: Path) -> dict[str, int]:
    """When each answer that stands in the ledger came, by what was asked; in microseconds."""
    with _ledger(output) as ledger:
        found = ledger.execute(
            "select key, entity, first, run, finished_at from request"
            " join question on question.id = question where attempts > 0"
        ).fetchall()
    return {f"{key} {entity} {first} {run}": at for key, entity, first, run, at in found}


def waiting(output: Path) -> int:
    """Replies in the spool."""
    with _ledger(output) as ledger:
        return int(ledger.execute("select count(*) from spool").fetchone()[0])


def tables(output: Path) -> list[str]:
    """How the ledger's tables, indexes and triggers are defined."""
    with _ledger(output) as ledger:
        found = ledger.execute("select sql from sqlite_master where sql is not null order by name")
        return [sql for (sql,) in found]


def runs(output: Path) -> list[str]:
    """What a run writes of itself into the ledger: `planned_spec`, and what follows from it."""
    with _ledger(output) as ledger:
        moving = "('standing', 'created_by', 'dates_from')"
        notes = f"select key, value from meta where key not in {moving}"
        said = [f"meta {key} {value}" for key, value in ledger.execute(f"{notes} order by key")]
        names = ledger.execute("select key from meta order by key").fetchall()
        kept = ledger.execute(
            "select number, run_id, snapshot, state, gathers, settle_days, planned, refresh,"
            " states, planner, evidence, entities, wanted, spec from run order by number"
        ).fetchall()
    return [f"meta {[key for (key,) in names]}", *said, *(json.dumps(each) for each in kept)]


def dump(output: Path) -> str:
    """The whole ledger as SQL."""
    with _ledger(output) as ledger:
        return "\n".join(ledger.iterdump())


def run_ids(output: Path) -> list[str]:
    """The runs of a folder, oldest first."""
    with _ledger(output) as ledger:
        return [each for (each,) in ledger.execute("select run_id from run order by number")]


@contextmanager
def _ledger(output: Path) -> Iterator[sqlite3.Connection]:
    """A copy of it: whoever opens and closes the ledger itself takes in what a crash left."""
    with TemporaryDirectory() as name:
        for path in (output / "_harvest").glob("ledger.sqlite*"):
            shutil.copy(path, name)
        with closing(sqlite3.connect(Path(name, "ledger.sqlite"))) as opened:
            yield opened


def files(folder: Path) -> dict[str, bytes]:
    """Every file, whole."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def hashes(folder: Path) -> dict[str, str]:
    """The files of an export and their hashes; what it says of itself names the day."""
    return {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files(folder).items()
        if name.endswith(".csv")
    }


def names(number: int) -> Iterator[str]:
    """The folders of one format."""
    yield from sorted(path.stem for path in (FORMATS / str(number)).glob("*.json"))
