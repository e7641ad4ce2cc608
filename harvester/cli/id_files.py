"""What the files of ids held, said so that a wrong column or sheet is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harvester.cli.format import count
from harvester.model.suggestions import quoted
from harvester.spec.jobspec import JobSpec


def file_lines(job: JobSpec) -> Iterator[str]:
    """`article: 25,789 ids from batch-export.csv, column 'item_id'`, a line for each file."""
    for kind, held in job.entities.items():
        if held.file is None or held.file.found is None:
            continue
        found = held.file.found
        column = "its only column" if found.column is None else f"column {quoted(found.column)}"
        places = [
            Path(held.file.path).name,
            *([f"sheet {quoted(found.sheet)}"] if found.sheet else []),
            column,
        ]
        repeats = found.cells - len(found.ids)
        again = f" ({count(repeats, 'repeat')})" if repeats else ""
        yield f"{kind}: {count(len(found.ids), 'id')} from {', '.join(places)}{again}"
