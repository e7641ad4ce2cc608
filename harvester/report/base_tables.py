"""The few tables that every part of a report asks: read once, so that its numbers agree."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.report.answered import make_answers
from harvester.report.run_periods import SHOWN, RunPeriod, make_period
from harvester.report.tables import Tables
from harvester.store.views import asked_query

# A page shows at most 160 characters; what is kept bounds the memory of hostile titles.
_TITLE_KEPT = 640
# From the finest that is small to the coarsest: days are added up to months, exactly.
_GRAINS = "CASE granularity WHEN 'month' THEN 1 WHEN 'day' THEN 2 WHEN 'year' THEN 3 END"


def make_item(tables: Tables, *, columns: str) -> None:
    """Make `item`: what is known of each entity, once each.

    Args:
        columns: SQL that replaces columns, such as `left(title, 640) AS title`.
    """
    tables.do(
        f"CREATE TEMP TABLE item AS SELECT * REPLACE ({columns}) FROM entities"
        " QUALIFY row_number() OVER"
        " (PARTITION BY entity, entity_id ORDER BY harvested_at DESC NULLS LAST) = 1"
    )


def make_relations(tables: Tables, periods: Sequence[RunPeriod] = ()) -> None:
    """Make the tables of a report.

    `item`: see make_item.
    `latest` (entity, counter, entity_id, value, snapshot): all-time counts, latest reading each.
    `series` (entity, counter, entity_id, grain, start, last, value): events by month, by year
    where no months or days were harvested; without filters; `last` is the last day read.
    `asked`, `gap`, `answered`, `unanswered`: see make_asked.

    Args:
        periods: see make_asked.
    """
    make_item(tables, columns=f"left(title, {_TITLE_KEPT}) AS title, left(doi, 300) AS doi")
    tables.do(
        "CREATE TEMP TABLE latest AS SELECT entity, counter, entity_id, value, snapshot"
        " FROM totals_latest"
    )
    tables.do(
        f"CREATE TEMP TABLE grains AS SELECT entity, counter, arg_min(granularity, {_GRAINS}) AS"
        " granularity FROM timeline WHERE sub_item IS NULL AND granularity <> 'total' GROUP BY ALL"
    )
    tables.do(
        "CREATE TEMP TABLE series AS SELECT entity, counter, entity_id,"
        " CASE granularity WHEN 'year' THEN 'year' ELSE 'month' END AS grain,"
        " CAST(date_trunc(CASE granularity WHEN 'year' THEN 'year' ELSE 'month' END, period_start)"
        " AS DATE) AS start, max(period_end) AS last, CAST(sum(value) AS BIGINT) AS value"
        " FROM timeline JOIN grains USING (entity, counter, granularity)"
        " WHERE sub_item IS NULL GROUP BY ALL"
    )
    make_asked(tables, periods)


def make_asked(tables: Tables, periods: Sequence[RunPeriod]) -> None:
    """Make `asked`, the requests with the place of their run (`run`, from 1); and `make_answers`.

    Their windows reach as far as they fill datasets; `fills` is false where no day of theirs does.

    Args:
        periods: what runs were asked for; those of an older version did not write it down.
    """
    make_period(tables, periods)
    tables.do(f"CREATE TEMP TABLE asked AS {asked_query(SHOWN)}")
    make_answers(tables)
