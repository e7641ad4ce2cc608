"""A file in, the ids of its column out, or every cell that is none."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from harvester.id_files.cell import Complaint
from harvester.id_files.id_column import IdColumn, choose_column
from harvester.id_files.looks import OLE, complaint_of
from harvester.id_files.resolved_dois import Resolved
from harvester.id_files.row_collector import IdFileContents, RowCollector, on_sheet
from harvester.id_files.row_filter import (
    Condition,
    conditions,
)
from harvester.id_files.table import FileRefused, Table
from harvester.model.terms import Kind

MAX_BYTES = 512 * 1024 * 1024
_HEAD_BYTES = 4096
_OLD_OFFICE_BYTES = 64 * 1024 * 1024


def read_ids(
    path: Path,
    kind: Kind,
    column: str | None,
    where: Mapping[str, Sequence[str]] | None = None,
    resolved: Resolved | None = None,
) -> IdFileContents:
    """Read the ids of one kind from a file; memory grows with the ids, not with the file.

    Args:
        column: the name of their column; None: a single obvious one.
        where: only rows whose columns hold one of these values.
        resolved: what an earlier look-up of DOIs told.

    Raises:
        FileRefused: the file or the column gives no ids at all.
    """
    with _system_errors_named(), _table(path, column) as table:
        if not table.first:
            raise FileRefused("holds nothing but blank rows")
        chosen = choose_column(table.first, column, kind, has_names=table.has_names)
        if isinstance(chosen, Complaint):
            raise FileRefused(on_sheet(chosen.sentence, table), "column")
        reading = RowCollector(
            kind, chosen, table, _conditions(chosen, table, where), resolved or {}
        )
        return reading.collected()


def _conditions(
    chosen: IdColumn, table: Table, where: Mapping[str, Sequence[str]] | None
) -> Sequence[Condition]:
    if not where:
        return ()
    if chosen.name is None:
        raise FileRefused("goes by names of columns, and the first row holds none", "where")
    found = conditions(table.first, where)
    if isinstance(found, tuple):
        name, sentence = found
        raise FileRefused(on_sheet(sentence, table), "where", below=name)
    return found


def _table(path: Path, column: str | None) -> AbstractContextManager[Table]:
    suffix = path.suffix.lower().removeprefix(".")
    _judge(path, suffix)
    # Each reader is a library of its own, and a job needs one of them at most.
    if suffix == "parquet":
        from harvester.id_files.parquet import parquet_table  # noqa: PLC0415

        return parquet_table(path)
    if suffix == "xlsx":
        from harvester.id_files.xlsx import xlsx_table  # noqa: PLC0415

        return xlsx_table(path)
    from harvester.id_files.text_file import text_table  # noqa: PLC0415

    return text_table(path, column)


def _judge(path: Path, suffix: str) -> None:
    """Refuse what is no file, empty, too large, or something else than its extension says."""
    mode = path.stat()
    if stat.S_ISDIR(mode.st_mode):
        raise FileRefused("is a folder: name the file in it")
    if not stat.S_ISREG(mode.st_mode):
        raise FileRefused("is no regular file")
    if not mode.st_size:
        raise FileRefused("is empty")
    if mode.st_size > MAX_BYTES:
        raise FileRefused(f"is larger than {MAX_BYTES // 1024**2} MB, the most that is read")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if head.startswith(OLE):
            head += file.read(_OLD_OFFICE_BYTES)
    if complaint := complaint_of(head, suffix):
        raise FileRefused(complaint)


@contextmanager
def _system_errors_named() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise FileRefused("does not exist") from None
    except PermissionError:
        raise FileRefused("may not be read by you: you have no permission") from None
    except UnicodeDecodeError:
        raise FileRefused("changed while it was read: try again") from None
    except OSError as error:
        raise FileRefused(f"cannot be read: {error.strerror or 'the system refuses'}") from None
