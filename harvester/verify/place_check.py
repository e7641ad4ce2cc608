"""Countries against timelines, and cities against countries."""

from __future__ import annotations

from collections.abc import Iterator

from harvester.verify.finding import Finding, error, information, warning
from harvester.verify.scope import ASK_AGAIN, SPELLING, SUB, Scope, counted, firm, verb
from harvester.verify.workbench import Workbench


def countries_and_timelines(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """Countries together are not more than the timeline; Figshare names 200 at most."""
    for (granularity,) in bench.rows(
        f"SELECT DISTINCT granularity FROM countries WHERE {scope.where}"
    ):
        # A breakdown of granularity `total` has a row for each calendar year.
        like = "year" if granularity == "total" else granularity
        key = f"strftime(period_start, {SPELLING[like]})"
        both, rest, wrong, entity, period, places, whole = bench.row(
            f"""
            WITH places AS (
                SELECT entity_id, {SUB} AS sub, {key} AS period, period_start AS low,
                       period_end AS high, sum(value) AS counted
                FROM countries WHERE {scope.where} AND granularity = '{granularity}' GROUP BY ALL
            ), whole AS (
                SELECT entity_id, {SUB} AS sub, period, value, period_start, period_end
                FROM timeline WHERE {scope.where} AND granularity = '{like}'
            ), met AS (
                SELECT p.*, coalesce(value, 0) AS value, value IS NOT NULL AS has
                FROM places p LEFT JOIN whole w USING (entity_id, sub, period)
                WHERE value IS NULL OR (period_start = low AND period_end = high)
            ), firm AS (
                SELECT * FROM met m WHERE {firm(f"timeline/{like}", "m")}
                  AND {firm(f"breakdown/{granularity}", "m")}
            )
            SELECT count(*), coalesce(sum(value - counted) FILTER (value > counted), 0)::BIGINT,
                   count(*) FILTER (counted > value),
                   arg_max(entity_id, counted - value), arg_max(period, counted - value),
                   arg_max(counted, counted - value)::BIGINT, arg_max(value, counted - value)
            FROM firm
            """
        )
        where = f"countries/, timeline/ ({scope.name}, {granularity})"
        if wrong:
            what = (
                f"in {counted(wrong, 'period')} the countries together count more than the "
                f"timeline, such as {scope.kind} {entity} in {period}: {places:,} against {whole:,}"
            )
            yield warning("countries-above-timeline", what, where, ASK_AGAIN)
        elif rest:
            what = (
                f"the countries of {counted(both, 'period')} leave {counted(rest, 'event')} of the "
                "timelines out: Figshare names 200 countries at most, and not every event has one"
            )
            yield information("countries-below-timeline", what, where)


def cities_and_countries(bench: Workbench, scope: Scope) -> Iterator[Finding]:
    """A country is its cities and what is listed under none: both come from one answer."""
    for (granularity,) in bench.rows(
        f"SELECT DISTINCT granularity FROM countries WHERE {scope.where}"
    ):
        here = f"{scope.where} AND granularity = '{granularity}'"
        series = f"entity_id, {SUB} AS sub, period_start, country"
        wrong, entity, country, start = bench.row(
            f"""
            WITH towns AS (
                SELECT {series}, sum(value) AS listed FROM cities WHERE {here} GROUP BY ALL
            ), lands AS (
                SELECT {series}, sum(value) AS value, sum(unlisted) AS unlisted
                FROM countries WHERE {here} GROUP BY ALL
            )
            SELECT count(*), any_value(entity_id), any_value(country), any_value(period_start)
            FROM towns FULL JOIN lands USING (entity_id, sub, period_start, country)
            WHERE value IS NULL OR value <> coalesce(listed, 0) + unlisted
            """
        )
        if wrong:
            what = (
                f"{counted(wrong, 'country row')} {verb(wrong, 'is', 'are')} not the cities and "
                f"`unlisted` together, such as {scope.kind} {entity}, {country}, from {start} on"
            )
            where = f"countries/, cities/ ({scope.name}, {granularity})"
            yield error("cities-against-country", what, where, "harvester rebuild OUTPUT")
