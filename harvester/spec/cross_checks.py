"""What no single key can tell: combinations that make no sense, each with its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from harvester.model.suggestions import quoted
from harvester.model.terms import Endpoint, Kind, SubItem
from harvester.spec.dimension import Filter
from harvester.spec.draft import DimensionDraft, Draft
from harvester.spec.endpoint_keys import HINTS, RULES
from harvester.spec.issue import Path
from harvester.spec.overlaps import overlaps
from harvester.spec.periods import period_complaint

_CATEGORY = re.compile(r"[1-9][0-9]{0,17}")
# Figshare's own words, such as dataset, thesis, journal_contribution.
_ITEM_TYPE = re.compile(r"[a-z][a-z0-9_ -]{0,63}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake that still looks for its line and column.

    Attributes:
        at_key: it is the key that is wrong, not its value.
    """

    path: Path
    sentence: str
    at_key: bool = False


def problems(draft: Draft, today: date) -> list[Problem]:
    """Everything in a draft that cannot be run, however well it is shaped."""
    found = [*_source_problems(draft), *_entity_problems(draft)]
    sound: list[DimensionDraft] = []
    for each in draft.dimensions:
        mine = list(_dimension_problems(each, draft, today))
        found += mine
        if not mine and each.is_whole:
            sound.append(each)
    for later, sentence in overlaps(
        [(each.index, each.dimension) for each in sound], draft.kinds or frozenset(), today
    ):
        found.append(Problem(("dimensions", later, "period"), sentence))
    return found


def _source_problems(draft: Draft) -> Iterator[Problem]:
    source, keys = draft.source, draft.source_keys
    if "credentials" in keys and "institution" not in keys:
        yield Problem(
            ("source", "credentials"),
            "credentials go with 'institution': without it the public scope is asked, which "
            "needs none",
            at_key=True,
        )
    if "simulator" in keys:
        for key in sorted(keys & {"stats_url", "api_url"}):
            yield Problem(
                ("source", key),
                f"'{key}' has no place beside 'simulator', which serves itself",
                at_key=True,
            )
    is_unlimited = draft.limits and draft.limits.requests_per_second == "unlimited"
    if source and is_unlimited and not source.stays_home and "simulator" not in keys:
        yield Problem(
            ("limits", "requests_per_second"),
            "'unlimited' is for loopback and the simulator only: Figshare asks for 1 a second",
        )


def _entity_problems(draft: Draft) -> Iterator[Problem]:
    for kind in draft.without_ids:
        yield Problem(("entities", kind.value), f"no ids for {kind}: write 'ids: […]' below it")
    knows_institution = bool(draft.source_keys & {"institution_id", "simulator"})
    for each in draft.entities:
        for path, sentence in each.complaints(knows_institution=knows_institution):
            yield Problem(("entities", each.kind.value, *path), sentence, at_key=True)


def _dimension_problems(draft: DimensionDraft, job: Draft, today: date) -> Iterator[Problem]:
    yield from _key_problems(draft)
    yield from _repeats(draft)
    yield from _kind_problems(draft, job.kinds)
    path: Path = ("dimensions", draft.index)
    dimension = draft.dimension
    takes_period = "period" in (*RULES[dimension.endpoint].needs, *RULES[dimension.endpoint].takes)
    if dimension.period and takes_period:
        complaint = period_complaint(dimension.period, today)
        if complaint:
            key, sentence = complaint
            yield Problem((*path, "period", key), sentence)
    if dimension.filter:
        for index, sentence in _filter_complaints(dimension.filter):
            yield Problem((*path, "filter", "sub_item_ids", index), sentence)


def _key_problems(draft: DimensionDraft) -> Iterator[Problem]:
    endpoint, path = draft.dimension.endpoint, ("dimensions", draft.index)
    rule = RULES[endpoint]
    for key in sorted(draft.keys - {"endpoint", *rule.needs, *rule.takes}):
        hint = HINTS.get((endpoint, key), f"it takes {', '.join((*rule.needs, *rule.takes))}")
        yield Problem((*path, key), f"'{key}' has no place in '{endpoint}': {hint}", at_key=True)
    for key in rule.needs:
        if key not in draft.keys:
            yield Problem(path, f"'{endpoint}' needs '{key}'")
    if endpoint is not Endpoint.TOP:
        return
    if "sub_item" in draft.keys and "period" not in draft.keys:
        yield Problem(path, "'top' with 'sub_item' needs 'period'")
    if "period" in draft.keys and "sub_item" not in draft.keys:
        yield Problem(
            (*path, "period"),
            "'period' has no place in 'top' without 'sub_item', which ranks all time: for a "
            "period use 'timeline' with granularity 'total'",
            at_key=True,
        )


def _repeats(draft: DimensionDraft) -> Iterator[Problem]:
    dimension = draft.dimension
    lists: dict[str, Sequence[str] | None] = {
        "entities": dimension.entities,
        "counters": dimension.counters,
        "granularities": dimension.granularities,
    }
    for key, words in lists.items():
        for index, word in enumerate(words or ()):
            if word in (words or ())[:index]:
                yield Problem(
                    ("dimensions", draft.index, key, index),
                    f"'{word}' is written twice: once will do",
                )


def _kind_problems(draft: DimensionDraft, kinds: frozenset[Kind] | None) -> Iterator[Problem]:
    path: Path = ("dimensions", draft.index)
    dimension = draft.dimension
    is_count = dimension.endpoint is Endpoint.COUNT
    ranks_all = dimension.endpoint is Endpoint.TOP and "sub_item" not in draft.keys
    for index, kind in enumerate(dimension.entities or ()):
        here = (*path, "entities", index)
        if is_count and kind is not Kind.GROUP:
            yield Problem(here, f"'count' counts the articles of groups: '{kind}' has no place")
        elif kinds is not None and kind not in kinds and not ranks_all:
            yield Problem(here, f"'{kind}' has no ids in 'entities': list them there")
    if "entities" in draft.keys or kinds is None:
        return
    if is_count and Kind.GROUP not in kinds:
        yield Problem(
            (*path, "endpoint"), "'count' needs groups: list their ids in 'entities: group'"
        )
    elif not kinds and not is_count:
        how = "name kinds here, as 'entities: [article]'" if ranks_all else "list ids in 'entities'"
        yield Problem(
            (*path, "endpoint"), f"'{dimension.endpoint}' has no entities to ask for: {how}"
        )


def _filter_complaints(filtered: Filter) -> Iterator[tuple[int, str]]:
    is_category = filtered.sub_item is SubItem.CATEGORY
    pattern = _CATEGORY if is_category else _ITEM_TYPE
    wanted = "a category: write its number" if is_category else "an item type, such as dataset"
    for index, each in enumerate(filtered.sub_item_ids):
        if not pattern.fullmatch(each):
            yield index, f"{quoted(each)} is not {wanted}"
