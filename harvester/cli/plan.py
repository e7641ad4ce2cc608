"""`harvester plan`: how many requests a job makes and how long they take; sends nothing."""

from __future__ import annotations

import sys
from argparse import Namespace

import orjson

from harvester.cli.job import loaded
from harvester.cli.summary import WORDS
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
            print(orjson.dumps(_as_json(preview), option=orjson.OPT_INDENT_2).decode())
        else:
            _show(job, preview)
        above: int | None = arguments.fail_above
        most = 0 if preview.is_finished else preview.size.most
        if above is not None and most > above:
            needed = count(most, "request")
            print(f"harvester: {needed} may be needed, more than {above:,}", file=sys.stderr)
            return 1
    return 0


def _show(job: JobSpec, preview: Preview) -> None:
    size = preview.size
    _show_questions(size)
    for stage in size.stages:
        print(f"{stage.stage.value + ':':<12}{_span(stage.least, stage.most):>24} requests")
        for reason, number in sorted(stage.not_needed.items()):
            print(f"{'':<12}{number:>24,} stretches not asked: {WORDS.get(reason, reason)}")
    if not preview.is_finished and size.least < size.most:
        print("each stage is planned from the answers of the one before; the fewest is if they")
        print("spare all that answers can, the most is if they spare nothing")
    if preview.goes_on and not preview.is_finished:
        print(f"run {preview.goes_on} goes on: {count(size.done, 'request')} answered already")
    if preview.is_finished:
        print(f"finished for this date by run {preview.goes_on}: nothing to ask")
        if preview.failed:
            print(f"{count(preview.failed, 'request')} failed: harvester failures JOB --retry")
        return
    print(f"to ask: {_span(size.least, size.most)} requests, {pace(pace_of(job))}{_time(size)}")
    if size.next_month:
        least, most = size.next_month
        hours = f": at most {duration(size.at_pace(most))}" if pace_of(job) else ""
        print(f"the same job in a month: {_span(least, most)} requests{hours}")


def _show_questions(size: PlanSize) -> None:
    if not size.questions:
        return
    width = max([len(each.wanted.question.key) for each in size.questions] + [8])
    print(f"{'question':<{width}}  {'entities':>9}  {'requests':>19}  period")
    for each in size.questions:
        question = each.wanted.question
        period = "as evidence only" if each.is_evidence else str(each.wanted.window or "")
        requests = _span(each.least, each.most)
        print(f"{question.key:<{width}}  {each.entities:>9,}  {requests:>19}  {period}".rstrip())
    print()


def _span(least: int, most: int) -> str:
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _time(size: PlanSize) -> str:
    if not size.requests_per_second:
        return ""
    least, most = duration(size.at_pace(size.least)), duration(size.at_pace(size.most))
    return f": {most}" if least == most else f": {least} to {most}"


def _as_json(preview: Preview) -> dict[str, object]:
    """The form of the contract (§1)."""
    size = preview.size
    least, most = (0, 0) if preview.is_finished else (size.least, size.most)
    return {
        "requests": {"least": least, "most": most},
        "seconds": {
            "least": round(size.at_pace(least), 3),
            "most": round(size.at_pace(most), 3),
        },
        "stages": [
            {
                "stage": each.stage.value,
                "least": each.least,
                "most": each.most,
                "not_needed": each.not_needed,
            }
            for each in size.stages
        ],
        "done": size.done,
    }
