"""Which text of a dataset is words: few values that many rows share."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from harvester.model.rows import SCHEMAS, TEXT, Dataset
from harvester.store.columns import WORD

# Text that nearly every row has for itself; all other text is words.
_OF_ITS_OWN: dict[Dataset, frozenset[str]] = {
    Dataset.TOTALS: frozenset({"request_id"}),
    Dataset.ENTITIES: frozenset({"title", "doi", "url"}),
    Dataset.REQUESTS: frozenset({"request_id", "proof", "url"}),
    Dataset.RESPONSES: frozenset({"request_id", "url", "sha256"}),
}


@cache
def packed_schema(dataset: Dataset) -> pa.Schema:
    """The declared schema with words as Arrow's dictionaries.

    Parquet packs text as a dictionary anyway. Given one, it need not look every row's text up:
    two thirds of what writing a timeline cost. Readers see no difference.
    """
    own = _OF_ITS_OWN.get(dataset, frozenset())
    return pa.schema(
        [
            (field.name, WORD if field.type == TEXT and field.name not in own else field.type)
            for field in SCHEMAS[dataset]
        ]
    )


def packed(table: pa.Table, dataset: Dataset) -> pa.Table:
    """A table under the declared schema or the packed one, under the packed one."""
    schema = packed_schema(dataset)
    for place, field in enumerate(schema):
        column = table.column(place)
        if field.type == WORD and column.type != WORD:
            table = table.set_column(place, field, column.dictionary_encode())
    return table
