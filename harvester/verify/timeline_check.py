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
    run that goes on past midnight reads its totals on later days than its date says. So only
    totals are looked at whose day is settled in the timeline.
    """
    known = "(SELECT NULL::BIGINT AS entity_id, NULL::DATE AS first_online WHERE false)"
    if Dataset.ENTITIES in bench.datasets:
        known = f"(SELECT entity_id, first_online FROM entities WHERE entity = '{scope.kind}')"
    begun = "(SELECT NULL::VARCHAR AS run_id, NULL::DATE AS day WHERE false)"
    if Dataset.REQUESTS in bench.datasets:
        begun = "(SELECT run_id, min(finished_at)::DATE AS day FROM requests GROUP BY run_id)"
    rows = bench.rows(
        f"""
        WITH whole AS (
            SELECT s.ask, s.entity_id, s.first, s.last FROM settled s
            LEFT JOIN {known} e USING (entity_id)
            WHERE s.sub = '' AND s.ask LIKE 'timeline/%'
              AND (s.first <= DATE '{BEGINNING}'
                   OR coalesce(e.first_online, DATE '0001-01-01') >= s.first)
        ), read_totals AS (
            SELECT n.*, n.snapshot + greatest(0, n.harvested_at::DATE - coalesce(b.day,
                   n.harvested_at::DATE))::INTEGER AS read_on
            FROM totals n LEFT JOIN {begun} b ON b.run_id = split_part(n.request_id, '/', 1)
        ), lacks AS (
            SELECT w.ask, n.entity_id, n.snapshot, n.value AS total,
                   any_value(w.first) > DATE '{BEGINNING}' AS is_dated,
                   coalesce(sum(t.value), 0)::BIGINT AS counted
            FROM read_totals n JOIN whole w ON w.entity_id = n.entity_id
              AND w.first <= n.read_on AND w.last >= n.read_on
            LEFT JOIN timeline t ON t.entity = n.entity AND t.counter = n.counter
              AND t.entity_id = n.entity_id AND t.sub_item IS NULL
              AND w.ask = 'timeline/' || t.granularity AND t.period_start <= n.read_on
            WHERE n.entity = '{scope.kind}' AND n.counter = '{scope.counter}'
              AND w.ask <> 'timeline/total'
            GROUP BY ALL
        )
        SELECT ask, count(DISTINCT entity_id), arg_max(entity_id, total - counted),
               arg_max(total, total - counted), arg_max(counted, total - counted),
               bool_or(is_dated)
        FROM lacks WHERE total > counted GROUP BY ask ORDER BY 1
        """
    )
    for ask, number, example, total, has, is_dated in rows:
        dated = "; or dates are wrong that say of items that they are no older" if is_dated else ""
        what = (
            f"{counted(number, 'item')} {verb(number, 'has', 'have')} events in a total that"
            f" {verb(number, 'its', 'their')} timeline lacks, such as {scope.kind} {example}:"
            f" {total:,} in the total, {has:,} up to its day{dated}"
        )
        granularity = ask.removeprefix("timeline/")
        where = f"totals/, timeline/ ({scope.name}, {granularity})"
        yield warning("timeline-lacks-events", what, where, ASK_AGAIN)


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
