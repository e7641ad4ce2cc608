"""Named views over the datasets whose sums are right: latest reading, one granularity, one kind.

A dataset keeps every snapshot, granularity and kind, so that a careless sum adds what overlaps.
Each view here leaves one of each: what is summed in it is counted once (docs/analysis.md). They are
SQL over tables of the datasets' names, for `Output.sql` and for reports and exports alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from harvester.model.rows import Dataset
from harvester.model.terms import Counter, Kind

# Months are as the service says them; where a kind has none, its days are added up, exactly.
_MONTHS_FROM = "CASE WHEN bool_or(granularity = 'month') THEN 'month' ELSE 'day' END"
# Countries: one granularity only, `total` where there is nothing else.
COUNTRIES_FROM = (
    "arg_min(granularity, CASE granularity"
    " WHEN 'month' THEN 1 WHEN 'year' THEN 2 WHEN 'day' THEN 3 ELSE 4 END)"
)

_TOTALS_LATEST = """\
SELECT entity, counter, entity_id, value, snapshot FROM totals
QUALIFY row_number() OVER (PARTITION BY entity, counter, entity_id
                           ORDER BY snapshot DESC, harvested_at DESC) = 1"""

_COUNTS_LATEST = """\
SELECT group_id, articles, snapshot FROM counts
QUALIFY row_number() OVER (PARTITION BY group_id ORDER BY snapshot DESC, harvested_at DESC) = 1"""

# A window that ends at the last month is another one each month: of each ranking the latest.
_TOP_LATEST = """\
SELECT entity, counter, entity_id, sub_item, rank, key, value, window_start, window_end, snapshot
FROM top
QUALIFY dense_rank() OVER (PARTITION BY entity, counter, entity_id, sub_item
                           ORDER BY snapshot DESC, window_end DESC, window_start) = 1"""

_TIMELINE_MONTHS = f"""\
WITH chosen AS (
    SELECT entity, counter, {_MONTHS_FROM} AS granularity FROM timeline
    WHERE sub_item IS NULL AND granularity IN ('month', 'day') GROUP BY ALL
)
SELECT entity, counter, entity_id, CAST(date_trunc('month', period_start) AS DATE) AS month,
       max(period_end) AS last_day, CAST(sum(value) AS BIGINT) AS value
FROM timeline JOIN chosen USING (entity, counter, granularity)
WHERE sub_item IS NULL GROUP BY ALL"""


def asked_query(source: str) -> str:
    """SQL for requests with the place of their run, from 1: ids of runs are no numbers ('.10').

    Args:
        source: SQL for the rows of requests/, their windows as far as they fill datasets.
    """
    return (
        "SELECT * EXCLUDE (url, institution), dense_rank() OVER"
        " (ORDER BY CAST(split_part(run_id, '.', 1) AS DATE),"
        " CAST(split_part(run_id, '.', 2) AS INTEGER)) AS run"
        f" FROM ({source})"
        " WHERE regexp_full_match(run_id, '\\d{4}-\\d{2}-\\d{2}\\.\\d+')"
    )


# What makes two requests one series: NULL is a value here.
SERIES = ("entity", "entity_id", "endpoint", "counter", "granularity", "sub_item", "sub_item_id")


def is_series(one: str, other: str) -> str:
    """SQL: whether two rows of requests ask about the same series."""
    return " AND ".join(f"{one}.{each} IS NOT DISTINCT FROM {other}.{each}" for each in SERIES)


# Of the table `asked` (asked_query): requests without an answer that no later run asked again. A
# window counts as asked again when every month of it lies within one request of a later run, for
# later windows may be cut elsewhere. The latest run alone is never superseded. Without a window:
# a total, a count, a ranking of all.
STILL_MISSING = f"""\
WITH bad AS MATERIALIZED (
    SELECT row_number() OVER () AS n, * FROM asked WHERE state IN ('failed', 'pending', 'abandoned')
), piece AS MATERIALIZED (
    SELECT *, greatest(month, window_start) AS first, least(last_day(month), window_end) AS last
    FROM (SELECT *, CAST(unnest(generate_series(date_trunc('month', window_start), window_end,
                                                INTERVAL 1 MONTH)) AS DATE) AS month
          FROM bad WHERE window_start IS NOT NULL AND run < (SELECT max(run) FROM asked))
), still AS (
    SELECT DISTINCT n FROM piece b WHERE NOT EXISTS (
        SELECT 1 FROM asked a WHERE a.run > b.run AND {is_series("a", "b")}
        AND a.window_start <= b.first AND a.window_end >= b.last)
)
SELECT * EXCLUDE (n) FROM bad b
WHERE run = (SELECT max(run) FROM asked) OR n IN (SELECT n FROM still)
   OR (window_start IS NULL AND NOT EXISTS (
        SELECT 1 FROM asked a WHERE a.run > b.run AND {is_series("a", "b")}))"""

_SHOWN = "SELECT * REPLACE (coalesce(shown_end, window_end) AS window_end) FROM requests"
_MISSING = f"""\
WITH asked AS MATERIALIZED ({asked_query(_SHOWN)})
SELECT entity, entity_id, endpoint, granularity, counter, sub_item, sub_item_id, window_start,
       window_end, snapshot, state, reason, proof, request_id
