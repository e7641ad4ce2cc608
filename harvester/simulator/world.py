"""What exists: items, their groups, authors, types and dates. It does not know what day it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from harvester.simulator.config import SimulatorConfig
from harvester.simulator.limits import KINDS
from harvester.simulator.seeded import Salt, mix, share

NEVER: Final = 10_000_000  # an ordinal far behind every date

# Item types by number, common ones more often, as an institution's repository has them.
_TYPES: Final = (3, 3, 3, 3, 3, 8, 8, 8, 6, 6, 6, 14, 14, 1, 1, 7, 5, 9, 2, 18, 13, 15, 11, 12)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing with statistics of its own; a day is an ordinal (`date.toordinal`).

    Attributes:
        online: the first day with statistics.
        published: the day of its latest version; `online` where there is only one.
        withdrawn: the first day on which it is public no more; NEVER for nearly all.
        item_type: Figshare's number, 0 for what is no article.
    """

    kind: str
    id: int
    online: int
    published: int
    withdrawn: int = NEVER
    group_id: int = 0
    item_type: int = 0
    categories: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """Items by kind and id, and who belongs to whom.

    Attributes:
        items: article, collection and project; withdrawn articles are among the articles.
        parents: group id to the id of the group above, 0 at the root; in the order of ids.
        authors: user ids.
        drafts: ids in the private listing that have no statistics.
        by_group, by_author: the articles of each, without those that are withdrawn some day.
    """

    items: dict[str, dict[int, Item]]
    parents: dict[int, int]
    authors: tuple[int, ...]
    drafts: tuple[int, ...]
    by_group: dict[int, tuple[Item, ...]]
    by_author: dict[int, tuple[Item, ...]]

    def below(self, group_id: int) -> Iterator[int]:
        """A group and all groups under it."""
        yield group_id
        for child, parent in self.parents.items():
            if parent == group_id:
                yield from self.below(child)


def build_world(config: SimulatorConfig) -> World:
    """Make the world of a seed; 60,000 articles take about a second."""
    article_ids = _ids(config, "article", 60_000, 10_000_000, config.size("article"))
    group_ids = _ids(config, "group", 2, 40_000, config.size("group"))
    author_ids = _shared(config, "author", article_ids)
    articles = {
        number: _article(config, number, place / len(article_ids), group_ids, author_ids)
        for place, number in enumerate(article_ids)
    }
    lasting = tuple(articles.values())
    articles |= _withdrawn(config, group_ids, author_ids)
    items = {"article": dict(sorted(articles.items()))}
    for kind in ("collection", "project"):
        numbers = _shared(config, kind, article_ids)
        items[kind] = {
            number: _own(config, kind, number, place / len(numbers), group_ids)
            for place, number in enumerate(numbers)
        }
    return World(
        items=items,
        parents=_parents(config, group_ids),
        authors=author_ids,
        drafts=_ids(config, "draft", 10_000_000, 11_000_000, config.size("draft")),
        by_group=_sorted_out((item.group_id, item) for item in lasting),
        by_author=_sorted_out((author, item) for item in lasting for author in item.authors),
    )


def _ids(config: SimulatorConfig, kind: str, low: int, high: int, count: int) -> tuple[int, ...]:
    dice = Random(mix(config.seed, Salt.IDS, *kind.encode()))
    return tuple(sorted(dice.sample(range(low, high), count)))


def _shared(config: SimulatorConfig, kind: str, article_ids: tuple[int, ...]) -> tuple[int, ...]:
    """Ids of which about a third are ids of articles, too: the spaces of the kinds are separate."""
    count = config.size(kind)
    dice = Random(mix(config.seed, Salt.IDS, *kind.encode(), 1))
    both = set(dice.sample(article_ids, min(count // 3, len(article_ids))))
    rest = set(dice.sample(range(1_000, 9_000_000), count)) - both
    return tuple(sorted([*both, *sorted(rest)[: count - len(both)]]))


def _days(config: SimulatorConfig, kind: str, number: int, place: float) -> tuple[int, int]:
    """First day online and day of the latest version: ids grow with time, but not strictly."""
    low, high = config.first_from.toordinal(), config.first_until.toordinal()
    bits = mix(config.seed, Salt.ONLINE, KINDS.index(kind), number)
    online = low + int((place * 0.95 + share(bits) * 0.05) * (high - low))
    newer = mix(config.seed, Salt.VERSION, KINDS.index(kind), number)
    return online, online + (newer // 5 % 1500 if newer % 5 == 0 else 0)


def _article(
    config: SimulatorConfig,
    number: int,
    place: float,
    group_ids: tuple[int, ...],
    author_ids: tuple[int, ...],
) -> Item:
    seed = config.seed
    online, published = _days(config, "article", number, place)
    # Squaring makes a few groups large; the root keeps some articles of its own.
    spread = share(mix(seed, Salt.GROUP, number)) ** 2
    bits = mix(seed, Salt.AUTHORS, number)
    writers = 1 + bits % 4 if author_ids else 0
    return Item(
        kind="article",
        id=number,
        online=online,
        published=published,
        group_id=group_ids[int(spread * len(group_ids))] if group_ids else 0,
        item_type=_TYPES[mix(seed, Salt.ITEM_TYPE, number) % len(_TYPES)],
        categories=_categories(seed, number),
        authors=tuple(
            sorted({author_ids[mix(bits, one) % len(author_ids)] for one in range(writers)})
        ),
    )


def _own(
    config: SimulatorConfig, kind: str, number: int, place: float, group_ids: tuple[int, ...]
) -> Item:
    online, published = _days(config, kind, number, place)
    group = mix(config.seed, Salt.GROUP, number, 1)
    return Item(
        kind=kind,
        id=number,
        online=online,
        published=published,
        group_id=group_ids[group % len(group_ids)] if group_ids else 0,
        categories=_categories(config.seed, number),
    )


def _categories(seed: int, number: int) -> tuple[int, ...]:
    bits = mix(seed, Salt.CATEGORY, number)
    return tuple(sorted({2 + mix(bits, one) % 60 for one in range(1 + bits % 3)}))


def _withdrawn(
    config: SimulatorConfig,
    group_ids: tuple[int, ...],
    author_ids: tuple[int, ...],
) -> dict[int, Item]:
    count = config.size("withdrawn")
    numbers = _ids(config, "withdrawn", 11_000_000, 12_000_000, count)
    gone = {}
    for place, number in enumerate(numbers):
        item = _article(config, number, place / count, group_ids, author_ids)
        stay = 30 + mix(config.seed, Salt.WITHDRAWN, number) % 1000
        gone[number] = Item(
            "article",
            number,
            item.online,
            item.online,
            item.online + stay,
            item.group_id,
            item.item_type,
            item.categories,
            item.authors,
        )
    return gone


def _parents(config: SimulatorConfig, group_ids: tuple[int, ...]) -> dict[int, int]:
    """A tree with one root: each group hangs under one that comes before it."""
    return {
        number: group_ids[mix(config.seed, Salt.PARENT, number) % place] if place else 0
        for place, number in enumerate(group_ids)
    }


def _sorted_out(pairs: Iterator[tuple[int, Item]]) -> dict[int, tuple[Item, ...]]:
    found: defaultdict[int, list[Item]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item)
    return {key: tuple(items) for key, items in found.items()}
