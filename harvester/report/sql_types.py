"""The columns of every dataset (docs/contract.md §3) as SQL types, of absent ones, too."""

from __future__ import annotations

import pyarrow as pa

from harvester.model.rows import DATE, LONG, MOMENT, PARTITION_KEYS, SCHEMAS, TEXT

_SQL = {
    TEXT: "VARCHAR",
    LONG: "BIGINT",
    pa.int32(): "INTEGER",
    DATE: "DATE",
    MOMENT: "TIMESTAMPTZ",
    pa.bool_(): "BOOLEAN",
    pa.binary(): "BLOB",
}

# dataset -> column -> SQL type, partition keys last.
COLUMNS: dict[str, dict[str, str]] = {
    name.value: {
        **{field.name: _SQL[field.type] for field in schema},
        **dict.fromkeys(PARTITION_KEYS[name], "VARCHAR"),
    }
    for name, schema in SCHEMAS.items()
}
