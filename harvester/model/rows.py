"""The rows of every dataset: what a reply yields, and the Arrow schema it is stored under.

Types and columns are those of docs/contract.md §3. A dataset's partition keys are text
in its path and no columns of its files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

TEXT, LONG, INT, DATE = pa.string(), pa.int64(), pa.int32(), pa.date32()
FLAG = pa.bool_()
MOMENT = pa.timestamp("us", tz="UTC")


class Dataset(StrEnum):
    """One folder of the output."""

    TOTALS = "totals"
    TIMELINE = "timeline"
    COUNTRIES = "countries"
    CITIES = "cities"
    TOP = "top"
    COUNTS = "counts"
    REVISIONS = "revisions"
    ENTITIES = "entities"
    REQUESTS = "requests"
    RESPONSES = "responses"


@dataclass(frozen=True, slots=True)
class Columns:
    """What one reply brings to one dataset: only the columns that come from its body.

    The rest (institution, entity_id, filter, window, snapshot, harvested_at, request_id) is
    the same for all rows of the reply and is added when the part is written.

    Attributes:
        length: number of rows.
        values: column name -> `length` values; dates as days since 1970-01-01.
    """

    dataset: Dataset
    length: int
    values: dict[str, Sequence[int] | Sequence[str]]


_SERIES = [("institution", TEXT), ("entity_id", LONG), ("sub_item", TEXT), ("sub_item_id", TEXT)]
_PERIOD = [("period", TEXT), ("period_start", DATE), ("period_end", DATE)]
_READ = [("harvested_at", MOMENT), ("request_id", TEXT)]

SCHEMAS: dict[Dataset, pa.Schema] = {
    Dataset.TOTALS: pa.schema(
        [("institution", TEXT), ("entity_id", LONG), ("snapshot", DATE), ("value", LONG), *_READ]
    ),
    Dataset.TIMELINE: pa.schema([*_SERIES, *_PERIOD, ("value", LONG), ("origin", TEXT), *_READ]),
    Dataset.COUNTRIES: pa.schema(
        [*_SERIES, *_PERIOD, ("country", TEXT), ("value", LONG), ("unlisted", LONG), *_READ]
    ),
    Dataset.CITIES: pa.schema(
        [*_SERIES, *_PERIOD, ("country", TEXT), ("city", TEXT), ("value", LONG), *_READ]
    ),
    Dataset.TOP: pa.schema(
        [
            ("institution", TEXT),
            ("entity_id", LONG),
            ("sub_item", TEXT),
            ("window_start", DATE),
            ("window_end", DATE),
            ("snapshot", DATE),
            ("rank", INT),
            ("key", TEXT),
            ("value", LONG),
            *_READ,
        ]
    ),
    Dataset.COUNTS: pa.schema(
        [("institution", TEXT), ("group_id", LONG), ("articles", LONG), ("snapshot", DATE), *_READ]
    ),
    Dataset.REVISIONS: pa.schema(
        [
            ("dataset", TEXT),
            ("granularity", TEXT),
            *_SERIES,
            ("period", TEXT),
            ("period_start", DATE),
            ("country", TEXT),
            ("city", TEXT),
            ("old_value", LONG),
            ("new_value", LONG),
            ("old_harvested_at", MOMENT),
            ("harvested_at", MOMENT),
        ]
    ),
    Dataset.ENTITIES: pa.schema(
        [
            ("entity_id", LONG),
            ("title", TEXT),
            ("doi", TEXT),
            ("defined_type_name", TEXT),
            ("group_id", LONG),
            ("parent_id", LONG),
            ("published_date", DATE),
            ("first_online", DATE),
            ("url", TEXT),
            ("source", TEXT),
            ("last_listed", DATE),
            ("is_listed", FLAG),
            ("harvested_at", MOMENT),
        ]
    ),
    Dataset.REQUESTS: pa.schema(
        [
            ("request_id", TEXT),
            ("run_id", TEXT),
            ("institution", TEXT),
            ("endpoint", TEXT),
            ("granularity", TEXT),
            ("counter", TEXT),
            ("entity", TEXT),
            ("entity_id", LONG),
            ("sub_item", TEXT),
            ("sub_item_id", TEXT),
            ("window_start", DATE),
            ("window_end", DATE),
            ("shown_start", DATE),
            ("shown_end", DATE),
            ("snapshot", DATE),
            ("state", TEXT),
            ("reason", TEXT),
            ("proof", TEXT),
            ("http_status", INT),
            ("attempts", INT),
            ("rows", INT),
            ("bytes", LONG),
            ("finished_at", MOMENT),
            ("url", TEXT),
        ]
    ),
    Dataset.RESPONSES: pa.schema(
        [
            ("request_id", TEXT),
            ("url", TEXT),
            ("http_status", INT),
            ("content_type", TEXT),
            ("fetched_at", MOMENT),
            ("sha256", TEXT),
            ("body", pa.binary()),
        ]
    ),
}

# Columns that files of an older version lack: null there.
ADDED: dict[Dataset, frozenset[str]] = {Dataset.REQUESTS: frozenset({"shown_start", "shown_end"})}


def is_schema_of(dataset: Dataset, schema: pa.Schema) -> bool:
    """Whether a file of a dataset may have these columns, today's or an older version's."""
    declared, added = SCHEMAS[dataset], ADDED.get(dataset, frozenset())
    older = pa.schema([each for each in declared if each.name not in added])
    return bool(schema.equals(declared) or schema.equals(older))


# Partition keys by dataset, outermost first; empty: files lie directly in the dataset's folder.
PARTITION_KEYS: dict[Dataset, tuple[str, ...]] = {
    Dataset.TOTALS: ("entity", "counter"),
    Dataset.TIMELINE: ("entity", "counter", "granularity"),
    Dataset.COUNTRIES: ("entity", "counter", "granularity"),
    Dataset.CITIES: ("entity", "counter", "granularity"),
    Dataset.TOP: ("entity", "counter"),
    Dataset.COUNTS: (),
    Dataset.REVISIONS: ("entity", "counter"),
    Dataset.ENTITIES: ("entity",),
    Dataset.REQUESTS: (),
    Dataset.RESPONSES: (),
}

_PLACE = ("institution", "entity_id", "sub_item", "sub_item_id", "period", "period_start")
# What stands once in a partition (docs/contract.md §3). `period_start` tells rows of granularity
# `total` apart; elsewhere a period begins on one day.
KEYS: dict[Dataset, tuple[str, ...]] = {
    Dataset.TOTALS: ("institution", "entity_id", "snapshot"),
    Dataset.TIMELINE: ("institution", "entity_id", "sub_item", "sub_item_id", "period"),
    Dataset.COUNTRIES: (*_PLACE, "country"),
    Dataset.CITIES: (*_PLACE, "country", "city"),
    Dataset.TOP: (
        "institution", "entity_id", "sub_item", "window_start", "window_end", "snapshot", "key"
    ),
    Dataset.COUNTS: ("institution", "group_id", "snapshot"),
    Dataset.REVISIONS: tuple(SCHEMAS[Dataset.REVISIONS].names),
    Dataset.ENTITIES: ("entity_id",),
    Dataset.REQUESTS: ("request_id",),
    Dataset.RESPONSES: ("request_id",),
}  # fmt: skip
