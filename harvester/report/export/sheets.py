"""Every sheet of an export: one a dataset, and two as librarians draw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harvester.model.meanings import ABOUT
from harvester.model.rows import Dataset
from harvester.report.answered import FAILED, NOT_ASKED
from harvester.report.base_tables import make_asked, make_item
from harvester.report.export.choice import ON_DEMAND, ExportChoice
from harvester.report.export.item_sheets import months_by_item, totals_by_item
from harvester.report.export.sheet import Form, Sheet, SheetColumn, column, harmless
from harvester.report.run_periods import RunPeriod
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
# The questions that fill a dataset.
_ENDPOINTS = {
    "totals": ("total",),
    "timeline": ("timeline",),
    "countries": ("breakdown",),
    "cities": ("breakdown",),
    "top": ("top",),
    "counts": ("count",),
    "requests": ("total", "timeline", "breakdown", "top", "count"),
}
MISSING = "missing"
_MISSING_COLUMNS = (
    "entity", "entity_id", "title", "doi", "endpoint", "granularity", "counter", "sub_item",
    "sub_item_id", "window_start", "window_end", "snapshot", "state", "reason", "proof",
)  # fmt: skip
_MISSING_ORDER = (
    "entity", "entity_id", "endpoint", "granularity", "counter", "sub_item", "sub_item_id",
    "window_start", "request_id",
)  # fmt: skip
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


def prepare(tables: Tables, periods: Sequence[RunPeriod] = ()) -> None:
    """Make `item`: what is known of each entity, its texts made harmless; and `make_asked`."""
    clean = ", ".join(f"{harmless(each)} AS {each}" for each in (*_JOINED, "defined_type_name"))
    make_item(tables, columns=clean)
    make_asked(tables, periods)


def sheets(tables: Tables, choice: ExportChoice) -> Iterator[Sheet]:
    """The sheets of an export, those that people open first first.

    Raises:
        UsageError: a dataset was named that the job does not have.
    """
    names = choice.names(tables.present)
    if "totals" in names:
        yield totals_by_item(tables, choice)
    if "timeline" in names:
        yield from months_by_item(tables, choice)
    yield _missing(choice, names)
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


def _missing(choice: ExportChoice, names: Sequence[str]) -> Sheet:
    """What has no answer: of the questions that fill the datasets exported."""
    # A gap is told whole: the days chosen may cut through it.
    condition, values = replace(choice, first=None, last=None).condition("requests")
    asked = {endpoint for name in names for endpoint in _ENDPOINTS.get(name, ())}
    listed = ", ".join(f"'{each}'" for each in sorted(asked)) or "NULL"
    state = f"CASE state WHEN 'failed' THEN '{FAILED}' ELSE '{NOT_ASKED}' END"
    declared = COLUMNS["requests"]
    columns = [
        SheetColumn("state", Form.TEXT, state) if each == "state"
        else SheetColumn(each, Form.TEXT, f"item.{each}") if each in _JOINED
        else column(each, declared[each], f"d.{each}")
        for each in _MISSING_COLUMNS
    ]  # fmt: skip
    return Sheet(
        MISSING,
        "One row a request that has no answer, failed or not asked (yet), and was not asked again"
        " by a later run; none: nothing that was planned is missing.",
        tuple(columns),
        f"(SELECT * FROM gap WHERE {condition} AND endpoint IN ({listed})) d"
        f" LEFT JOIN item ON {_JOINS['requests'][1]}",
        tuple(values),
        ", ".join(f"d.{each} NULLS FIRST" for each in _MISSING_ORDER),
    )
