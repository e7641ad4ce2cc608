"""Temporary tables beside the ledger's own; nobody else sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from sqlite3 import Connection

from harvester.ledger.database import Database


def made_anew(db: Connection, tables: str) -> None:
    """Make temporary tables, empty, whether they are there or not."""
    for name in re.findall(r"CREATE TEMP TABLE (\w+)", tables):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    for statement in tables.split(";"):
        db.execute(statement)


def filled(database: Database, sql: str, rows: Iterable[Sequence[object]]) -> None:
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
