"""What is known of one entity beside its numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from harvester.model.terms import Kind


class Entity(NamedTuple):
    """An entry of a listing, or an item's own page.

    Attributes:
        title: an author's name, a group's name.
        defined_type_name: the item type of an article, such as `dataset`.
        parent_id: the group above a group; None at the root.
        published_date: of the latest version.
        first_online: statistics cannot be older; None: it is not known.
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


class EntityLine(NamedTuple):
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
