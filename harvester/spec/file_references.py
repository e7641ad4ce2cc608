"""The files that a spec names: where they lie, and what they were found to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from harvester.model.entity import FileIds
from harvester.model.terms import Kind
from harvester.spec.issue import Mistake
from harvester.spec.jobspec import IdFile, JobSpec
from harvester.spec.positions import spot
from harvester.spec.source import SecretPlace
from harvester.spec.yaml_nodes import Node, plain


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file of ids in a spec.

    Attributes:
        file: with its path from the working directory.
    """

    kind: Kind
    file: IdFile
    root: Node

    def mistake(
        self, key: Literal["path", "column", "where"], sentence: str, *, below: str | None = None
    ) -> Mistake:
        """A mistake that shows when the file is read, at the key it belongs to.

        Args:
            below: the key below it that is wrong.
        """
        path = ("entities", self.kind.value, "file")
        if below is not None:
            whole = (*path, key, below)
            return spot(self.root, whole).mistake(whole, sentence, at_key=True)
        if key == "column" and self.file.column is None:
            return spot(self.root, path).mistake(path, sentence)
        return spot(self.root, (*path, key)).mistake((*path, key), sentence)


def named_files(root: Node | None, folder: Path) -> list[NamedFile]:
    """The files of a spec that can be read, whatever else is wrong with it."""
    found: list[NamedFile] = []
    if root is None:
        return found
    for kind in Kind:
        place = spot(root, ("entities", kind.value, "file"))
        if not place.is_exact:
            continue
        try:
            file = IdFile.model_validate(plain(place.node))
        except ValidationError:
            continue
        found.append(NamedFile(kind, anchored_file(file, folder), root))
    return found


def with_file_ids(job: JobSpec, found: Mapping[Kind, FileIds]) -> JobSpec:
    """The same job, holding what its files held."""
    entities = {
        kind: held.model_copy(update={"file": held.file.with_found(found[kind])})
        if held.file and kind in found
        else held
        for kind, held in job.entities.items()
    }
    return job.model_copy(update={"entities": entities})


def anchored(job: JobSpec, folder: Path) -> JobSpec:
    """The same job, with the files it names called by their way from the working directory."""
    source = job.source
    places = {"credentials": source.credentials, "token": source.token}
    moved: dict[str, object] = {
        name: SecretPlace(file=str(folder / place.file))
        for name, place in places.items()
        if place and place.file
    }
    if source.ca_file:
        moved["ca_file"] = str(folder / source.ca_file)
    entities = {
        kind: held.model_copy(update={"file": anchored_file(held.file, folder)})
        if held.file
        else held
        for kind, held in job.entities.items()
    }
    return job.model_copy(update={"source": source.model_copy(update=moved), "entities": entities})


def anchored_file(file: IdFile, folder: Path) -> IdFile:
    """The same file of ids, called by its way from the working directory."""
    return file.model_copy(update={"path": str(folder / file.path)})
