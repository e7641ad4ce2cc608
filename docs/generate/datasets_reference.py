"""docs/datasets.md, written from model/rows.py: `python -m docs.generate.datasets_reference`.

Run it after a column was added or a meaning changed; a test compares the page with the code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pyarrow as pa

from harvester.model.meanings import ABOUT, VIEWS, ViewMeaning, meaning
from harvester.model.rows import KEYS, PARTITION_KEYS, SCHEMAS, Dataset

_INTRODUCTION = """\
# The datasets

<!-- Written by `python -m docs.generate.datasets_reference > docs/datasets.md`; edit the code. -->

Every column of every dataset in `<output.path>/<name>/`. Partition keys stand in the path
(`entity=article/`), as text, and not in the files. What stands once in a partition is its key.
What the datasets promise as a whole, and when a row is absent, stands in
[the contract](contract.md#3-the-output); how to ask them, in [analysis.md](analysis.md).
"""
_VIEWS = """\
## Views

`harvester.open(folder).sql(...)` has these beside the datasets: one reading, one granularity, one
kind each, so that a sum counts nothing twice ([analysis.md](analysis.md)). They are no files.
"""
_TYPES = {
    pa.string(): "text",
    pa.int64(): "int64",
    pa.int32(): "int32",
    pa.date32(): "date",
    pa.bool_(): "bool",
    pa.timestamp("us", tz="UTC"): "timestamp, UTC",
    pa.binary(): "bytes",
}


def reference_text() -> str:
    """The whole page."""
    datasets = (line for each in Dataset for line in _section(each))
    views = (line for each in VIEWS for line in _view(each))
    return "\n".join([_INTRODUCTION, *datasets, _VIEWS, *views])


def _section(dataset: Dataset) -> Iterator[str]:
    keys = KEYS[dataset]
    yield f"## {dataset}/\n"
    yield f"{ABOUT[dataset]}\n"
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for name in PARTITION_KEYS[dataset]:
        yield f"| `{name}=` | partition | {meaning(dataset, name)} |"
    for field in SCHEMAS[dataset]:
        mark = ", key" if field.name in keys else ""
        yield f"| `{field.name}` | {_TYPES[field.type]}{mark} | {meaning(dataset, field.name)} |"
    yield ""


def _view(view: ViewMeaning) -> Iterator[str]:
    yield f"### {view.name}\n"
    yield f"{view.about}\n"
    yield "| column | meaning |"
    yield "|---|---|"
    for name, about in view.columns.items():
        yield f"| `{name}` | {about} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(reference_text())
