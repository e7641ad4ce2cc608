"""Which days of a request fill datasets, as runs of an older version did not write it down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.report.tables import Tables


class RunPeriod(NamedTuple):
    """What a run was asked for: one question, and its days."""

    run_id: str
    question: Question
    window: Window


def make_period(tables: Tables, periods: Sequence[RunPeriod]) -> None:
    """Make `period`: what was asked for by the runs whose file of requests/ does not show days."""
    tables.do(
        "CREATE TEMP TABLE period (run_id VARCHAR, endpoint VARCHAR, granularity VARCHAR,"
        " counter VARCHAR, entity VARCHAR, sub_item VARCHAR, sub_item_id VARCHAR, first DATE,"
        " last DATE)"
    )
    untold = {
        run_id
        for (run_id,) in tables.rows(
            "SELECT run_id FROM requests WHERE window_start IS NOT NULL GROUP BY 1"
            " HAVING count(shown_start) = 0"
        )
    }
    for run_id, q, window in periods:
        if run_id in untold:
            words = (q.endpoint, q.granularity, q.counter, q.kind, q.sub_item)
            tables.do(
                "INSERT INTO period VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id,
                    *(each.value if each else None for each in words),
                    q.sub_item_id,
                    window.first,
                    window.last,
                ),
            )


# From `requests`, under its own columns: where the days that fill datasets begin and end, in place
# of those that were asked. What is evidence alone keeps its own; `fills` is false there.
SHOWN = (
    "SELECT r.* EXCLUDE (shown_start, shown_end) REPLACE"
    " (coalesce(shown_end, least(window_end, last), window_end) AS window_end),"
    " window_start IS NULL OR coalesce(shown_start, first) IS NOT NULL AS fills"
    " FROM requests r LEFT JOIN period p ON r.run_id = p.run_id AND r.endpoint = p.endpoint"
    " AND r.counter = p.counter AND r.entity = p.entity"
    " AND r.granularity IS NOT DISTINCT FROM p.granularity"
    " AND r.sub_item IS NOT DISTINCT FROM p.sub_item"
    " AND r.sub_item_id IS NOT DISTINCT FROM p.sub_item_id"
    " AND r.window_start BETWEEN p.first AND p.last"
)
