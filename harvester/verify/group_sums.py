"""The items of a group against the group: information, for nobody documents what a group counts."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.model.rows import Dataset
from harvester.verify.finding import Finding, information
from harvester.verify.workbench import Workbench


def items_and_groups(bench: Workbench) -> Iterator[Finding]:
    """Totals of all articles of a group against the total of the group itself.

    Only where every article that is listed in the group has a total of the same snapshot; and
    never across levels: whether a group counts those below it is not documented.
    """
    if not {Dataset.ENTITIES, Dataset.TOTALS} <= bench.datasets:
        return
    for counter, same, more, less in bench.rows(
        """
        WITH item AS (
            SELECT entity_id, group_id FROM entities
            WHERE entity = 'article' AND group_id IS NOT NULL AND is_listed
        ), whole AS (
            SELECT counter, snapshot, entity_id AS group_id, value FROM totals
            WHERE entity = 'group'
        ), items AS (
            SELECT w.counter, w.snapshot, w.group_id, w.value,
                   count(*) AS listed, count(t.value) AS counted, sum(t.value) AS value_of_items
            FROM whole w JOIN item i USING (group_id)
            LEFT JOIN (SELECT * FROM totals WHERE entity = 'article') t
              ON (t.counter, t.snapshot, t.entity_id) = (w.counter, w.snapshot, i.entity_id)
            GROUP BY ALL
        )
        SELECT counter, count(*) FILTER (value = value_of_items),
               count(*) FILTER (value > value_of_items), count(*) FILTER (value < value_of_items)
        FROM items WHERE listed = counted GROUP BY counter ORDER BY counter
        """
    ):
        what = (
            f"of {same + more + less:,} groups, {same:,} count what their listed articles do, "
            f"{more:,} more, {less:,} less"
        )
        yield information("items-against-group", what, f"totals/ ({counter})")
