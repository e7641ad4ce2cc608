"""All-time rankings against the totals of the same day."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.verify.finding import Finding, information, warning
from harvester.verify.scope import ASK_AGAIN, Scope, counted
from harvester.verify.workbench import Workbench


def tops_and_totals(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """An all-time ranking counts what the totals of the same day count, or what came since."""
    both, other, fewer, key, ranked, total = bench.row(
        f"""
        WITH met AS (
            SELECT t.key, t.value AS ranked, o.value AS total,
                   t.harvested_at >= o.harvested_at AS is_later
            FROM (SELECT * FROM top WHERE {scope.where} AND sub_item IS NULL) t
            JOIN (SELECT * FROM totals WHERE {scope.where}) o
              ON o.snapshot = t.snapshot AND o.entity_id::VARCHAR = t.key
        ), wrong AS (
            SELECT * FROM met
            WHERE (is_later AND ranked < total) OR (NOT is_later AND ranked > total)
        )
        SELECT (SELECT count(*) FROM met), (SELECT count(*) FROM met WHERE ranked <> total),
               count(*), any_value(key), any_value(ranked), any_value(total) FROM wrong
        """
    )
    where = f"top/, totals/ ({scope.name})"
    if fewer:
        what = (
            f"{counted(fewer, 'ranked number')} of the same day contradict the totals, such as "
            f"{scope.kind} {key}: {ranked:,} in the ranking, a total of {total:,}"
        )
        yield warning("top-against-total", what, where, ASK_AGAIN)
    elif other:
        what = f"{other:,} of {counted(both, 'ranked number')} grew between ranking and total"
        yield information("top-against-total", what, where)
