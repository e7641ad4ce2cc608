"""Listings under way and complete: each page is durable before the next is asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

from harvester.ledger.database import Database
from harvester.ledger.entity_table import learn
from harvester.ledger.listing_losses import Lacking, ListingLoss, StillThere, enter_loss
from harvester.model.dates import day_of, epoch_day, to_micros
from harvester.model.entity import Entity
from harvester.model.listing import Listing, Place
from harvester.model.terms import Kind


@dataclass(frozen=True, slots=True)
class ListingScan:
    """One reading of a listing from its first page to its last, and how far it has come.

    Attributes:
        number: of the reading in the ledger.
        place: where the next page is; None: it is complete.
        pages: how many were read.
        listed: how many ids it has so far.
        holes: days of which not everything could be read.
        compared: whether it was compared with the service's own counts.
        complaint: why it could not be compared; empty: it could, or was not tried yet.
        left_out: how many entries had no usable id.
        loss: what it lacks of the one before; None: little or nothing.
    """

    number: int
    snapshot: date
    place: Place | None
    pages: int
    listed: int
    holes: tuple[date, ...]
    compared: bool
    complaint: str
    left_out: int = 0
    loss: ListingLoss | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it was read to its end."""
        return self.place is None


class KnownPage(NamedTuple):
    """What stood on a page the last time it was read, for a cheap repetition (ETag).

    Attributes:
        ids: of every entry, as on `PageKept`.
        kept: of those that were public.
        oldest: day of publication among these; None: none is known.
        newest: likewise.
    """

    etag: str
    ids: Sequence[int | str]
    kept: Sequence[int]
    oldest: date | None
    newest: date | None


@dataclass(frozen=True, slots=True)
class PageKept:
    """What a page brings to the ledger.

    Attributes:
        ids: of every entry on it; of one without a usable id what tells it from others, as text.
        kept: of those that are public.
        entities: what it tells of them; empty: what is known of them is still true.
        etag: None: the service named none.
    """

    place: Place
    ids: Sequence[int | str]
    kept: Sequence[int]
    entities: Sequence[Entity]
    etag: str | None
    at: datetime


_COLUMNS = (
    "id, snapshot, place, pages, (SELECT count(*) FROM listed WHERE listing = listing.id),"
    " holes, compared, (SELECT count(*) FROM left_out WHERE listing = listing.id),"
    " had, (SELECT count(*) FROM missing WHERE listing = listing.id), answers"
)


