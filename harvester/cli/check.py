"""`harvester check`: the mistakes of a job spec, without sending anything."""

from __future__ import annotations

import sys
from argparse import Namespace

from harvester.cli.id_files import file_lines
from harvester.cli.job import loaded
from harvester.cli.words import count, duration, pace
from harvester.errors import UsageError
from harvester.harvest.facts import open_secret_files, pace_of, read_credentials
from harvester.harvest.preview import previewed
from harvester.spec.jobspec import JobSpec


def run(arguments: Namespace) -> int:
    """Judge the spec; say what it would cost; warn of credentials that are not there yet."""
    job = loaded(arguments)
    with previewed(job, arguments.today) as preview:
        questions = [each.wanted.question for each in preview.size.questions]
        for warning in open_secret_files(job):
            print(f"warning: {warning}", file=sys.stderr)
        if any(question.needs_credentials for question in questions):
            _warn_of_credentials(job)
        requests = count(preview.size.requests, "request")
        print(f"{arguments.job}: good. {requests}, {pace(pace_of(job))}: ", end="")
        print(duration(preview.size.seconds) if pace_of(job) else "no limit")
        for line in file_lines(job):
            print(line)
    return 0


def _warn_of_credentials(job: JobSpec) -> None:
    try:
        found = read_credentials(job)
    except UsageError as error:
        print(f"warning: {error.what}; `run` will need it. {error.fix}", file=sys.stderr)
        return
    if found is None and not job.source.simulator:
        print(
            "warning: timeline, breakdown and top of an institution need source.credentials",
            file=sys.stderr,
        )
