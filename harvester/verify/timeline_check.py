"""Timelines against totals, against each other, and filtered against unfiltered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harvester.model.limits import BEGINNING
from harvester.model.rows import Dataset
from harvester.model.run_plan import last_settled_sql
from harvester.verify.finding import Finding, information, warning
from harvester.verify.scope import ASK_AGAIN, FINER, SPELLING, SUB, Scope, counted, firm, verb
from harvester.verify.workbench import Workbench

# So many items are named.
_NAMED = 20


def timelines_and_totals(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """A total counts at least what was settled in its timeline on the day it was read."""
    rows = bench.rows(
        f"""
        WITH newest AS (
            SELECT entity_id, max(snapshot) AS snapshot, arg_max(value, snapshot) AS total
            FROM totals WHERE {scope.where} GROUP BY entity_id
        ), sums AS (
            SELECT t.granularity, t.entity_id, n.snapshot, n.total, sum(t.value) AS counted
            FROM timeline t JOIN newest n USING (entity_id)
            WHERE {scope.where} AND t.sub_item IS NULL AND t.origin = 'reported'
              AND t.period_end <= {last_settled_sql("n.snapshot", scope.settle_days)}
              AND left(t.request_id, 10)::DATE <= n.snapshot
            GROUP BY ALL
        )
        SELECT granularity, count(*), sum(total), sum(counted)::BIGINT,
               count(*) FILTER (counted > total),
               arg_max(entity_id, counted - total), max(counted - total)::BIGINT
        FROM sums GROUP BY granularity ORDER BY 1
        """
    )
    for granularity, series, totals, sums, wrong, entity, by in rows:
        where = f"totals/, timeline/ ({scope.name}, {granularity})"
        if wrong:
            what = (
                f"{counted(wrong, 'total')} count less than the settled days of the same timeline, "
                f"such as {scope.kind} {entity}: {by:,} less"
            )
            yield warning("total-below-timeline", what, where, ASK_AGAIN)
        elif totals > sums:
            what = (
                f"{counted(series, 'total')} count {totals:,}, the settled days of their timelines "
                f"{sums:,}: the rest is today, open days, and days outside the period"
            )
            yield information("total-above-timeline", what, where)


def lacking_timelines(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """A timeline that reaches back to the first event has at least what a total has counted.

    Of the day that a total was read on it has counted a part; read as a whole it counts more. A
    run that goes on past midnight reads its totals on later days than its date says. So the last
    total is looked at whose day is settled in the timeline. What the timeline had when
    that was read, and has no more, was taken back, and so was what the newest total does not
    count besides.
    """
    begun = "(SELECT NULL::VARCHAR AS run_id, NULL::DATE AS day WHERE false)"
    if Dataset.REQUESTS in bench.datasets:
        begun = "(SELECT run_id, min(finished_at)::DATE AS day FROM requests GROUP BY run_id)"
    rows = bench.rows(
        f"""
        WITH whole AS (
            SELECT s.ask, s.entity_id, s.first, s.last
            FROM settled s LEFT JOIN dated d USING (entity_id)
            WHERE s.sub = '' AND s.ask LIKE 'timeline/%' AND s.ask <> 'timeline/total'
              AND (s.first <= DATE '{BEGINNING}'
                   OR coalesce(d.first_online, DATE '0001-01-01') >= s.first)
        ), read_totals AS (
            SELECT n.*, n.snapshot + greatest(0, n.harvested_at::DATE - coalesce(b.day,
                   n.harvested_at::DATE))::INTEGER AS read_on
            FROM totals n LEFT JOIN {begun} b ON b.run_id = split_part(n.request_id, '/', 1)
            WHERE {scope.where}
        ), old AS (
            SELECT w.ask, n.entity_id, max(n.read_on) AS read_on,
                   arg_max(n.value, n.read_on) AS total,
                   arg_max(n.harvested_at, n.read_on) AS at,
                   arg_max(w.first, n.read_on) > DATE '{BEGINNING}' AS is_dated
            FROM read_totals n JOIN whole w ON w.entity_id = n.entity_id
              AND w.first <= n.read_on AND w.last >= n.read_on
            GROUP BY ALL
        ), newest AS (
            SELECT entity_id, max(read_on) AS now, arg_max(value, read_on) AS value
            FROM read_totals GROUP BY entity_id
        ), fallen AS (
            SELECT o.ask, o.entity_id, sum(f.events) AS events
            FROM old o JOIN {_fallen_rows(bench, scope)} f
              ON f.ask = o.ask AND f.entity_id = o.entity_id
              AND f.at > o.at AND f.day <= o.read_on
            GROUP BY ALL
        ), sums AS (
            SELECT o.*, n.value AS newest,
                   coalesce(sum(t.value) FILTER (t.period_start <= o.read_on), 0)::BIGINT
                       AS counted,
                   coalesce(sum(t.value) FILTER (t.period_start <= n.now), 0)::BIGINT AS here
            FROM old o JOIN newest n USING (entity_id)
            LEFT JOIN timeline t ON {scope.where} AND t.entity_id = o.entity_id
              AND t.sub_item IS NULL AND o.ask = 'timeline/' || t.granularity
            GROUP BY ALL
        ), lacks AS (
            SELECT s.*, total - counted - coalesce(f.events, 0) AS lacking
            FROM sums s LEFT JOIN fallen f USING (ask, entity_id)
        )
        SELECT ask, list(entity_id ORDER BY lacking DESC, entity_id),
               arg_max(total, (lacking, -entity_id)), arg_max(counted, (lacking, -entity_id)),
               bool_or(is_dated)
        FROM lacks WHERE lacking > 0 AND newest - here >= lacking
        GROUP BY ask ORDER BY 1
        """
    )
    for ask, items, total, has, is_dated in rows:
        number, others = len(items), ", ".join(map(str, items[1:_NAMED]))
        rest = f" and {number - _NAMED:,} more" if number > _NAMED else ""
        others = f"; likewise {others}{rest}" if others else ""
        dated = "; or dates are wrong that say of items that they are no older" if is_dated else ""
        what = (
            f"{counted(number, 'item')} {verb(number, 'has', 'have')} events in a total that"
            f" {verb(number, 'its', 'their')} timeline lacks, such as {scope.kind} {items[0]}:"
            f" {total:,} in the total, {has:,} up to its day{others}{dated}"
        )
        granularity = ask.removeprefix("timeline/")
        where = f"totals/, timeline/ ({scope.name}, {granularity})"
        yield warning("timeline-lacks-events", what, where, ASK_AGAIN)


def _fallen_rows(bench: Workbench, scope: Scope) -> str:
    """Settled rows that a later run found lower or gone: (ask, entity_id, at, day, events)."""
    columns = (
        "'timeline/' || granularity AS ask, entity_id, harvested_at AS at, period_start AS day,"
        " old_value - coalesce(new_value, 0) AS events"
    )
    chosen = f"{scope.where} AND dataset = 'timeline' AND sub_item IS NULL"
    if Dataset.REVISIONS in bench.datasets:
        return f"(SELECT {columns} FROM revisions WHERE {chosen} AND events > 0)"
    # Of the same columns, without rows.
    return (
        "(SELECT NULL::VARCHAR AS ask, NULL::BIGINT AS entity_id, NULL::TIMESTAMPTZ AS at,"
        " NULL::DATE AS day, NULL::BIGINT AS events WHERE false)"
    )


def fallen_totals(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """A total that falls was restated."""
    fell, entity, before, after = bench.row(
        f"""
        SELECT count(*), any_value(entity_id), any_value(before), any_value(value) FROM (
            SELECT entity_id, value,
                   lag(value) OVER (PARTITION BY entity_id ORDER BY snapshot) AS before
            FROM totals WHERE {scope.where}) WHERE value < before
        """
    )
    if fell:
        what = (
            f"{counted(fell, 'total')} fell from one snapshot to the next, such as {scope.kind} "
            f"{entity}, from {before:,} to {after:,}: Figshare has restated it"
        )
        yield information("total-fell", what, f"totals/ ({scope.name})")


def granularities(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """Days against months against years, whether asked or derived."""
    found = {
        granularity
        for (granularity,) in bench.rows(
            f"SELECT DISTINCT granularity FROM timeline WHERE {scope.where}"
        )
    }
    present = [each for each in FINER if each in found]
    for fine, coarse in pairwise(present):
        key = f"strftime(period_start, {SPELLING[coarse]})"
        wrong, entity, period, whole, parts = bench.row(
            f"""
            WITH fine AS (
                SELECT entity_id, {SUB} AS sub, {key} AS period, sum(value) AS counted,
                       min(period_start) AS low, max(period_end) AS high
                FROM timeline WHERE {scope.where} AND granularity = '{fine}'
                GROUP BY ALL
            ), coarse AS (
                SELECT entity_id, {SUB} AS sub, period, value, period_start AS low,
                       period_end AS high
                FROM timeline WHERE {scope.where} AND granularity = '{coarse}'
            ), differ AS (
                SELECT entity_id, sub, period, coalesce(value, 0) AS value,
                       coalesce(counted, 0) AS counted,
                       coalesce(c.low, f.low) AS low, coalesce(c.high, f.high) AS high
                FROM fine f FULL JOIN coarse c USING (entity_id, sub, period)
                WHERE coalesce(value, 0) <> coalesce(counted, 0)
                  AND (c.low IS NULL OR f.low IS NULL OR (f.low >= c.low AND f.high <= c.high))
            )
            SELECT count(*), any_value(entity_id), any_value(period), any_value(value),
                   any_value(counted)::BIGINT
            FROM differ d WHERE {firm(f"timeline/{fine}", "d")}
              AND {firm(f"timeline/{coarse}", "d")}
            """
        )
        if wrong:
            what = (
                f"{counted(wrong, coarse + ' row')} {verb(wrong, 'is', 'are')} not the sum of "
                f"{verb(wrong, 'its', 'their')} {fine} rows, such as {scope.kind} {entity} in "
                f"{period}: {whole:,}, the {fine} rows say {parts:,}"
            )
            yield warning(f"{fine}-against-{coarse}", what, f"timeline/ ({scope.name})", ASK_AGAIN)


def filters(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """What a filter leaves is not more than the whole."""
    for (granularity,) in bench.rows(
        f"SELECT DISTINCT granularity FROM timeline WHERE {scope.where} AND sub_item IS NOT NULL"
    ):
        wrong, entity, sub, period, part, whole = bench.row(
            f"""
            WITH narrow AS (
                SELECT entity_id, {SUB} AS narrowed, '' AS sub, period, value,
                       period_start AS low, period_end AS high
                FROM timeline WHERE {scope.where} AND granularity = '{granularity}'
                  AND sub_item IS NOT NULL
            ), wide AS (
                SELECT entity_id, period, value AS whole, period_start, period_end
                FROM timeline WHERE {scope.where} AND granularity = '{granularity}'
                  AND sub_item IS NULL
            ), more AS (
                SELECT n.*, coalesce(whole, 0) AS whole
                FROM narrow n LEFT JOIN wide w USING (entity_id, period)
                WHERE value > coalesce(whole, 0)
                  AND (whole IS NULL OR (period_start = low AND period_end = high))
            )
            SELECT count(*), any_value(entity_id), any_value(narrowed), any_value(period),
                   any_value(value), any_value(whole)
            FROM more m WHERE {firm(f"timeline/{granularity}", "m")} AND EXISTS (
                SELECT 1 FROM settled s WHERE s.ask = 'timeline/{granularity}'
                AND s.entity_id = m.entity_id AND s.sub = m.narrowed
                AND s.first <= m.low AND s.last >= m.high)
            """
        )
        if wrong:
            what = (
                f"{counted(wrong, 'filtered row')} count more than the unfiltered one, such as "
                f"{scope.kind} {entity} with {sub} in {period}: {part:,} of {whole:,}"
            )
            where = f"timeline/ ({scope.name}, {granularity})"
            yield warning("filter-above-whole", what, where, ASK_AGAIN)
