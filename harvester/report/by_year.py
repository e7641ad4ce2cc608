"""Series by year: whose answers are here, and how far the years that are not over were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from harvester.model.run_plan import last_settled_sql
from harvester.report.matrix import ANSWERS, COUNTS, QUESTION, STATE, Cell, Matrix
from harvester.report.tables import Tables


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far a question was read, and how far that was settled."""

    read_to: date
    settled_to: date


def by_year(tables: Tables, settle_days: int) -> Matrix:
    """Questions with periods x years: series with an answer, and with a gap, in each."""
    year = "unnest(range(year(window_start), year(window_end) + 1))"
    rows = tables.rows(
        "WITH gaps AS (SELECT DISTINCT ON (entity, entity_id, question, year) entity, entity_id,"
        f" {QUESTION} AS question, {year} AS year, state FROM gap WHERE window_start IS NOT NULL"
        " ORDER BY state <> 'failed'), said AS (SELECT entity, entity_id, question, year,"
        f" {ANSWERS}"
        f" FROM (SELECT entity, entity_id, {QUESTION} AS question, state, reason, {year} AS year"
        " FROM asked WHERE window_start IS NOT NULL AND fills AND endpoint IN"
        " ('timeline', 'breakdown'))"
        " GROUP BY ALL), judged AS (SELECT s.entity, s.question, s.year, CASE WHEN g.state ="
        f" 'failed' THEN 'failed' WHEN g.state IS NOT NULL THEN 'open' ELSE {STATE} END AS state"
        " FROM said s LEFT JOIN gaps g ON g.entity = s.entity AND g.entity_id IS NOT DISTINCT FROM"
        " s.entity_id AND g.question = s.question AND g.year = s.year)"
        f" SELECT concat(entity, ' ', question), year, {COUNTS} FROM judged GROUP BY 1, 2"
        " ORDER BY 1, 2"
    )
    reach = _reach(tables, settle_days)
    years = sorted({row[1] for row in rows})
    lines = []
    for name in dict.fromkeys(row[0] for row in rows):
        mine = {row[1]: row[2:] for row in rows if row[0] == name}
        lines.append((name, [_cell(mine.get(each), each, reach.get(name)) for each in years]))
    return Matrix([str(each) for each in years], lines)


def _reach(tables: Tables, settle_days: int) -> dict[str, _Reach]:
    """By question: the days that answers, or what is known without asking, reach to."""
    # A run's date begins its id.
    settled = last_settled_sql("CAST(left(run_id, 10) AS DATE)", settle_days)
    rows = tables.rows(
        f"SELECT concat(entity, ' ', {QUESTION}), max(window_end),"
        f" max(least(window_end, {settled})) FROM asked WHERE window_start IS NOT NULL AND fills"
        " AND endpoint IN ('timeline', 'breakdown') AND state IN ('done', 'empty', 'not_needed')"
        " GROUP BY 1"
    )
    return {name: _Reach(read, settled) for name, read, settled in rows}


def _cell(numbers: Sequence[int] | None, year: int, reach: _Reach | None) -> Cell | None:
    if numbers is None:
        return None
    if reach is None:
        return Cell(tuple(numbers))
    last = date(year, 12, 31)
    is_open = reach.settled_to < min(reach.read_to, last)
    ends = reach.read_to if reach.read_to.year == year else last
    return Cell(tuple(numbers), ends if is_open or ends < last else None, is_open)
