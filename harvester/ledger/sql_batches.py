"""Many rows at once: statements in batches, and temporary tables that nobody else sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, islice
from sqlite3 import Connection

from harvester.ledger.database import Database

# Powers of two, so that few different statements are prepared.
_MOST_AT_ONCE = 64


def insert_all(db: Connection, into: str, rows: Iterable[Sequence[object]]) -> None:
    """Insert equally long rows, in their order.

    Args:
        into: `INSERT INTO table`, with names of columns or without.
    """
    for values, flat in _statements(rows):
        db.execute(f"{into} {values}", flat)


def update_all(db: Connection, update: str, rows: Iterable[Sequence[object]]) -> None:
    """Update with what equally long rows say.

    Args:
        update: a statement in which `{rows}` stands for a table of them, whose columns are called
            column1, column2, ...
    """
    for values, flat in _statements(rows):
        db.execute(update.format(rows=f"({values})"), flat)


def _statements(
    rows: Iterable[Sequence[object]],
) -> Iterator[tuple[str, tuple[object, ...]]]:
    left = iter(rows)
    while some := list(islice(left, _MOST_AT_ONCE)):
        begin = 0
        while begin < len(some):
            size = 1 << (len(some) - begin).bit_length() - 1
            piece = some[begin : begin + size]
            yield _values(len(piece[0]), size), tuple(chain.from_iterable(piece))
            begin += size


@cache
def _values(width: int, rows: int) -> str:
    row = f"({','.join('?' * width)})"
    return f"VALUES {','.join([row] * rows)}"


def recreate(db: Connection, tables: str) -> None:
    """Make temporary tables, empty, whether they are there or not."""
    for name in re.findall(r"CREATE TEMP TABLE (\w+)", tables):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    for statement in tables.split(";"):
        db.execute(statement)


def fill(database: Database, sql: str, rows: Iterable[Sequence[object]]) -> None:
    """Fill a temporary table, all rows in one transaction: one each would cost more."""
    with database.aside() as db:
        begins = not db.in_transaction
        if begins:
            db.execute("BEGIN")
        try:
            db.executemany(sql, rows)
        finally:
            if begins:
                db.execute("COMMIT")
