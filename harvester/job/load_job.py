"""A spec and the files of ids that it names, read together: every mistake of all at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from harvester.errors import SpecError
from harvester.id_files.read import IdFileContents, read_ids
from harvester.id_files.table import FileRefused
from harvester.model.entity import FileIds
from harvester.model.suggestions import quoted
from harvester.model.terms import Kind
from harvester.spec.file_references import with_file_ids
from harvester.spec.jobspec import JobSpec
from harvester.spec.load_spec import judge, mistake_lines


def load_job(path: Path, *, today: date) -> JobSpec:
    """Read a job spec and its files of ids; the job holds the ids from then on.

    Args:
        today: the run's date (UTC), against which periods are judged.

    Raises:
        SpecError: with every mistake, a line each: those of the spec, then those of each file.
    """
    judged = judge(path, today=today)
    mistakes = list(judged.mistakes)
    misread: list[str] = []
    found: dict[Kind, FileIds] = {}
    for named in judged.files:
        file = named.file
        try:
            contents = read_ids(Path(file.path), named.kind, file.column, file.where)
        except FileRefused as error:
            what = {"path": f"{quoted(file.path)} ", "where": "'where' "}.get(error.key, "")
            what = "" if error.below else what
            mistakes.append(named.mistake(error.key, f"{what}{error.sentence}", below=error.below))
        else:
            found[named.kind] = contents.found
            misread += _lines(file.path, contents)
    lines = [*mistake_lines(mistakes, judged.where), *misread]
    if judged.job is None or lines:
        raise SpecError(lines, where=judged.where)
    return with_file_ids(judged.job, found) if found else judged.job


def _lines(path: str, contents: IdFileContents) -> list[str]:
    """`batch-export.csv:17:item_id: sentence`, a line for each cell that is no id."""
    lines = [f"{path}:{each.row}:{each.column}: {each.sentence}" for each in contents.misread]
    if contents.more:
        lines.append(f"{path}: and {contents.more:,} more cells that are no ids")
    return lines
