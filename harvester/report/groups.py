"""Groups and item types: shares that count each event once, however deep the groups are nested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.report.subject import in_order
from harvester.report.tables import Tables
from harvester.report.wording import shown

_MOST = 300


@dataclass(frozen=True, slots=True)
class Group:
    """One group's own numbers, as Figshare reports them.

    Attributes:
        depth: 0 at the root; 0 for all where no tree is known.
        values: by counter; absent: not harvested.
        articles: public articles, from the latest count; None: not counted.
    """

    entity_id: int
    title: str
    depth: int
    values: dict[str, int]
    articles: int | None


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a whole: a group's or a type's own articles, each counted once."""

    name: str
    articles: int
    values: dict[str, int]


@dataclass(frozen=True, slots=True)
class Parts:
    """Articles by something each of them has exactly one of."""

    counters: Sequence[str]
    slices: Sequence[Slice]
    totals: dict[str, int]


@dataclass(frozen=True, slots=True)
class Filtered:
    """Events of one entity by item type or category, from filtered timelines or rankings."""

    entity: str
    counter: str
    by: str
    when: str
    lines: Sequence[tuple[str, int]]


def groups(tables: Tables) -> tuple[list[str], list[Group]]:
    """All groups, children behind their parents; with the counters that were harvested."""
    rows = tables.rows(
        "WITH known AS (SELECT entity_id FROM latest WHERE entity = 'group' UNION SELECT group_id"
        " FROM counts UNION SELECT entity_id FROM item WHERE entity = 'group')"
        " SELECT k.entity_id, item.title, item.parent_id,"
        " (SELECT arg_max(articles, snapshot) FROM counts c WHERE c.group_id = k.entity_id),"
        " (SELECT list((counter, value)) FROM latest l WHERE l.entity = 'group'"
        " AND l.entity_id = k.entity_id)"
        " FROM known k LEFT JOIN item ON item.entity = 'group' AND item.entity_id = k.entity_id"
        " ORDER BY 1"
    )
    found = {
        entity_id: Group(
            entity_id,
            shown(title, 80) or f"group {entity_id}",
            0,
            dict(values or []),
            articles,
        )
        for entity_id, title, _, articles, values in rows
    }
    parents = {entity_id: parent for entity_id, _, parent, _, _ in rows}
    counters = in_order({counter for each in found.values() for counter in each.values})
    return counters, _in_tree_order(found, parents, counters)[:_MOST]


def _in_tree_order(
    found: dict[int, Group], parents: dict[int, int | None], counters: Sequence[str]
) -> list[Group]:
    """Parents before children, larger ones first; groups of a cycle come last, as roots."""

    def size(group: Group) -> tuple[int, int]:
        return (-group.values.get(counters[0], 0) if counters else 0, group.entity_id)

    children: dict[int | None, list[Group]] = {}
    for entity_id, group in found.items():
        parent = parents[entity_id] if parents[entity_id] in found else None
        children.setdefault(parent, []).append(group)
    told: list[Group] = []
    waiting = [(group, 0) for group in sorted(children.get(None, []), key=size, reverse=True)]
    while waiting:
        group, depth = waiting.pop()
        told.append(Group(group.entity_id, group.title, depth, group.values, group.articles))
        below = sorted(children.get(group.entity_id, []), key=size, reverse=True)
        waiting += [(each, depth + 1) for each in below]
    seen = {each.entity_id for each in told}
    return told + [each for entity_id, each in found.items() if entity_id not in seen]


