"""Every sheet of an export: one a dataset, and two as librarians draw them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from harvester.model.meanings import ABOUT
from harvester.model.rows import Dataset
from harvester.model.terms import Counter, Granularity
from harvester.report.base_tables import make_item
from harvester.report.export.choice import ON_DEMAND, ExportChoice
from harvester.report.export.sheet import Form, Sheet, SheetColumn, column, harmless
from harvester.report.sql_types import COLUMNS
from harvester.report.tables import Tables

# What is joined wherever a row is about one entity: behind which column, and by what.
_JOINED = ("title", "doi")
_RANKED = "CASE WHEN d.sub_item IS NULL THEN TRY_CAST(d.key AS BIGINT) END"
_BY_ID = ("entity_id", "item.entity = d.entity AND item.entity_id = d.entity_id")
_JOINS = {
    **dict.fromkeys(("totals", "timeline", "countries", "cities", "revisions", "requests"), _BY_ID),
    # A ranking of all items names each by its key.
    "top": ("key", f"item.entity = d.entity AND item.entity_id = coalesce(d.entity_id, {_RANKED})"),
    "counts": ("group_id", "item.entity = 'group' AND item.entity_id = d.group_id"),
}
# What a folder has once (the README says it), and what leads back to single requests: both
# stay in the Parquet, and a sheet of two million rows is read more easily without.
_LEFT_OUT = {"institution", "request_id", "harvested_at", "old_harvested_at"}
_ORDERS = {
    "totals": "entity, counter, snapshot, entity_id",
    "timeline": "entity, counter, granularity, entity_id, sub_item, sub_item_id, period_start",
    "countries": "entity, counter, granularity, entity_id, sub_item, sub_item_id, period_start,"
    " country",
    "cities": "entity, counter, granularity, entity_id, sub_item, sub_item_id, period_start,"
    " country, city",
    "top": "entity, counter, snapshot, sub_item, entity_id, rank",
    "counts": "snapshot, group_id",
    "entities": "entity, entity_id",
    "revisions": "dataset, entity, counter, granularity, entity_id, period_start, harvested_at",
    "requests": "run_id, request_id",
}


def prepare(tables: Tables) -> None:
    """Make `item`: what is known of each entity, once each, its texts made harmless."""
    clean = ", ".join(f"{harmless(each)} AS {each}" for each in (*_JOINED, "defined_type_name"))
    make_item(tables, columns=clean)


def sheets(tables: Tables, choice: ExportChoice) -> Iterator[Sheet]:
    """The sheets of an export, those that people open first first.

    Raises:
        UsageError: a dataset was named that the job does not have.
    """
    names = choice.names(tables.present)
    if "totals" in names:
        yield _totals_by_item(choice)
    if "timeline" in names:
        yield from _months_by_item(tables, choice)
    for name in names:
        yield _dataset(name, choice)


def _dataset(name: str, choice: ExportChoice) -> Sheet:
    condition, values = choice.condition(name)
    declared = COLUMNS[name]
    keys = [each for each in ("entity", "counter", "granularity") if each in declared]
    left_out = _LEFT_OUT if name not in ON_DEMAND else set()
    others = [each for each in declared if each not in keys and each not in left_out]
    joined = _JOINS.get(name)
    columns: list[SheetColumn] = []
    for each in [*keys, *others]:
        columns.append(column(each, declared[each], f"d.{each}"))
        if joined and each == joined[0]:
            columns += [SheetColumn(one, Form.TEXT, f"item.{one}") for one in _JOINED]
    picked = f"(SELECT * FROM {name} WHERE {condition}) d"
    if joined:
        picked += f" LEFT JOIN item ON {joined[1]}"
    order = ", ".join(f"d.{each.strip()} NULLS FIRST" for each in _ORDERS[name].split(","))
    return Sheet(name, ABOUT[Dataset(name)], tuple(columns), picked, tuple(values), order)


def _totals_by_item(choice: ExportChoice) -> Sheet:
    condition, values = choice.condition("totals")
    latest = (
        f"(SELECT * FROM totals WHERE {condition} QUALIFY row_number() OVER (PARTITION BY"
        " entity, entity_id, counter ORDER BY snapshot DESC, harvested_at DESC) = 1) d"
        " LEFT JOIN item ON item.entity = d.entity AND item.entity_id = d.entity_id"
    )
    columns = (
        SheetColumn("entity", Form.TEXT, "d.entity"),
        SheetColumn("entity_id", Form.WHOLE, "d.entity_id"),
        *_known("title", "doi", "defined_type_name"),
        SheetColumn("group_id", Form.WHOLE, "any_value(item.group_id)"),
        SheetColumn("published_date", Form.DATE, "any_value(item.published_date)"),
        *(
            SheetColumn(each, Form.WHOLE, f"any_value(d.value) FILTER (WHERE d.counter = '{each}')")
            for each in choice.counters or Counter
        ),
        SheetColumn("snapshot", Form.DATE, "max(d.snapshot)"),
    )
    about = "One row an item: all-time counts at their latest reading (snapshot)."
    return Sheet(
        "totals by item",
        about,
        columns,
        latest,
        tuple(values),
        "d.entity, d.entity_id",
        "d.entity, d.entity_id",
    )


@dataclass(frozen=True, slots=True)
class _Months:
    counter: str
    grain: str
    first: date
    last: date
    covered_to: date


def _months_by_item(tables: Tables, choice: ExportChoice) -> Iterator[Sheet]:
    """One sheet a counter: a row an item, a column a month."""
    condition, values = choice.condition("timeline")
    unfiltered = f"{condition} AND sub_item IS NULL AND granularity IN ('month', 'day')"
    found = tables.rows(
        "SELECT counter, CASE WHEN bool_or(granularity = 'month') THEN 'month' ELSE 'day' END,"
        " min(period_start), max(period_start), max(period_end)"
        f" FROM timeline WHERE {unfiltered} GROUP BY counter",
        values,
    )
    order = {each.value: place for place, each in enumerate(Counter)}
    for row in sorted((row for row in found if row[0] in order), key=lambda row: order[row[0]]):
        months = _Months(*row)
        source = (
            f"(SELECT * FROM timeline WHERE {unfiltered} AND counter = '{months.counter}'"
            f" AND granularity = '{months.grain}') d"
            " LEFT JOIN item ON item.entity = d.entity AND item.entity_id = d.entity_id"
        )
        yield Sheet(
            f"{months.counter} by month",
            f"One row an item, one column a month: {months.counter}. An empty cell: no events, or"
            " not known (see requests).",
            (*_item_columns(), *_month_columns(months)),
            source,
            tuple(values),
            "d.entity, d.entity_id",
            "d.entity, d.entity_id",
        )


def _item_columns() -> tuple[SheetColumn, ...]:
    return (
        SheetColumn("entity", Form.TEXT, "d.entity"),
        SheetColumn("entity_id", Form.WHOLE, "d.entity_id"),
        *_known("title", "doi"),
        SheetColumn("all months", Form.WHOLE, "CAST(sum(d.value) AS BIGINT)"),
    )


def _known(*names: str) -> tuple[SheetColumn, ...]:
    return tuple(SheetColumn(each, Form.TEXT, f"any_value(item.{each})") for each in names)


def _month_columns(months: _Months) -> Iterator[SheetColumn]:
    start = Granularity.MONTH.period_start(months.first)
    while start <= months.last:
        end = Granularity.MONTH.period_end(start)
        name = f"{start:%Y-%m}"
        if end > months.covered_to:
            name += f" (to {months.covered_to.day})"
        condition = f"d.period_start BETWEEN DATE '{start}' AND DATE '{end}'"
        yield SheetColumn(
            name, Form.WHOLE, f"CAST(sum(d.value) FILTER (WHERE {condition}) AS BIGINT)"
        )
        start = date.fromordinal(end.toordinal() + 1)
