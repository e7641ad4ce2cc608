"""How the numbers were gathered: requests by endpoint, and the receipt of how politely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from harvester.report.tables import Tables


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests of one endpoint, over all runs."""

    endpoint: str
    done: int
    empty: int
    not_needed: int
    failed: int
    open: int
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RunPace:
    """How politely one run asked, from the moments its requests ended at.

    Attributes:
        answered: requests that have an end.
        repeats: attempts beyond the first of each.
        busiest: most requests that ended in one second.
    """

    run_id: str
    answered: int
    repeats: int
    busiest: int
    first: datetime
    last: datetime

    @property
    def mean_per_second(self) -> float:
        """Requests a second between the first end and the last; 0 for a single one."""
        seconds = (self.last - self.first).total_seconds()
        return (self.answered - 1) / seconds if seconds > 0 else 0.0


def asked(tables: Tables) -> list[Asked]:
    """A line an endpoint."""
    order = "CASE endpoint WHEN 'total' THEN 0 WHEN 'count' THEN 1 WHEN 'top' THEN 2 ELSE 3 END"
    rows = tables.rows(
        "SELECT endpoint, count(*) FILTER (WHERE state = 'done'),"
        " count(*) FILTER (WHERE state = 'empty'), count(*) FILTER (WHERE state = 'not_needed'),"
        " count(*) FILTER (WHERE state = 'failed'),"
        " count(*) FILTER (WHERE state IN ('pending', 'abandoned')),"
        " CAST(coalesce(sum(rows), 0) AS BIGINT), CAST(coalesce(sum(bytes), 0) AS BIGINT)"
        f" FROM asked GROUP BY endpoint ORDER BY {order}, endpoint"
    )
    return [Asked(*row) for row in rows]


def run_paces(tables: Tables) -> Sequence[RunPace]:
    """A line a run that sent something."""
    rows = tables.rows(
        "WITH ended AS (SELECT run, run_id, date_trunc('second', finished_at) AS second,"
        " finished_at, attempts FROM asked WHERE finished_at IS NOT NULL), busy AS (SELECT run,"
        " max(n) AS most FROM (SELECT run, second, count(*) AS n FROM ended GROUP BY ALL)"
        " GROUP BY 1) SELECT run_id, count(*), CAST(coalesce(sum(attempts - 1), 0) AS BIGINT),"
        " any_value(most), min(finished_at), max(finished_at) FROM ended JOIN busy USING (run)"
        " GROUP BY run, run_id"
        " ORDER BY run"
    )
    return [RunPace(*row) for row in rows]
