"""Paths that a spec names are relative to the spec, wherever it is read from."""

from __future__ import annotations

from pathlib import Path

from harvester.spec.jobspec import IdFile, JobSpec
from harvester.spec.source import Secret


def anchored(job: JobSpec, folder: Path) -> JobSpec:
    """The same job, with the files it names called by their way from the working directory."""
    source = job.source
    places = {"credentials": source.credentials, "token": source.token}
    moved = {
        name: Secret(file=str(folder / place.file))
        for name, place in places.items()
        if place and place.file
    }
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
