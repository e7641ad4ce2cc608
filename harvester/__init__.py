"""The harvester for Figshare's usage statistics.

import harvester

job = harvester.load_job("job.yaml")
plan = harvester.plan(job)                 # counts, stages, seconds
result = harvester.run(job)                # or: await harvester.run_async(job)
output = harvester.open("output/my-job")
output.timeline                            # a pyarrow Dataset; likewise every dataset
output.sql("select sum(views) from articles_totals").show()
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.version import __version__

if TYPE_CHECKING:
    from harvester.harvest.result import RunResult
    from harvester.job.options import RunOptions
    from harvester.planner.size import PlanSize
    from harvester.spec.jobspec import JobSpec
    from harvester.store.dataset import Output

__all__ = ["__version__", "load_job", "open", "plan", "run", "run_async"]


def load_job(path: str | Path, *, today: date | None = None) -> JobSpec:
    """Read a job spec, and the files of ids that it names: the job keeps what they hold now.

    Args:
        today: the date its periods are judged against; None: today, UTC.

    Raises:
        harvester.errors.SpecError: with every mistake of spec and files, each with its place.
    """
    from datetime import UTC, datetime

    from harvester.job.load_job import load_job as read

    return read(Path(path), today=today or datetime.now(UTC).date())


def plan(job: JobSpec, *, today: date | None = None) -> PlanSize:
    """Count what a run of this job would ask now; sends nothing.

    Returns:
        `.requests`, `.seconds` at the job's pace, `.stages` (requests by endpoint), `.done`.
    """
    from harvester.job.settings import JobSettings
    from harvester.preview.plan import previewed

    with previewed(JobSettings.of(job), today) as preview:
        return preview.size


def run(job: JobSpec, options: RunOptions | None = None) -> RunResult:
    """Harvest a job, or go on with its unfinished run; see `run_async`."""
    import anyio

    return anyio.run(run_async, job, options)


async def run_async(job: JobSpec, options: RunOptions | None = None) -> RunResult:
    """Harvest a job, or go on with its unfinished run.

    Returns:
        How it ended; `.exit_code` is the command line's, `.problem` why the service was left
        alone, if it was.

    Raises:
        harvester.errors.UsageError: the call does not fit the output folder.
        harvester.errors.OutputError: the output cannot be written, or is damaged.
    """
    from harvester.harvest.run import run_async as harvest
    from harvester.job.settings import JobSettings

    settings = JobSettings.of(job)
    if options is None or not options.refetch:
        return await harvest(settings, options)
    import anyio.to_thread

    from harvester.recovery.refetch import made_ready

    refetch = await anyio.to_thread.run_sync(made_ready, settings, options, lambda _: None)
    return refetch.ended(await harvest(settings, options))


def open(folder: str | Path) -> Output:  # noqa: A001  # the name of docs/contract.md §4
    """Open a job's output for analysis, also while a run writes it.

    Raises:
        harvester.errors.OutputError: the folder is no job's output.
    """
    from harvester.store.dataset import Output

    return Output(folder)
