"""Rankings of items, and of what an entity's events come from or belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from harvester.simulator.limits import ITEM_TYPES, KINDS
from harvester.simulator.seeded import Salt, mix, quick
from harvester.simulator.series import Series
from harvester.simulator.world import Item

Parts = list[tuple[Item, Series]]

_REFERRALS: Final = (
    "www.google.com", "www.google.com", "www.google.com", "www.figshare.com", "www.figshare.com",
    "scholar.google.com", "doi.org", "dx.doi.org", "www.bing.com", "duckduckgo.com", "t.co",
    "www.facebook.com", "en.wikipedia.org", "de.wikipedia.org", "www.nature.com", "github.com",
    "l.facebook.com", "mail.google.com", "datasetsearch.research.google.com", "www.baidu.com",
    "universität.example", "=cmd|' /C calc'!A0.example",
)  # fmt: skip


def ranked(found: Iterable[tuple[str, int]], *, lists_zeros: bool = False) -> list[tuple[str, int]]:
    """Highest value first, ties by key as text."""
    kept = [(key, value) for key, value in found if value or lists_zeros]
    return sorted(kept, key=lambda one: (-one[1], one[0]))


def type_name(item: Item) -> str:
    """What an item counts as under `sub_item=item_type`."""
    return ITEM_TYPES.get(item.item_type, item.kind)


def is_chosen(item: Item, chosen: tuple[str, str] | None) -> bool:
    """Whether an item passes a filter of (sub_item, sub_item_id)."""
    if chosen is None:
        return True
    sub_item, value = chosen
    if sub_item == "item_type":
        return type_name(item) == value
    return value in {str(one) for one in item.categories}


def categories_and_types(
    sub_item: str, parts: Parts, window: tuple[int, int]
) -> Iterable[tuple[str, int]]:
    """Events by category (an item with three counts in each) or by item type."""
    tally: Counter[str] = Counter()
    for item, series in parts:
        events = series.between(*window)
        keys = [type_name(item)] if sub_item == "item_type" else [str(c) for c in item.categories]
        for key in keys:
            tally[key] += events
    return tally.items()


def referrals(seed: int, parts: Parts, window: tuple[int, int]) -> Iterable[tuple[str, int]]:
    """Events by referring host; about a third of the days came from nowhere."""
    tally: Counter[str] = Counter()
    for item, series in parts:
        salt = mix(seed, Salt.REFERRAL, KINDS.index(item.kind), item.id)
        lower, upper = series.span(*window)
        for day, count in zip(series.days[lower:upper], series.counts[lower:upper], strict=True):
            throw = quick(day, salt) % 33
            if throw < len(_REFERRALS):
                tally[_REFERRALS[throw]] += count
    return tally.items()
