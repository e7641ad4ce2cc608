"""`discover`: which of the institution's items are listed, and whether that can be listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from harvester.model.entity import ITEM_TYPES, item_type_name
from harvester.model.listing import HAVE_METADATA
from harvester.model.suggestions import quoted, suggestion
from harvester.model.terms import Kind
from harvester.spec.fields import SHAPE, Day, Id, refusal

# What narrows the listing of each kind; groups and accounts are listed whole.
# Source: Figshare's API documentation of the listings, read 2026-07.
FILTERS: dict[Kind, tuple[str, ...]] = {
    Kind.ARTICLE: ("item_type", "group", "published_since"),
    Kind.COLLECTION: ("group", "published_since"),
    Kind.PROJECT: ("group", "published_since"),
    Kind.GROUP: (),
    Kind.AUTHOR: (),
}
# Kinds whose single items have a public page.


def _item_type(value: object) -> int:
    """Figshare's number of an item type, given as itself or as a name."""
    if type(value) is int:
        if value in ITEM_TYPES.values():
            return value
        raise refusal(f"{value} is no item type: {_spelled_out()}")
    if isinstance(value, str):
        name = item_type_name(value)
        if name in ITEM_TYPES:
            return ITEM_TYPES[name]
        near = suggestion(name, ITEM_TYPES) or f": {_spelled_out()}"
        raise refusal(f"{quoted(value)} is no item type{near}")
    raise refusal("an item type is a name, such as dataset, or Figshare's number of it")


def _spelled_out() -> str:
    return f"write {', '.join(ITEM_TYPES)}, or Figshare's number of one"


def _all(value: object) -> object:
    """`true` is a listing without filters."""
    if value is True:
        return {}
    if value is False:
        raise refusal("'discover' is true or has filters below it: to list nothing leave it out")
    if not isinstance(value, dict | BaseModel):
        raise refusal("'discover' is true, or has filters below it (item_type: dataset, ...)")
    return value


_NO_INSTITUTION = (
    "'discover' needs 'institution_id' in 'source': Figshare's number of the institution, such as 2"
)
_NO_METADATA = (
    "'metadata' has no place in '{kind}': Figshare shows names of {kind}s in their listing only, "
    "write 'discover: true'"
)

ItemType = Annotated[
    int,
    BeforeValidator(_item_type, json_schema_input_type=Literal[tuple(ITEM_TYPES)] | int),
]


class Discover(BaseModel):
    """Which of the institution's items are listed."""

    model_config = SHAPE

    item_type: ItemType | None = Field(
        None,
        description="Only articles of this item type, by name or by Figshare's number.",
        examples=["dataset"],
    )
    group: Id | None = Field(
        None, description="Only what lies in this group, not in groups below it.", examples=[17]
    )
    published_since: Day | None = Field(
        None, description="Only items published on this day or later.", examples=["2015-01-01"]
    )


Discovered = Annotated[
    Discover, BeforeValidator(_all, json_schema_input_type=Literal[True] | Discover)
]


@dataclass(frozen=True, slots=True)
class EntityDraft:
    """The entry of one kind in `entities`, as far as it can be understood.

    Attributes:
        keys: what the user wrote.
        filters: below `discover`.
        metadata: whether it is asked for.
    """

    kind: Kind
    keys: frozenset[str]
    filters: frozenset[str]
    metadata: bool

    def complaints(self, *, knows_institution: bool) -> Iterator[tuple[tuple[str, ...], str]]:
        """What cannot be listed: the path below the kind, and a sentence for it."""
        kind = self.kind
        if "discover" in self.keys and not knows_institution:
            yield ("discover",), _NO_INSTITUTION
        for name in sorted(self.filters - set(FILTERS[kind])):
            takes = ", ".join(FILTERS[kind])
            how = f"it takes {takes}" if takes else "write 'discover: true', which lists them all"
            what = f"'{name}' has no place in the listing of {kind.value}s: {how}"
            yield ("discover", name), what
        if self.metadata and kind not in HAVE_METADATA:
            yield ("metadata",), _NO_METADATA.format(kind=kind.value)


def entity_drafts(entities: object) -> Iterator[EntityDraft]:
    """What can be understood of `entities`, kind by kind."""
    if not isinstance(entities, dict):
        return
    for kind in Kind:
        held = entities.get(kind.value)
        if not isinstance(held, dict):
            continue
        discover = held.get("discover")
        filters = frozenset(discover) if isinstance(discover, dict) else frozenset[str]()
        known = filters & set(Discover.model_fields)
        yield EntityDraft(kind, frozenset(held), known, held.get("metadata") is True)
