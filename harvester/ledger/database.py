"""Opening the ledger's file: whole, ours, and of a version we know, or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from harvester.durable import replace_durably
from harvester.errors import HarvestError, OutputError
from harvester.ledger.migrations import APPLICATION_ID, STEPS, VERSION
from harvester.plain_files import refuse_other_than_file

_PAGES_IN_LOG = 4_000
_CACHE_KIB = 4 << 10
MEND = "make it anew from the responses: harvester verify OUTPUT --repair"


class Database:
    """One SQLite file in WAL mode; one writer of this process at a time, any number of readers.

    Raises:
        OutputError: the file is no ledger, is damaged, or cannot be written.
    """

    def __init__(self, path: Path, *, read_only: bool = False, create: bool = True) -> None:
        """Open the file.

        Args:
            read_only: see one moment of it, and change nothing but temporary tables; it must
                be there. One of an older version is read as a copy that was brought up to date.
            create: make it if it is not there.
        """
        self.path = path
        self._read_only = read_only
        self._leaves_log = not read_only or _log_of(path).exists()
        self._lock = RLock()
        _refuse_links(path)
        with damage_named(path):
            if not path.exists() and not read_only:
                if not create:
                    raise _no_ledger(path)
                _create(path)
            self._db = _opened_to_read(path) if read_only else _connected(path)
            try:
                _check(self._db, path)
                if read_only:
                    self._db.execute("BEGIN")
                    if _version(self._db) < VERSION:
                        self._db = _brought_up_to_date(self._db)
                    self._db.execute("SELECT count(*) FROM run").fetchone()
                else:
                    _keep_durable(self._db)
                    _upgrade(self._db)
            except BaseException:
                self._db.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; durable when it returns."""
        with self._lock, damage_named(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def query(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """A small result, whole."""
        with self._lock, damage_named(self.path):
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for a long read; it sees one moment and blocks nobody."""
        if self._read_only:
            yield self._db
            return
        with reading(self.path) as db:
            yield db

    @contextmanager
    def aside(self) -> Iterator[sqlite3.Connection]:
        """For temporary tables beside those of the ledger; nobody else sees them."""
        with damage_named(self.path):
            yield self._db

    def close(self) -> None:
        """Close; SQLite folds the write-ahead log into the file."""
        self._db.close()
        if not self._leaves_log:
            _tidy(self.path)


def _tidy(path: Path) -> None:
    """Take away the side files that SQLite made for a reader, which alone may not."""
    if _log_of(path).exists():
        with suppress(sqlite3.Error):
            db = _connected(path)
            db.execute("PRAGMA schema_version")
            db.close()


def _refuse_links(path: Path) -> None:
    """SQLite would follow them, and make its side files wherever they lead."""
    for suffix in ("", "-wal", "-shm"):
        refuse_other_than_file(path.with_name(f"{path.name}{suffix}"))


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _create(path: Path) -> None:
    """Make the file under another name first, so that a ledger that exists is whole."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    db = sqlite3.connect(fresh, isolation_level=None)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _upgrade(db)
    db.close()
    replace_durably(fresh, path)


def _opened_to_read(path: Path) -> sqlite3.Connection:
    if not path.is_file() or path.stat().st_size == 0:
        raise _no_ledger(path)
    # On a medium that cannot be written, SQLite may not make its side files, and need not.
    how = "mode=ro" if os.access(path.parent, os.W_OK) else "mode=ro&immutable=1"
    uri = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False)


def _no_ledger(path: Path) -> OutputError:
    return OutputError(
        "there is no ledger here",
        where=str(path.parent.parent),
        fix="name a job's folder (<output.path>/<name>) that a run has written; where the "
        f"ledger was lost, {MEND}",
    )


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)


def _check(db: sqlite3.Connection, path: Path) -> None:
    found = db.execute("PRAGMA application_id").fetchone()[0]
    if found != APPLICATION_ID:
        # A file cut to nothing opens as an empty database and passes SQLite's own check.
        raise OutputError(
            "this is not a ledger of ours" if found else "the ledger is empty or cut off",
            where=str(path),
            fix=MEND,
        )
    version = _version(db)
    if version > VERSION:
        raise OutputError(
            f"a newer harvester wrote this ledger (version {version}, this one knows {VERSION})",
            where=str(path),
            fix="install the newer harvester",
        )


def _version(db: sqlite3.Connection) -> int:
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def _brought_up_to_date(older: sqlite3.Connection) -> sqlite3.Connection:
    """A copy, as the newest version would have it; the file itself is left to who writes.

    It lies in a file without a name, which is gone with the connection: a ledger may be larger
    than memory.
    """
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    older.backup(copy)
    older.close()
    _upgrade(copy)
    copy.execute("BEGIN")
    return copy


def _keep_durable(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    # Some builds of SQLite overwrite what is deleted with zeros: every body that leaves the spool
    # would be written a second time, though it stands in responses/ by then.
    db.execute("PRAGMA secure_delete = OFF")
    # The spool fills and empties pages again and again. The later the log is folded into the
    # file, the fewer of them are written there at all.
    db.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_IN_LOG}")
    db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def _upgrade(db: sqlite3.Connection) -> None:
    version = _version(db)
    for number, step in enumerate(STEPS[version:], start=version + 1):
        # Each step commits together with its number.
        db.executescript(f"BEGIN;{step};PRAGMA user_version = {number};COMMIT;")


def damage_of(path: Path) -> str | None:
    """Why a ledger cannot be used and would have to be made anew; None: it is whole.

    Raises:
        OutputError: it may be whole, but it cannot be read now.
    """
    if not path.is_file():
        return "it is gone"
    if not path.stat().st_size:
        return "it is empty"
    _refuse_links(path)
    leaves_log = _log_of(path).exists()
    with damage_named(path):
        try:
            db = _opened_to_read(path)
            try:
                found = db.execute("PRAGMA application_id").fetchone()[0]
                (judged,) = db.execute("PRAGMA quick_check(1)").fetchone()
            finally:
                db.close()
                if not leaves_log:
                    _tidy(path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
                return str(error)
            raise
    if found != APPLICATION_ID:
        return "it is not a ledger of ours"
    return None if judged == "ok" else " ".join(str(judged).split())


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Read a ledger, also beside a run that writes it.

    Raises:
        OutputError: there is none, or it is damaged.
    """
    with damage_named(path):
        db = _opened_to_read(path)
        try:
            db.execute("BEGIN")
            yield db
        finally:
            db.close()


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into sentences.

    Raises:
        OutputError: with what the user can do.
    """
    try:
        yield
    except HarvestError:
        raise
    except sqlite3.Error as error:
        # A malformed file says "disk image", too, and needs no room.
        full = str(error.sqlite_errorname).startswith(("SQLITE_FULL", "SQLITE_IOERR"))
        fix = (
            "make room on the disk and run again: nothing that was answered is lost"
            if full
            else f"see whether the disk is sound; {MEND}"
        )
        raise OutputError(
            f"the ledger cannot be used: {error}", where=str(path), fix=fix
        ) from error
    except OSError as error:
        raise OutputError(
            f"the ledger cannot be opened: {error.strerror}",
            where=str(path),
            fix="see whether the folder is yours to write",
        ) from error
