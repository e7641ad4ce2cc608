"""A spec file in, a typed `JobSpec` out, or every mistake in it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

import yaml
from pydantic import ValidationError

from harvester.errors import SpecError
from harvester.spec.cross_checks import problems
from harvester.spec.doi_ids import with_ids_of_dois
from harvester.spec.draft import draft_of
from harvester.spec.file_references import NamedFile, anchored, named_files
from harvester.spec.issue import Mistake
from harvester.spec.jobspec import JobSpec
from harvester.spec.messages import mistake_of
from harvester.spec.positions import spot
from harvester.spec.text import Unreadable, decoded, file_bytes
from harvester.spec.yaml_errors import syntax_mistake
from harvester.spec.yaml_nodes import Node, YamlScalar, plain
from harvester.spec.yaml_tree import MAX_MISTAKES, TreeBuilder, TreeRefused

# The parser in C is fourteen times as fast; some builds of PyYAML come without it.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Judged:
    """A spec file as far as it can be understood by itself.

    Attributes:
        where: what its mistakes call it.
        job: None when there are mistakes.
        mistakes: in no order.
        files: the files of ids that it names, to be read by whoever can.
    """

    where: str
    job: JobSpec | None
    mistakes: tuple[Mistake, ...] = ()
    files: tuple[NamedFile, ...] = ()


def load(path: Path, *, today: date) -> JobSpec:
    """Read a job spec, but not the files of ids that it names.

    Args:
        today: the run's date (UTC), against which periods are judged.

    Raises:
        SpecError: with every mistake of the file, a line each, in the file's order.
    """
    judged = judge(path, today=today)
    if judged.job is None:
        raise SpecError(mistake_lines(judged.mistakes, judged.where), where=judged.where)
    return judged.job


def judge(path: Path, *, today: date) -> Judged:
    """Read a job spec as `load` does; its mistakes are returned, to be told with those of others.

    Raises:
        SpecError: there is no such file, or it cannot be read at all.
    """
    where = str(path) if str(path).isprintable() else repr(str(path))
    try:
        content = file_bytes(path)
    except Unreadable as error:
        raise SpecError([f"{where}: {error.complaint}"], where=where) from None
    found, root = _judged(content, today)
    files = tuple(named_files(root, path.parent))
    if isinstance(found, JobSpec):
        return Judged(where, anchored(found, path.parent), files=files)
    return Judged(where, None, tuple(found), files)


def load_text(content: bytes, *, where: str, today: date) -> JobSpec:
    """Read a job spec that is already in memory.

    Args:
        where: what its mistakes call the file.

    Raises:
        SpecError: as `load`.
    """
    found, _ = _judged(content, today)
    if isinstance(found, JobSpec):
        return found
    raise SpecError(mistake_lines(found, where), where=where)


def mistake_lines(mistakes: Iterable[Mistake], where: str) -> list[str]:
    """Mistakes as they are told: a line each, in the file's order, each once, not too many."""
    ordered = sorted(mistakes, key=lambda each: (each.line, each.column))
    lines = list(dict.fromkeys(each.text(where) for each in ordered))
    if len(lines) > MAX_MISTAKES:
        lines[MAX_MISTAKES:] = [f"{where}: and more: only the first {MAX_MISTAKES:,} are listed"]
    return lines


def _judged(content: bytes, today: date) -> tuple[JobSpec | list[Mistake], Node | None]:
    """The job or its mistakes, and the tree of its text, if it is one."""
    tree = TreeBuilder()
    try:
        text = decoded(content)
        tree.read(yaml.parse(text, Loader=_LOADER))
    except Unreadable as error:
        return [_placed(error.complaint)], None
    except TreeRefused:
        return tree.mistakes, None
    except yaml.YAMLError as error:
        return [*tree.mistakes, syntax_mistake(error, text.splitlines())], None
    if tree.root is None or (isinstance(tree.root, YamlScalar) and not tree.root.text):
        sentence = "the file is empty: `harvester init` writes a spec to start from"
        return [Mistake(1, 1, (), sentence)], None
    return _understood(tree.root, tree.mistakes, today), tree.root


def _understood(root: Node, told: list[Mistake], today: date) -> JobSpec | list[Mistake]:
    values = plain(root)
    if isinstance(values, dict):
        with_ids_of_dois(values)
    mistakes = list(told)
    job: JobSpec | None = None
    try:
        job = JobSpec.model_validate(values)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        found = (mistake_of(each, root) for each in errors)
        mistakes += islice((each for each in found if each), MAX_MISTAKES + 1)
    if isinstance(values, dict):
        for each in problems(draft_of(values), today):
            place = spot(root, each.path)
            mistakes.append(place.mistake(each.path, each.sentence, at_key=each.at_key))
    return job if job and not mistakes else mistakes


def _placed(complaint: Mistake | str) -> Mistake:
    return complaint if isinstance(complaint, Mistake) else Mistake(1, 1, (), complaint)