def parts(tables: Tables, by: str) -> Parts:
    """Articles' all-time counts by a column of `item`: each article counts in one part only.

    Args:
        by: `defined_type_name` or `group_id`.
    """
    named = by if by != "group_id" else "CAST(group_id AS VARCHAR)"
    rows = tables.rows(
        f"SELECT {named}, counter, count(DISTINCT l.entity_id), CAST(sum(value) AS BIGINT)"
        " FROM latest l JOIN item ON item.entity = 'article' AND item.entity_id = l.entity_id"
        f" WHERE l.entity = 'article' AND {by} IS NOT NULL GROUP BY ALL"
    )
    counters = in_order({row[1] for row in rows})
    titles = dict(
        tables.rows("SELECT CAST(entity_id AS VARCHAR), title FROM item WHERE entity = 'group'")
    )
    slices: dict[str, Slice] = {}
    for name, counter, articles, value in rows:
        told = (
            shown(titles.get(name) or f"group {name}", 80) if by == "group_id" else shown(name, 80)
        )
        known = slices.setdefault(name, Slice(told, articles, {}))
        known.values[counter] = value
    ordered = sorted(
        slices.values(), key=lambda each: (-each.values.get(counters[0], 0), each.name)
    )
    totals = {each: sum(one.values.get(each, 0) for one in ordered) for each in counters}
    return Parts(counters, ordered[:_MOST], totals)


def filtered(tables: Tables) -> list[Filtered]:
    """What filtered timelines and rankings say of types and categories, an entity each."""
    return _of_timelines(tables) + _of_rankings(tables, "('item_type', 'category')")


def referrers(tables: Tables) -> list[Filtered]:
    """The referring hosts of each entity that was asked for them, the largest entities first."""
    return _of_rankings(tables, "('referral')")


def _of_timelines(tables: Tables) -> list[Filtered]:
    rows = tables.rows(
        "WITH one AS (SELECT entity, counter, sub_item, arg_min(granularity, CASE granularity"
        " WHEN 'month' THEN 1 WHEN 'year' THEN 2 WHEN 'day' THEN 3 ELSE 4 END) AS granularity"
        " FROM timeline WHERE sub_item IS NOT NULL GROUP BY ALL)"
        " SELECT entity, entity_id, counter, sub_item, sub_item_id, min(period_start),"
        " max(period_end), CAST(sum(value) AS BIGINT) FROM timeline JOIN one"
        " USING (entity, counter, sub_item, granularity) GROUP BY ALL"
        " ORDER BY entity, entity_id, counter, sub_item, 8 DESC, 5"
    )
    return _gathered([(*row[:5], f"{row[5]} to {row[6]}", row[7]) for row in rows], tables)


def _of_rankings(tables: Tables, kinds: str) -> list[Filtered]:
    rows = tables.rows(
        "SELECT entity, entity_id, counter, sub_item, key, window_start, window_end, value FROM top"
        f" WHERE sub_item IN {kinds} AND entity_id IS NOT NULL"
        " QUALIFY dense_rank() OVER (PARTITION BY entity, entity_id, counter, sub_item"
        " ORDER BY snapshot DESC, window_end DESC NULLS LAST, window_start) = 1"
        " ORDER BY sum(value) OVER (PARTITION BY entity, entity_id) DESC, entity, entity_id,"
        " counter, sub_item, rank"
    )
    return _gathered([(*row[:5], f"{row[5]} to {row[6]}", row[7]) for row in rows], tables)


def _gathered(rows: Sequence[tuple[object, ...]], tables: Tables) -> list[Filtered]:
    """Lines of the same entity and counter together; at most a dozen of them, 20 lines each."""
    lines: dict[tuple[object, ...], list[tuple[str, int]]] = {}
    for entity, entity_id, counter, by, name, when, value in rows:
        key = (entity, entity_id, counter, by, when)
        lines.setdefault(key, []).append((shown(str(name), 80), int(str(value))))
    told = []
    for (entity, entity_id, counter, by, when), mine in list(lines.items())[:12]:
        title = tables.rows(
            "SELECT title FROM item WHERE entity = ? AND entity_id = ?", [entity, entity_id]
        )
        name = f"{entity} {entity_id}" + (
            f": {shown(title[0][0], 80)}" if title and title[0][0] else ""
        )
        told.append(Filtered(name, str(counter), str(by), str(when), mine[:20]))
    return told
