"""A command's JOB or OUTPUT, found."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, date, datetime
from pathlib import Path

from harvester.errors import UsageError
from harvester.job.load_job import load_job
from harvester.job.settings import JobSettings, job_folder
from harvester.spec.jobspec import JobSpec
from harvester.spec.load_spec import load
from harvester.store.own_files import refuse_links


def loaded(arguments: Namespace) -> JobSpec:
    """The job spec of a command with the ids of its files, judged against its date."""
    today: date = arguments.today or datetime.now(UTC).date()
    return load_job(arguments.job, today=today)


def settings_of(arguments: Namespace) -> JobSettings:
    """The settings of a command's job spec."""
    return JobSettings.of(loaded(arguments))


def output_folder(arguments: Namespace) -> Path:
    """The job's folder, given as itself or as the spec that wrote it.

    Raises:
        UsageError: it is neither.
        OutputError: links lie in it.
    """
    given: Path = arguments.output
    if given.is_file():
        given = job_folder(load(given, today=datetime.now(UTC).date()))
    if not (given / "_harvest").is_dir():
        raise UsageError(
            "no run has written here",
            where=str(given),
            fix="name a job's folder (<output.path>/<name>), or the spec after its first run",
        )
    refuse_links(given)
    return given


def named_spec(arguments: Namespace) -> JobSpec | None:
    """The spec, where OUTPUT names one; None: it names the folder."""
    given: Path = arguments.output
    return load_job(given, today=datetime.now(UTC).date()) if given.is_file() else None
