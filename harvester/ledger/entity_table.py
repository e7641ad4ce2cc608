"""What is known of each entity: from listings, from single items, or only its id."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from harvester.ledger.database import Database
from harvester.model.dates import day_of, epoch_day, from_micros, to_micros
from harvester.model.entity import Entity, EntityRow
from harvester.model.terms import Kind

_FACTS = (
    "title", "doi", "defined_type_name", "group_id", "parent_id", "published_date",
    "first_online", "url",
)  # fmt: skip
_LEARN = (
    f"INSERT INTO entity (kind, id, source, {', '.join(_FACTS)}, harvested_at)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (kind, id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*_FACTS, "harvested_at"))
)

# The fact about a ledger that says since when its dates are read as they are today.
_DATES_FROM = "dates_from"


class EntityTable:
    """The entities of a job, over all its runs: who vanished from a listing stays."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def ids(self, kind: Kind) -> list[int]:
        """Every id of a kind that the job ever had, ascending."""
        rows: list[Any] = self._db.query(
            "SELECT id FROM entity WHERE kind = ? ORDER BY id", (kind.value,)
        )
        return [number for (number,) in rows]

    def present(self, kind: Kind) -> list[int]:
        """Those that did not vanish from the last listing of their kind."""
        rows: list[Any] = self._db.query(
            "SELECT id FROM entity WHERE kind = ? AND is_listed IS NOT 0 ORDER BY id",
            (kind.value,),
        )
        return [number for (number,) in rows]

    def read_dates_from(self, now: datetime) -> None:
        """From now on, dates are read by the rule of today: they may be evidence (`dated`).

        Once for a ledger. Older versions took `timeline.firstOnline` alone; what they read stands
        where it is, and is no evidence. Pages that have not changed would never tell it anew, so
        the next listing reads each of them whole: as many requests, longer answers.
        """
        key = (_DATES_FROM,)
        if self._db.query("SELECT 1 FROM meta WHERE key = ?", key):
            return
        with self._db.transaction() as db:
            db.execute("DELETE FROM page")
            db.execute("INSERT INTO meta VALUES (?, ?)", (*key, str(to_micros(now))))

    def dated(self, kind: Kind) -> Iterator[tuple[int, int]]:
        """Ids with `first_online`, in days since 1970-01-01, as far as it was read by the rule.

        Ascending; whose date is not known is left out.
        """
        with self._db.reader() as db:
            rows: Iterable[tuple[int, int]] = db.execute(
                "SELECT id, first_online FROM entity WHERE kind = ? AND first_online IS NOT NULL"
                " AND harvested_at >= (SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?)"
                " ORDER BY id",
                (kind.value, _DATES_FROM),
            )
            yield from rows

    def without_metadata(self, kind: Kind, ids: Sequence[int]) -> list[int]:
        """Those of `ids` of whom nothing but the id is known, in their order."""
        rows: list[Any] = self._db.query(
            "SELECT id FROM entity WHERE kind = ? AND harvested_at IS NOT NULL", (kind.value,)
        )
        known = {number for (number,) in rows}
        return [number for number in ids if number not in known]

    def enter(self, kind: Kind, ids: Iterable[tuple[int, str]]) -> None:
        """Give every id its row and say where it comes from; what is known of it stays.

        Args:
            ids: each with its source.
        """
        with self._db.transaction() as db:
            db.executemany(
                "INSERT INTO entity (kind, id, source) VALUES (?,?,?)"
                " ON CONFLICT (kind, id) DO UPDATE SET source = excluded.source",
                ((kind.value, number, source) for number, source in ids),
            )

    def lines(self, kind: Kind) -> Iterator[EntityRow]:
        """The rows of the entities/ dataset of a kind, by id.

        The parent of what lies in a group is the group above that one, where groups are known.
        """
        with self._db.reader() as db:
            rows: Iterable[tuple[Any, ...]] = db.execute(
                "SELECT e.kind, e.id, e.title, e.doi, e.defined_type_name, e.group_id,"
                " coalesce(e.parent_id, g.parent_id), e.published_date, e.first_online, e.url,"
                " e.source, e.last_listed, e.is_listed, e.harvested_at FROM entity e"
                " LEFT JOIN entity g ON g.kind = 'group' AND g.id = e.group_id"
                " WHERE e.kind = ? ORDER BY e.id",
                (kind.value,),
            )
            for row in rows:
                yield _line(row)


def learn(db: sqlite3.Connection, entities: Iterable[Entity], at: datetime) -> None:
    """Keep what an answer told of entities, inside its transaction."""
    moment = to_micros(at)
    db.executemany(_LEARN, ((*_written(each), moment) for each in entities))


def _written(entity: Entity) -> tuple[object, ...]:
    return (
        entity.kind.value,
        entity.id,
        "discover",
        entity.title,
        entity.doi,
        entity.defined_type_name,
        entity.group_id,
        entity.parent_id,
        entity.published_date and epoch_day(entity.published_date),
        entity.first_online and epoch_day(entity.first_online),
        entity.url,
    )


def _day(epoch: int | None) -> date | None:
    return None if epoch is None else day_of(epoch)


def _line(row: tuple[Any, ...]) -> EntityRow:
    kind, number, title, doi, type_name, group, parent, published, online, url, *rest = row
    source, last_listed, is_listed, harvested = rest
    return EntityRow(
        Entity(
            Kind(kind),
            number,
            title,
            doi,
            type_name,
            group,
            parent,
            _day(published),
            _day(online),
            url,
        ),
        source,
        _day(last_listed),
        None if is_listed is None else bool(is_listed),
        None if harvested is None else from_micros(harvested),
    )
