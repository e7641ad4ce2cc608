"""Entities: their ids, their types, and what is known of them beside their numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from harvester.model.terms import Kind

ITEM_TYPES: dict[str, int] = {
    "figure": 1,
    "media": 2,
    "dataset": 3,
    "poster": 5,
    "journal contribution": 6,
    "presentation": 7,
    "thesis": 8,
    "software": 9,
    "online resource": 11,
    "preprint": 12,
    "book": 13,
    "conference contribution": 14,
    "chapter": 15,
    "peer review": 16,
    "educational resource": 17,
    "report": 18,
    "standard": 19,
    "composition": 20,
    "funding": 21,
    "physical object": 22,
    "data management plan": 23,
    "workflow": 24,
    "monograph": 25,
    "performance": 26,
    "event": 27,
    "service": 28,
    "model": 29,
}


def item_type_name(text: str) -> str:
    """A name as the table spells it: `Journal_Contribution` is `journal contribution`."""
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())


class Entity(NamedTuple):
    """An entry of a listing, or an item's own page.

    Attributes:
        title: an author's name, a group's name.
        defined_type_name: the item type of an article, such as `dataset`.
        parent_id: the group above a group; None at the root.
        published_date: of the latest version.
        first_online: the least of its dates; statistics may be older, where people edited them all.
            None: it is not known.
        url: for people.
    """

    kind: Kind
    id: int
    title: str | None = None
    doi: str | None = None
    defined_type_name: str | None = None
    group_id: int | None = None
    parent_id: int | None = None
    published_date: date | None = None
    first_online: date | None = None
    url: str | None = None


class EntityRow(NamedTuple):
    """A row of the entities/ dataset.

    Attributes:
        source: the first of ids, file and discover that has it.
        last_listed: the date of the last listing that had it.
        is_listed: whether the latest listing has it; None: none was read.
        harvested_at: when its metadata came; None: never.
    """

    entity: Entity
    source: str
    last_listed: date | None
    is_listed: bool | None
    harvested_at: datetime | None


ID_DIGITS = 18  # fits a signed 64-bit integer, as the datasets store ids


ID_FILES = ("csv", "tsv", "txt", "parquet", "xlsx")


def ascending(ids: Iterable[int]) -> Sequence[int]:
    """Ids in order, each once; eight bytes each: as objects half a million take 20 MB."""
    return array("q", sorted(set(ids)))


@dataclass(frozen=True, slots=True)
class RowNotes:
    """What a user ought to know of the rows of a file of ids.

    Attributes:
        read: rows whose ids were taken, or were none.
        left_out: those that `where` leaves out.
        not_public: statuses other than public among those read, with their rows.
        status: the name of the column that says so.
        hidden: rows that were read, though the workbook does not show them.
        looked_up: those whose DOI holds no id, and a look-up knew it.
        unknown: those whose DOI a look-up found nowhere: they are left out, too.
    """

    read: int = 0
    left_out: int = 0
    not_public: tuple[tuple[str, int], ...] = ()
    status: str = ""
    hidden: int = 0
    looked_up: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class FileIds:
    """What one file of ids held when it was read.

    Attributes:
        ids: ascending, each once.
        column: the name of their column as the file writes it; None: the file has no header.
        sheet: the workbook's sheet; None: the file has none.
        cells: how many cells held an id; versions of one item and repeats counted.
        notes: of the rows behind them.
    """

    ids: Sequence[int]
    column: str | None
    sheet: str | None
    cells: int
    notes: RowNotes = RowNotes()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", array("q", self.ids))
