"""The columns of every dataset as SQL types, also of those that a job may lack (contract §3)."""

from __future__ import annotations

import pyarrow as pa

from harvester.model.rows import DATE, LONG, MOMENT, PARTITION_KEYS, SCHEMAS, TEXT

# `entities/` comes from a stage that not every version of a folder has seen.
_SOMETIMES: dict[str, list[tuple[str, pa.DataType]]] = {
    "entities": [
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
        ("is_listed", pa.bool_()),
        ("harvested_at", MOMENT),
        ("entity", TEXT),
    ],
}
_SQL = {
    TEXT: "VARCHAR",
    LONG: "BIGINT",
    pa.int32(): "INTEGER",
    DATE: "DATE",
    MOMENT: "TIMESTAMPTZ",
    pa.bool_(): "BOOLEAN",
    pa.binary(): "BLOB",
}


def _declared() -> dict[str, dict[str, str]]:
    known = {
        name.value: [
            *((field.name, field.type) for field in schema),
            *((key, TEXT) for key in PARTITION_KEYS[name]),
        ]
        for name, schema in SCHEMAS.items()
    }
    return {
        name: {column: _SQL[kind] for column, kind in columns}
        for name, columns in {**_SOMETIMES, **known}.items()
    }


# dataset -> column -> SQL type, partition keys last.
COLUMNS: dict[str, dict[str, str]] = _declared()
