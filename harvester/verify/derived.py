"""Derived rows, worked out again from the finer reported rows of the same series."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.model.rows import Dataset
from harvester.verify.finding import Finding, error
from harvester.verify.scope import FINER, SPELLING, SUB, Scope
from harvester.verify.workbench import Workbench

_REBUILD = "harvester rebuild OUTPUT"


def rederived(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """What is wrong with the derived rows of one kind and counter.

    A derived row is the sum of the finest reported rows within its days, has no request_id, and
    the harvested_at of the oldest of them; where a series is derived, no period with events
    may be missing.
    """
    if Dataset.TIMELINE not in bench.datasets:
        return
    found = bench.rows(
        f"SELECT DISTINCT granularity, origin FROM timeline WHERE {scope.where} ORDER BY ALL"
    )
    reported = {granularity for granularity, origin in found if origin == "reported"}
    for coarse, origin in found:
        finer = [each for each in FINER[: FINER.index(coarse)] if each in reported]
        if origin != "derived":
            continue
        where = f"timeline/ ({scope.name}, {coarse})"
        if not finer:
            what = "rows are derived, but there are no finer rows to derive them from"
            yield error("derived-from-nothing", what, where, _REBUILD)
            continue
        yield from _wrong(bench, scope, coarse, finer[0], where)
        if Dataset.REQUESTS in bench.datasets:
            yield from _missing(bench, scope, coarse, finer[0], where)


def _wrong(bench: Workbench, scope: Scope, coarse: str, fine: str, where: str) -> Iterator[Finding]:
    wrong, entity, period, value, counted = bench.row(
        f"""
        WITH derived AS (
            SELECT entity_id, {SUB} AS sub, period, period_start, period_end, value,
                   request_id, harvested_at
            FROM timeline WHERE {scope.where} AND granularity = '{coarse}' AND origin = 'derived'
        ), {_fine(scope, coarse, fine)}, again AS (
            SELECT d.entity_id, d.period, d.value, d.request_id, d.harvested_at,
                   coalesce(sum(f.value), 0)::BIGINT AS counted, min(f.harvested_at) AS oldest
            FROM derived d LEFT JOIN fine f ON (f.entity_id, f.sub, f.period)
                 = (d.entity_id, d.sub, d.period)
                 AND f.period_start >= d.period_start AND f.period_end <= d.period_end
            GROUP BY ALL
        )
        SELECT count(*), any_value(entity_id), any_value(period), any_value(value),
               any_value(counted)
        FROM again WHERE value <> counted OR request_id IS NOT NULL
              OR harvested_at IS DISTINCT FROM oldest
        """
    )
    if wrong:
        what = (
            f"{wrong:,} derived rows are not what their {fine} rows give, such as {scope.kind} "
            f"{entity} in {period}: {value:,}, the {fine} rows say {counted:,} (or the row has "
            "another harvested_at than the oldest of them, or a request_id)"
        )
        yield error("derived-differs", what, where, _REBUILD)


def _missing(
    bench: Workbench, scope: Scope, coarse: str, fine: str, where: str
) -> Iterator[Finding]:
    missing, entity, period = bench.row(
        f"""
        WITH stretch AS (
            SELECT DISTINCT entity_id, {SUB} AS sub, window_start, window_end FROM requests
            WHERE {scope.where} AND endpoint = 'timeline' AND granularity = '{coarse}'
              AND state = 'not_needed' AND reason = 'derived'
        ), {_fine(scope, coarse, fine)}, sums AS (
            SELECT f.entity_id, f.sub, f.period, sum(f.value) AS counted
            FROM fine f JOIN stretch s ON (s.entity_id, s.sub) = (f.entity_id, f.sub)
                 AND f.period_start >= s.window_start AND f.period_end <= s.window_end
            GROUP BY ALL
        )
        SELECT count(*), any_value(s.entity_id), any_value(s.period)
        FROM sums s ANTI JOIN (
            SELECT entity_id, {SUB} AS sub, period FROM timeline
            WHERE {scope.where} AND granularity = '{coarse}'
        ) c USING (entity_id, sub, period) WHERE counted > 0
        """
    )
    if missing:
        what = (
            f"{missing:,} rows that should be derived are missing, such as {scope.kind} {entity} "
            f"in {period}"
        )
        yield error("derived-missing", what, where, _REBUILD)


def _fine(scope: Scope, coarse: str, fine: str) -> str:
    """The reported rows of the finer granularity, each with the coarser period it lies in."""
    return f"""fine AS (
            SELECT entity_id, {SUB} AS sub, strftime(period_start, {SPELLING[coarse]}) AS period,
                   period_start, period_end, value, harvested_at
            FROM timeline WHERE {scope.where} AND granularity = '{fine}' AND origin = 'reported'
        )"""