FROM ({STILL_MISSING})"""

_KNOWN = ("title", "doi", "defined_type_name", "group_id")
# In the place of entities/ where a job has none.
_NOTHING_IS_KNOWN = (
    "(SELECT CAST(NULL AS BIGINT) AS entity_id, CAST(NULL AS VARCHAR) AS title,"
    " CAST(NULL AS VARCHAR) AS doi, CAST(NULL AS VARCHAR) AS defined_type_name,"
    " CAST(NULL AS BIGINT) AS group_id WHERE false)"
)


def _by_counter(value: str = "value") -> str:
    """A column a counter, so that nobody adds views to downloads."""
    return ", ".join(
        f"max({value}) FILTER (WHERE counter = '{each}') AS {each}" for each in Counter
    )


def _kind_totals(kind: Kind, *, is_listed: bool) -> str:
    known = f"(SELECT * FROM entities WHERE entity = '{kind}')" if is_listed else _NOTHING_IS_KNOWN
    return (
        f"SELECT entity_id, {', '.join(f'any_value(item.{each}) AS {each}' for each in _KNOWN)},"
        f" {_by_counter()}, min(snapshot) AS snapshot FROM totals_latest"
        f" LEFT JOIN {known} item USING (entity_id)"
        f" WHERE totals_latest.entity = '{kind}' GROUP BY entity_id"
    )


def _kind_months(kind: Kind) -> str:
    return (
        f"SELECT entity_id, month, max(last_day) AS last_day, {_by_counter()}"
        f" FROM timeline_months WHERE entity = '{kind}' GROUP BY entity_id, month"
    )


def _kind_countries(kind: Kind) -> str:
    return (
        f"WITH chosen AS (SELECT counter, {COUNTRIES_FROM} AS granularity FROM countries"
        f" WHERE entity = '{kind}' AND sub_item IS NULL GROUP BY ALL), summed AS ("
        "SELECT counter, entity_id, country, min(period_start) AS first_day,"
        " max(period_end) AS last_day, CAST(sum(value) AS BIGINT) AS value"
        " FROM countries JOIN chosen USING (counter, granularity)"
        f" WHERE entity = '{kind}' AND sub_item IS NULL GROUP BY ALL)"
        " SELECT entity_id, country, min(first_day) AS first_day, max(last_day) AS last_day,"
        f" {_by_counter()} FROM summed GROUP BY entity_id, country"
    )


def partitions(folder: Path) -> set[tuple[str, str]]:
    """What views are made of: each dataset of a folder, and each kind in it (`view_statements`)."""
    found = {(each.value, "") for each in Dataset if (folder / each.value).is_dir()}
    places = (
        "totals/entity=*",
        "timeline/entity=*/*/granularity=month",
        "timeline/entity=*/*/granularity=day",
        "countries/entity=*",
    )
    for place in places:
        for path in folder.glob(place):
            dataset, kind, *_ = path.relative_to(folder).parts
            found.add((dataset, kind.removeprefix("entity=")))
    return found


def view_statements(present: AbstractSet[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The views that a job has, as names and queries; later ones use earlier ones.

    Args:
        present: (dataset, "") of each dataset that is a table, and (dataset, kind) of each kind in
            totals, countries and the timeline; of the timeline only where it has months or days.
    """
    bases = {
        "totals": ("totals_latest", _TOTALS_LATEST),
        "timeline": ("timeline_months", _TIMELINE_MONTHS),
        "counts": ("counts_latest", _COUNTS_LATEST),
        "top": ("top_latest", _TOP_LATEST),
        "requests": ("missing", _MISSING),
    }
    yield from (view for name, view in bases.items() if (name, "") in present)
    is_listed = ("entities", "") in present
    for kind in Kind:
        if ("totals", kind.value) in present:
            yield f"{kind}s_totals", _kind_totals(kind, is_listed=is_listed)
        if ("timeline", kind.value) in present:
            yield f"{kind}s_months", _kind_months(kind)
        if ("countries", kind.value) in present:
            yield f"{kind}s_countries", _kind_countries(kind)
