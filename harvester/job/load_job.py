"""A spec and the files of ids that it names, read together: every mistake of all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from harvester.errors import SpecError
from harvester.id_files.read import read_ids
from harvester.id_files.resolved_dois import (
    NotOurList,
    Resolved,
    read_resolved,
    resolved_path,
)
from harvester.id_files.row_collector import IdFileContents
from harvester.id_files.table import FileRefused
from harvester.model.doi import HAVE_DOIS, OpaqueDoi
from harvester.model.entity import FileIds
from harvester.model.suggestions import quoted
from harvester.model.terms import Kind
from harvester.spec.file_references import NamedFile, with_file_ids
from harvester.spec.issue import Mistake
from harvester.spec.jobspec import JobSpec
from harvester.spec.load_spec import judge, mistake_lines


@dataclass(frozen=True, slots=True)
class OpenDois:
    """DOIs of one file that hold no id, and that nobody has looked up yet.

    Attributes:
        list: where the answers of a look-up stand.
    """

    kind: Kind
    list: Path
    dois: tuple[OpaqueDoi, ...]


@dataclass(frozen=True, slots=True)
class JobReading:
    """What a spec and its files of ids came to.

    Attributes:
        where: what mistakes call the spec.
        job: with the ids of its files; None: the spec is wrong.
        mistakes: lines for the user, but for those about DOIs.
        open_dois: what a look-up may tell.
        doi_lines: why no run begins before one, a line for each file.
    """

    where: str
    job: JobSpec | None
    mistakes: tuple[str, ...]
    open_dois: tuple[OpenDois, ...]
    doi_lines: tuple[str, ...]


def load_job(path: Path, *, today: date) -> JobSpec:
    """Read a job spec and its files of ids; the job holds the ids from then on.

    Args:
        today: the run's date (UTC), against which periods are judged.

    Raises:
        SpecError: with every mistake, a line each: those of the spec, then those of each file.
    """
    reading = read_job(path, today=today)
    lines = [*reading.mistakes, *reading.doi_lines]
    if reading.job is None or lines:
        raise SpecError(lines, where=reading.where)
    return reading.job


def read_job(path: Path, *, today: date) -> JobReading:
    """Read a job spec and its files of ids as `load_job` does; what is wrong is returned.

    Raises:
        SpecError: there is no such spec, or it cannot be read at all.
    """
    judged = judge(path, today=today)
    files = _Files(path)
    for named in judged.files:
        files.read(named)
    job = judged.job
    return JobReading(
        judged.where,
        with_file_ids(job, files.found) if job and files.found else job,
        (*mistake_lines([*judged.mistakes, *files.mistakes], judged.where), *files.misread),
        tuple(files.open_dois),
        tuple(files.doi_lines),
    )


@dataclass(slots=True)
class _Files:
    """The files of ids of one spec, as far as they are read."""

    spec: Path
    found: dict[Kind, FileIds] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    open_dois: list[OpenDois] = field(default_factory=list)
    doi_lines: list[str] = field(default_factory=list)

    def read(self, named: NamedFile) -> None:
        file, kind = named.file, named.kind
        resolved: Resolved = {}
        odd = ""
        try:
            if kind in HAVE_DOIS:
                resolved = read_resolved(resolved_path(Path(file.path), kind), kind)
        except NotOurList as error:
            odd = str(error)  # a mistake only where it is needed
        try:
            contents = read_ids(Path(file.path), kind, file.column, file.where, resolved)
        except FileRefused as error:
            self._refuse(named, error)
            return
        self.found[kind] = contents.found
        self.misread += _lines(file.path, contents)
        if contents.opaque.dois:
            self._open(named, contents, odd)

    def _refuse(self, named: NamedFile, error: FileRefused) -> None:
        what = {"path": f"{quoted(named.file.path)} ", "where": "'where' "}.get(error.key, "")
        if error.below:
            what = ""
        sentence = f"{what}{error.sentence}"
        self.mistakes.append(named.mistake(error.key, sentence, below=error.below))

    def _open(self, named: NamedFile, contents: IdFileContents, odd: str) -> None:
        """One line for all of a file's DOIs without an id: a list of papers has thousands."""
        path, cells = named.file.path, contents.opaque
        beside = resolved_path(Path(path), named.kind)
        self.open_dois.append(OpenDois(named.kind, beside, tuple(cells.dois.values())))
        if odd:
            self.doi_lines.append(
                f"{beside}: this is no list that a look-up of DOIs wrote ({odd}): move it away"
            )
            return
        first = cells.first
        where = f", the first in row {first.row}: {first.sentence}" if first else ""
        count = "1 row has" if cells.rows == 1 else f"{cells.rows:,} rows have"
        self.doi_lines.append(
            f"{path}: {count} a DOI that holds no id{where}. Look them up once: "
            f"`harvester check {self.spec} --resolve`"
        )


def _lines(path: str, contents: IdFileContents) -> list[str]:
    """`batch-export.csv:17:item_id: sentence`, a line for each cell that is no id."""
    lines = [f"{path}:{each.row}:{each.column}: {each.sentence}" for each in contents.misread]
    if contents.more:
        lines.append(f"{path}: and {contents.more:,} more cells that are no ids")
    return lines
