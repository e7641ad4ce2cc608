"""What can be understood of a spec, even one with mistakes in it.

So that meaning is judged together with shape: a wrong counter in one dimension must
not hide an impossible period in the next. A wrong key is left out, and counts as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from harvester.model.terms import Kind, SubItem
from harvester.spec.dimension import Dimension, Period
from harvester.spec.discover import EntityDraft, entity_drafts
from harvester.spec.issue import meant
from harvester.spec.jobspec import Limits
from harvester.spec.source import Source

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class DimensionDraft:
    """One entry of `dimensions` with a known endpoint.

    Attributes:
        index: its place in the list.
        keys: what the user wrote, right or wrong, and what a misspelt key probably means.
        is_whole: every key has its shape.
    """

    index: int
    dimension: Dimension
    keys: frozenset[str]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of a spec whose meaning can be judged.

    Attributes:
        source: None when its shape is wrong; likewise limits.
        source_keys: what the user wrote under `source`, right, wrong or misspelt.
        kinds: those that stand in `entities`; None when that cannot be told.
        without_ids: kinds in `entities` that name no ids at all.
        entities: what stands under each kind.
    """

    source: Source | None
    limits: Limits | None
    source_keys: frozenset[str]
    kinds: frozenset[Kind] | None
    without_ids: tuple[Kind, ...]
    entities: tuple[EntityDraft, ...]
    dimensions: tuple[DimensionDraft, ...]


def draft_of(values: dict[str, object]) -> Draft:
    """Take from a spec's plain values whatever has its shape."""
    source, limits = values.get("source", {}), values.get("limits", {})
    entities, dimensions = values.get("entities", {}), values.get("dimensions", [])
    return Draft(
        source=_lenient(Source, source)[0],
        limits=_lenient(Limits, limits)[0],
        source_keys=frozenset(
            meant(source, Source.model_fields) if isinstance(source, dict) else ()
        ),
        kinds=_kinds(entities),
        without_ids=_without_ids(entities),
        entities=tuple(entity_drafts(entities)),
        dimensions=tuple(
            _dimension_drafts(dimensions[:1000] if isinstance(dimensions, list) else []),
        ),
    )


def _kinds(entities: object) -> frozenset[Kind] | None:
    # A misspelt kind may be any: nothing is said then about kinds that seem to be missing.
    if not isinstance(entities, dict) or not entities.keys() <= set(Kind):
        return None
    return frozenset(Kind(each) for each in entities)


def _without_ids(entities: object) -> tuple[Kind, ...]:
    if not isinstance(entities, dict):
        return ()
    return tuple(
        kind
        for kind in Kind
        if isinstance(held := entities.get(kind.value), dict)
        and not held.keys() & {"ids", "file", "discover"}
    )


def _dimension_drafts(dimensions: list[object]) -> list[DimensionDraft]:
    drafts = []
    for index, raw in enumerate(dimensions):
        dimension, is_whole = _lenient(Dimension, raw)
        if not is_whole and isinstance(raw, dict):
            dimension = _lenient(Dimension, {**raw, **_mended(raw)})[0] or dimension
        if dimension and isinstance(raw, dict):
            keys = meant(raw, Dimension.model_fields) & Dimension.model_fields.keys()
            drafts.append(DimensionDraft(index, dimension, frozenset(keys), is_whole))
    return drafts


def _mended(raw: dict[str, object]) -> dict[str, object]:
    """Period and filter with harmless values for their wrong parts: the other parts are judged."""
    mended: dict[str, object] = {}
    if isinstance(period := raw.get("period"), dict):
        mended["period"] = _mended_period(period)
    if isinstance(chosen := raw.get("filter"), dict):
        ids = chosen.get("sub_item_ids")
        harmless = "1" if chosen.get("sub_item") == SubItem.CATEGORY else "dataset"
        if isinstance(ids, list):
            fits = [each if type(each) in {int, str} else harmless for each in ids]
            mended["filter"] = {**chosen, "sub_item_ids": fits}
    return mended


def _mended_period(period: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {"start": "beginning", "end": "yesterday"}
    for key in ("start", "end"):
        try:
            Period.model_validate({**found, key: period.get(key)})
        except ValidationError:
            continue
        found[key] = period[key]
    return found


def _lenient(model: type[M], raw: object) -> tuple[M | None, bool]:
    """The model without the keys that are wrong, and whether there were none."""
    if not isinstance(raw, dict):
        return None, False
    try:
        return model.model_validate(raw), True
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors(include_url=False) if each["loc"]}
    try:
        return model.model_validate({k: v for k, v in raw.items() if k not in wrong}), False
    except ValidationError:
        return None, False
