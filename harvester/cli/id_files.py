"""What the files of ids held, said so that a wrong column or sheet is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harvester.cli.format import count
from harvester.id_files.resolved_dois import resolved_path
from harvester.model.entity import RowNotes
from harvester.model.suggestions import quoted
from harvester.model.terms import Kind
from harvester.spec.jobspec import JobSpec

_SHOWN = 5  # statuses by name


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
        yield from _notes(found.notes)
        yield from _lookup_notes(found.notes, Path(held.file.path), kind)


def lookup_lines(job: JobSpec) -> Iterator[str]:
    """What a run takes from an earlier look-up of DOIs, or leaves out for it, kind by kind."""
    for kind, held in job.entities.items():
        if held.file is not None and held.file.found is not None:
            for line in _lookup_notes(held.file.found.notes, Path(held.file.path), kind):
                yield f"{kind}: {line.strip()}"


def _lookup_notes(notes: RowNotes, file: Path, kind: Kind) -> Iterator[str]:
    if notes.looked_up:
        known = count(notes.looked_up, "id")
        yield f"  {known} by DOIs that were looked up, from {resolved_path(file, kind).name}"
    if notes.unknown:
        yield (
            f"  {count(notes.unknown, 'row')} left out: their DOIs are at no public item of "
            f"Figshare's (not_found in {resolved_path(file, kind).name})"
        )


def _notes(notes: RowNotes) -> Iterator[str]:
    """What a user would want to know of the rows, each on a line of its own."""
    if notes.left_out:
        rows = notes.read + notes.left_out
        yield f"  {notes.left_out:,} of {count(rows, 'row')} left out by `where`"
    if notes.not_public:
        rows = sum(each for _, each in notes.not_public)
        named = ", ".join(f"{each:,} {word or 'blank'}" for word, each in notes.not_public[:_SHOWN])
        yield (
            f"  {rows:,} of {count(notes.read, 'row')} not public by column {quoted(notes.status)} "
            f"({named}), and read all the same: such items count nothing, and "
            f"`where: {{{notes.status}: public}}` leaves them out"
        )
    if notes.hidden:
        yield (
            f"  {notes.hidden:,} of {count(notes.read, 'row')} hidden in the workbook, by a filter "
            "or by hand, and read all the same: `where` leaves rows out"
        )
