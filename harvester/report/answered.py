"""Whether a series was answered on a day, failed, or was not asked.

The one place that says so: what a dataset lacks is nothing counted only where `requests/` has an
answer. Pages and sheets ask these tables before they leave a cell empty or call a sum one of all.
"""

from __future__ import annotations

from dataclasses import dataclass

from harvester.report.tables import Tables
from harvester.store.views import SERIES, STILL_MISSING, is_series

# What a cell says that has no number for want of an answer.
FAILED, NOT_ASKED = "failed", "not asked"
_ANSWERED = "state IN ('done', 'empty', 'not_needed')"
_WORD = f"CASE WHEN bool_or(state = 'failed') THEN '{FAILED}' ELSE '{NOT_ASKED}' END AS word"
_SERIES = ", ".join(SERIES)


def make_answers(tables: Tables) -> None:
    """Make the tables that tell answers; of `asked`.

    `gap`: requests without an answer that no later run asked again, as in `asked`.
    `answered` (the series' columns, first, last): the days that answers of one entity reach over,
    or what is known without asking; null where an endpoint takes no days.
    `unanswered` (the series' columns, first, last, word): the days of gaps that no answer covers,
    of any run, in months or longer; null likewise. `word` is what a cell says of them.
    """
    tables.do(f"CREATE TEMP TABLE gap AS {STILL_MISSING}")
    tables.do(
        f"CREATE TEMP TABLE answered AS SELECT {_SERIES}, min(window_start) AS first,"
        f" max(window_end) AS last FROM asked WHERE {_ANSWERED} AND fills AND entity_id IS NOT"
        " NULL"
        " GROUP BY ALL"
    )
    tables.do(
        f"CREATE TEMP TABLE owed AS SELECT row_number() OVER () AS n, {_SERIES}, window_start AS"
        " first, window_end AS last, state FROM gap WHERE fills AND entity_id IS NOT NULL"
    )
    # A gap that no answer touches stays whole: a run that has just begun owes millions of months.
    tables.do(
        "CREATE TEMP TABLE touched AS SELECT DISTINCT o.n FROM owed o JOIN answered a"
        f" ON {is_series('a', 'o')} WHERE a.first <= o.last AND a.last >= o.first"
    )
    month = "CAST(unnest(generate_series(date_trunc('month', first), last, INTERVAL 1 MONTH))"
    tables.do(
        f"CREATE TEMP TABLE unanswered AS SELECT {_SERIES}, first, last, {_WORD} FROM ("
        "SELECT * EXCLUDE (n) FROM owed WHERE n NOT IN (SELECT n FROM touched) UNION ALL BY NAME"
        f" SELECT {_SERIES}, state, greatest(first, month) AS first,"
        " least(last, last_day(month)) AS last"
        f" FROM (SELECT *, {month} AS DATE) AS month FROM owed WHERE n IN (SELECT n FROM touched))"
        f" ) p WHERE NOT EXISTS (SELECT 1 FROM asked a WHERE a.{_ANSWERED} AND a.fills"
        f" AND {is_series('a', 'p')} AND a.window_start <= p.first AND a.window_end >= p.last)"
        " GROUP BY ALL"
    )


@dataclass(frozen=True, slots=True)
class AnsweredEntities:
    """How many of the entities that one question was asked about have all of its answers."""

    answered: int
    asked: int

    @property
    def is_whole(self) -> bool:
        """Whether none lacks an answer."""
        return self.answered == self.asked


def answered_of(tables: Tables, question: str, but: str = "false") -> dict[str, AnsweredEntities]:
    """By counter: how many entities were asked about, and how many lack nothing.

    Args:
        question: a condition over the series' columns: endpoint, entity, granularity ...
        but: another one, of those that lack nothing all the same.
    """
    rows = tables.rows(
        "WITH lacks AS (SELECT DISTINCT counter, entity_id FROM unanswered"
        f" WHERE {question} AND NOT {but}),"
        " everyone AS (SELECT DISTINCT counter, entity_id FROM answered"
        f" WHERE {question} UNION SELECT counter, entity_id FROM unanswered WHERE {question})"
        " SELECT counter, (SELECT count(*) FROM lacks l WHERE l.counter = e.counter), count(*)"
        " FROM everyone e WHERE counter IS NOT NULL GROUP BY counter"
    )
    return {counter: AnsweredEntities(asked - lacking, asked) for counter, lacking, asked in rows}
