"""Listings that lack much of what they had the last time: which ids, and whether these answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from harvester.ledger.database import Database


class StillThere(StrEnum):
    """Whether what a listing no longer has answers still."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # nobody can tell: it has no public page, or asking for it fails


class ListingLoss(NamedTuple):
    """What a listing lacks of the one before, where that is too much to be taken in silence.

    Attributes:
        had: how many ids the one before had.
        missing: how many of them it lacks.
        answers: whether they are there still; None: it was not tried yet.
    """

    had: int
    missing: int
    answers: StillThere | None


class Lacking(NamedTuple):
    """The ids that a complete listing lacks of the `had` of the one before: too many."""

    had: int
    ids: Sequence[int]


class ListingLosses:
    """What listings lack, by their number in the ledger."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def lacking(self, listing: int, last_page: Collection[int]) -> Lacking | None:
        """What a listing lacks of the one before it; None: there is none before.

        Args:
            last_page: what else it has, that is not kept yet.
        """
        before: list[Any] = self._db.query(
            "SELECT old.id, (SELECT count(*) FROM listed WHERE listing = old.id)"
            " FROM listing old JOIN listing new USING (key) WHERE new.id = ?"
            " AND old.place IS NULL AND old.snapshot < new.snapshot"
            " ORDER BY old.snapshot DESC LIMIT 1",
            (listing,),
        )
        if not before:
            return None
        number, had = before[0]
        rows: list[Any] = self._db.query(
            "SELECT id FROM listed WHERE listing = ?"
            " EXCEPT SELECT id FROM listed WHERE listing = ? ORDER BY id",
            (number, listing),
        )
        there = set(last_page)
        return Lacking(had, [each for (each,) in rows if each not in there])

    def missing_ids(self, listing: int) -> list[int]:
        """What it lacks of the one before, ascending, where that was too much."""
        rows: list[Any] = self._db.query(
            "SELECT id FROM missing WHERE listing = ? ORDER BY id", (listing,)
        )
        return [number for (number,) in rows]

    def tried(self, listing: int, answers: StillThere) -> None:
        """Keep whether what it lacks answers still."""
        with self._db.transaction() as db:
            db.execute("UPDATE listing SET answers = ? WHERE id = ?", (answers.value, listing))


def enter_loss(db: sqlite3.Connection, listing: int, lacking: Lacking) -> None:
    """Keep what a listing lacks, inside the transaction that ends it."""
    db.execute("UPDATE listing SET had = ? WHERE id = ?", (lacking.had, listing))
    db.executemany("INSERT INTO missing VALUES (?,?)", ((listing, each) for each in lacking.ids))
