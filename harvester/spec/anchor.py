"""Paths that a spec names are relative to the spec, wherever it is read from."""

from __future__ import annotations

from pathlib import Path

from harvester.spec.jobspec import JobSpec
from harvester.spec.source import Secret


def anchored(job: JobSpec, folder: Path) -> JobSpec:
    """The same job, with the files of its secrets named from the working directory."""
    source = job.source
    places = {"credentials": source.credentials, "token": source.token}
    moved = {
        name: Secret(file=str(folder / place.file))
        for name, place in places.items()
        if place and place.file
    }
    if not moved:
        return job
    return job.model_copy(update={"source": source.model_copy(update=moved)})