class Listings:
    """The listings of a job."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, listing: Listing, snapshot: date) -> ListingScan:
        """The reading of this date, entered if it is not there."""
        with self._db.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO listing (key, kind, snapshot, place, pages, holes)"
                " VALUES (?,?,?,?,0,'[]')",
                (listing.key, listing.kind.value, epoch_day(snapshot), _place_json(Place())),
            )
        found = self.of(listing, snapshot)
        if found is None:
            raise RuntimeError(f"listing {listing.key} was not entered")
        return found

    def of(self, listing: Listing, snapshot: date) -> ListingScan | None:
        """The reading of this date."""
        return self._one("key = ? AND snapshot = ?", (listing.key, epoch_day(snapshot)))

    def of_date(self, snapshot: date) -> list[tuple[Kind, ListingScan]]:
        """Every reading of a date, by the kind that it lists."""
        rows: list[Any] = self._db.query(
            f"SELECT kind, {_COLUMNS} FROM listing WHERE snapshot = ? ORDER BY id",
            (epoch_day(snapshot),),
        )
        return [(Kind(kind), _reading(row)) for kind, *row in rows]

    def latest(self, listing: Listing) -> ListingScan | None:
        """The youngest complete reading."""
        return self._one("key = ? AND place IS NULL ORDER BY snapshot DESC LIMIT 1", (listing.key,))

    def ids(self, scan: ListingScan) -> list[int]:
        """The ids of a reading, ascending."""
        rows: list[Any] = self._db.query(
            "SELECT id FROM listed WHERE listing = ? ORDER BY id", (scan.number,)
        )
        return [number for (number,) in rows]

    def met(self, scan: ListingScan, walk: int) -> set[int]:
        """The ids that one walk has met so far."""
        rows: list[Any] = self._db.query(
            "SELECT id FROM listed WHERE listing = ? AND walk = ?", (scan.number, walk)
        )
        return {number for (number,) in rows}

    def known_page(self, listing: Listing, place: Place) -> KnownPage | None:
        """What stood at this place the last time."""
        rows: list[Any] = self._db.query(
            "SELECT etag, ids, kept FROM page WHERE key = ? AND after = ? AND page = ?",
            _page_key(listing, place),
        )
        for etag, ids, kept in rows:
            days: list[Any] = self._db.query(
                "SELECT min(published_date), max(published_date) FROM entity"
                " WHERE kind = ? AND id IN (SELECT value FROM json_each(?))",
                (listing.kind.value, kept),
            )
            oldest, newest = (None if day is None else day_of(day) for day in days[0])
            return KnownPage(etag, orjson.loads(ids), orjson.loads(kept), oldest, newest)
        return None

    def keep(
        self, listing: Listing, scan: ListingScan, page: PageKept, following: Place | Lacking | None
    ) -> int:
        """Make a page durable, and where to go on.

        Args:
            following: None or what it lacks: the listing is complete.

        Returns:
            How many ids the reading has now.
        """
        walk = page.place.walk
        with self._db.transaction() as db:
            learn(db, page.entities, page.at)
            db.executemany(
                "INSERT INTO listed VALUES (?,?,?)"
                " ON CONFLICT (listing, id) DO UPDATE SET walk = excluded.walk",
                ((scan.number, number, walk) for number in page.kept),
            )
            key = _page_key(listing, page.place)
            if page.etag is None:
                db.execute("DELETE FROM page WHERE key = ? AND after = ? AND page = ?", key)
            else:
                told = (orjson.dumps(page.ids).decode(), orjson.dumps(page.kept).decode())
                db.execute("REPLACE INTO page VALUES (?,?,?,?,?,?)", (*key, page.etag, *told))
            db.execute("UPDATE listing SET pages = pages + 1 WHERE id = ?", (scan.number,))
            unusable = ((scan.number, each) for each in page.ids if isinstance(each, str))
            db.executemany("INSERT OR IGNORE INTO left_out VALUES (?,?)", unusable)
            # With the page, or it would be read again and, having nothing new, be the end.
            if isinstance(following, Place):
                _move(db, scan, following)
            else:
                _end(db, scan, page, following)
                _mark(db, listing, scan, page.place.holes)
            found = db.execute("SELECT count(*) FROM listed WHERE listing = ?", (scan.number,))
            return int(found.fetchone()[0])

    def move(self, scan: ListingScan, place: Place) -> None:
        """Keep where to go on without a page."""
        with self._db.transaction() as db:
            _move(db, scan, place)

    def mark(self, listing: Listing, scan: ListingScan) -> None:
        """Say of every entity of the kind whether a complete reading has it."""
        with self._db.transaction() as db:
            _mark(db, listing, scan, scan.holes)

    def _one(self, where: str, values: tuple[object, ...]) -> ListingScan | None:
        rows: list[Any] = self._db.query(f"SELECT {_COLUMNS} FROM listing WHERE {where}", values)
        return _reading(rows[0]) if rows else None


def _reading(row: Sequence[Any]) -> ListingScan:
    number, snapshot, place, pages, listed, holes, compared, left_out, had, missing, told = row
    answers = StillThere(told) if told else None
    return ListingScan(
        number,
        day_of(snapshot),
        None if place is None else _place_from(place),
        pages,
        listed,
        tuple(date.fromisoformat(each) for each in orjson.loads(holes)),
        compared is not None,
        compared or "",
        left_out,
        None if had is None else ListingLoss(had, missing, answers),
    )


def _move(db: sqlite3.Connection, scan: ListingScan, place: Place) -> None:
    db.execute("UPDATE listing SET place = ? WHERE id = ?", (_place_json(place), scan.number))


def _end(
    db: sqlite3.Connection, scan: ListingScan, page: PageKept, lacking: Lacking | None
) -> None:
    """The reading is complete; the ids of older readings of the same listing are let go of."""
    if lacking:
        enter_loss(db, scan.number, lacking)
    holes = orjson.dumps(page.place.holes).decode()
    db.execute(
        "UPDATE listing SET place = NULL, holes = ?, ended_at = ? WHERE id = ?",
        (holes, to_micros(page.at), scan.number),
    )
    db.execute(
        "DELETE FROM listed WHERE listing IN (SELECT old.id FROM listing old JOIN listing new"
        " USING (key) WHERE new.id = ? AND old.snapshot < new.snapshot)",
        (scan.number,),
    )


def _mark(
    db: sqlite3.Connection, listing: Listing, scan: ListingScan, holes: tuple[date, ...]
) -> None:
    kind, number = listing.kind.value, scan.number
    listed = "(SELECT id FROM listed WHERE listing = ?)"
    db.execute(
        f"UPDATE entity SET is_listed = 1, last_listed = ? WHERE kind = ? AND id IN {listed}",
        (epoch_day(scan.snapshot), kind, number),
    )
    # Whoever may stand in a hole is not said to have vanished.
    if not holes:
        db.execute(
            f"UPDATE entity SET is_listed = 0 WHERE kind = ? AND id NOT IN {listed}",
            (kind, number),
        )


def _page_key(listing: Listing, place: Place) -> tuple[object, ...]:
    after = place.sent_after(listing)
    return (listing.key, epoch_day(after) if after else 0, place.page)


def _place_json(place: Place) -> str:
    return orjson.dumps(place).decode()


def _place_from(text: str) -> Place:
    found: dict[str, Any] = orjson.loads(text)
    for name in ("after", "newest"):
        found[name] = date.fromisoformat(found[name]) if found[name] else None
    found["holes"] = tuple(date.fromisoformat(each) for each in found["holes"])
    return Place(**found)
