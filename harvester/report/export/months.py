"""What stands in the cells of the sheets by month, gathered once for all counters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from harvester.model.terms import Granularity
from harvester.report.answered import FAILED, NOT_ASKED
from harvester.report.export.choice import ExportChoice
from harvester.report.tables import Tables

_GRAINS = "sub_item IS NULL AND granularity IN ('month', 'day')"
_ONE = "entity, entity_id, counter"
_OF_GRAIN = "JOIN month_grain USING (entity, counter, granularity)"


def make_months(tables: Tables, choice: ExportChoice) -> bool:
    """Make the tables of the sheets by month; of `asked`, `answered`, `unanswered`, `item`.

    Returns:
        Whether a whole month lies between the days that are chosen.

    `month_value` (entity, entity_id, counter, month, value): from months, from days where a kind
    has none.
    `month_item` (entity, entity_id, counter, first, last): everyone who was asked about or is of a
    kind that was, and the days answered; null: none.
    `month_end` (counter, known_to): the last day that is known of, or that an answer lacks.
    `month_cell` (entity, entity_id, counter, month, value, word): every cell that is not empty.
    A month of which a day lacks its answer has no number: it would pass for the whole month's.
    """
    _make_grain(tables)
    first, last = _whole_months(tables, choice)
    if first and last and last < first:
        return False
    choice = replace(choice, first=first, last=last)
    condition, values = choice.condition("timeline")
    tables.do(
        f"CREATE TEMP TABLE month_value AS SELECT {_ONE}, CAST(date_trunc('month', period_start) AS"
        " DATE) AS month, max(period_end) AS last, CAST(sum(value) AS BIGINT) AS value FROM"
        f" timeline {_OF_GRAIN} WHERE {condition}"
        " AND sub_item IS NULL GROUP BY ALL",
        values,
    )
    tables.do(
        f"CREATE TEMP TABLE month_gap AS SELECT {_ONE}, first, last, word FROM unanswered"
        f" {_OF_GRAIN} WHERE endpoint = 'timeline' AND sub_item IS NULL"
    )
    _make_item(tables, choice)
    end = f"DATE '{choice.last}'" if choice.last else "NULL"
    tables.do(
        f"CREATE TEMP TABLE month_end AS SELECT counter, least(max(last), {end}) AS known_to FROM"
        " (SELECT counter, last FROM month_item UNION ALL SELECT counter, last FROM month_gap UNION"
        " ALL SELECT counter, last FROM month_value) GROUP BY counter HAVING known_to IS NOT NULL"
    )
    _make_cells(tables, choice)
    return True


def _whole_months(tables: Tables, choice: ExportChoice) -> tuple[date | None, date | None]:
    """The days chosen, less a month that they cut through: its number is no month's."""
    begin, end = tables.one(
        "SELECT min(first), max(last) FROM (SELECT first, last FROM answered"
        f" {_OF_GRAIN} WHERE endpoint = 'timeline' AND sub_item IS NULL UNION ALL"
        f" SELECT period_start, period_end FROM timeline {_OF_GRAIN} WHERE sub_item IS NULL)"
    )
    first, last, month = choice.first, choice.last, Granularity.MONTH
    if first and begin and begin < first != month.period_start(first):
        first = month.period_end(first) + timedelta(days=1)
    if last and end and end > last != month.period_end(last):
        last = month.period_start(last) - timedelta(days=1)
    return first, last


def _make_grain(tables: Tables) -> None:
    """By kind and counter: months where there are any; what failed whole is known from requests."""
    tables.do(
        "CREATE TEMP TABLE month_grain AS SELECT entity, counter, CASE WHEN bool_or(granularity ="
        " 'month') THEN 'month' ELSE 'day' END AS granularity FROM (SELECT entity, counter,"
        f" granularity FROM timeline WHERE {_GRAINS} UNION SELECT entity, counter, granularity"
        " FROM asked WHERE endpoint = 'timeline' AND fills AND counter IS NOT NULL"
        f" AND {_GRAINS}) GROUP BY ALL"
    )


def _make_item(tables: Tables, choice: ExportChoice) -> None:
    mine, values = choice.condition("entities")
    first = "" if choice.first is None else f" AND last >= DATE '{choice.first}'"
    last = "last" if choice.last is None else f"least(last, DATE '{choice.last}')"
    tables.do(
        "CREATE TEMP TABLE month_item AS WITH known AS ("
        f"SELECT {_ONE}, min(first) AS first, max({last}) AS last FROM answered"
        f" {_OF_GRAIN} WHERE endpoint = 'timeline' AND sub_item IS NULL{first}"
        " GROUP BY ALL), everyone AS ("
        f"SELECT {_ONE} FROM known UNION SELECT {_ONE} FROM month_gap UNION SELECT {_ONE} FROM"
        " month_value UNION SELECT entity, entity_id, counter FROM item JOIN month_grain"
        f" USING (entity)) SELECT {_ONE}, first, last FROM everyone LEFT JOIN known USING ({_ONE})"
        f" WHERE {mine}",
        values,
    )


def _make_cells(tables: Tables, choice: ExportChoice) -> None:
    months = (
        "CAST(unnest(generate_series(date_trunc('month', first), last, INTERVAL 1 MONTH)) AS DATE)"
    )
    begin = f"DATE '{choice.first}'" if choice.first else "DATE '-infinity'"
    end = f"DATE '{choice.last}'" if choice.last else "DATE 'infinity'"
    tables.do(
        f"CREATE TEMP TABLE month_word AS SELECT {_ONE}, month, bool_or(word = '{FAILED}') AS"
        f" is_failed FROM (SELECT {_ONE}, word, first, last, {months} AS month FROM month_gap)"
        f" SEMI JOIN month_item USING ({_ONE}) WHERE greatest(month, first) >= {begin} AND"
        f" least(last_day(month), last) <= {end} GROUP BY ALL"
    )
    tables.do(
        f"CREATE TEMP TABLE month_cell AS SELECT {_ONE}, month, CASE WHEN is_failed IS NULL THEN"
        f" value END AS value, CASE WHEN is_failed THEN '{FAILED}' WHEN is_failed IS NOT NULL THEN"
        f" '{NOT_ASKED}' END AS word FROM (SELECT {_ONE}, month, value FROM month_value SEMI JOIN"
        f" month_item USING ({_ONE})) FULL JOIN month_word USING ({_ONE}, month)"
    )
    # Nobody asked about the months before the first answer and after the last.
    tables.do(
        f"INSERT INTO month_cell SELECT {_ONE}, month, NULL, '{NOT_ASKED}' FROM (SELECT i.*, month"
        " FROM month_item i JOIN (SELECT counter, CAST(unnest(generate_series(min(month),"
        " any_value(known_to), INTERVAL 1 MONTH)) AS DATE) AS month FROM month_cell JOIN month_end"
        " USING (counter) GROUP BY counter) USING (counter) WHERE i.first IS NULL OR"
        f" last_day(month) < i.first OR month > i.last) ANTI JOIN month_cell USING ({_ONE}, month)"
    )
