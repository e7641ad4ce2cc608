"""`harvester plan`: how many requests a job makes and how long they take; sends nothing."""

from __future__ import annotations

import sys
from argparse import Namespace

import orjson

from harvester.cli.job import loaded
from harvester.cli.words import count, duration, pace
from harvester.fetch.url import Writer
from harvester.harvest.facts import pace_of, shown_address
from harvester.harvest.preview import Preview, previewed
from harvester.planner.size import PlanSize
from harvester.spec.jobspec import JobSpec


def run(arguments: Namespace) -> int:
    """Print the plan in the form asked for."""
    job = loaded(arguments)
    with previewed(job, arguments.today) as preview:
        if arguments.urls:
            address = Writer(shown_address(job)).address
            for request in preview.requests:
                print(address(request))
        elif arguments.json:
            print(orjson.dumps(_as_json(preview.size), option=orjson.OPT_INDENT_2).decode())
        else:
            _show(job, preview)
        above: int | None = arguments.fail_above
        if above is not None and preview.size.requests > above:
            needed = count(preview.size.requests, "request")
            print(f"harvester: {needed} may be needed, more than {above:,}", file=sys.stderr)
            return 1
    return 0


def _show(job: JobSpec, preview: Preview) -> None:
    size = preview.size
    width = max([len(each.wanted.question.key) for each in size.questions] + [8])
    print(f"{'question':<{width}}  {'entities':>9}  {'requests':>10}  period")
    for each in size.questions:
        question = each.wanted.question
        period = str(each.wanted.window or "")
        print(
            f"{question.key:<{width}}  {each.entities:>9,}  {each.requests:>10,}  {period}".rstrip()
        )
    print()
    for endpoint, requests in size.stages.items():
        print(f"{endpoint.value + ':':<{width}}  {count(requests, 'request'):>21}")
    saved = {stage: size.not_needed(stage) for stage in size.stages}
    for stage, reasons in saved.items():
        for reason, number in reasons.items():
            print(
                f"{stage}: {count(number, 'stretch')} not asked: {reason}".replace(
                    "stretchs", "stretches"
                )
            )
    if preview.goes_on and not preview.is_finished:
        print(f"run {preview.goes_on} goes on: {count(size.done, 'request')} answered already")
    if preview.is_finished:
        print(f"finished for this date by run {preview.goes_on}: nothing to ask")
        if preview.failed:
            print(f"{count(preview.failed, 'request')} failed: harvester failures JOB --retry")
    print(f"to ask: {count(size.requests, 'request')}, {pace(pace_of(job))}", end="")
    print(f": {duration(size.seconds)}" if pace_of(job) else "")


def _as_json(size: PlanSize) -> dict[str, object]:
    """The form of the contract (§1); least and most are the same: every request is known."""
    seconds = round(size.seconds, 3)
    return {
        "requests": {"least": size.requests, "most": size.requests},
        "seconds": {"least": seconds, "most": seconds},
        "stages": [
            {
                "stage": stage.value,
                "least": requests,
                "most": requests,
                "not_needed": size.not_needed(stage),
            }
            for stage, requests in size.stages.items()
        ],
        "done": size.done,
    }
