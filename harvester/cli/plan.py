"""`harvester plan`: how many requests a job makes and how long they take; sends nothing."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Collection

import orjson

from harvester.cli.discovery import estimate_json, estimate_lines, span, with_estimate
from harvester.cli.format import count, duration, pace, plain, short
from harvester.cli.job import settings_of
from harvester.fetch.url import Writer
from harvester.job.settings import JobSettings
from harvester.model.rules import reason_words
from harvester.model.terms import Kind
from harvester.planner.size import PlanSize
from harvester.preview.plan import Preview, previewed


def run(arguments: Namespace) -> int:
    """Print the plan in the form asked for."""
    settings = settings_of(arguments)
    with previewed(settings, arguments.today) as preview:
        if arguments.urls:
            address = Writer(settings.address).address
            for request in preview.requests:
                print(address(request))
        elif arguments.json:
            print(orjson.dumps(_as_json(preview), option=orjson.OPT_INDENT_2).decode())
        else:
            _show(settings, preview)
        return _judged(preview, arguments.fail_above)


def _judged(preview: Preview, above: int | None) -> int:
    """1 when more requests than allowed may be needed, or when nobody knows how many."""
    if above is None:
        return 0
    _, most = with_estimate(preview)
    if most is not None and most <= above:
        return 0
    needed = "an unknown number of requests" if most is None else count(most, "request")
    print(f"harvester: {needed} may be needed, more than {above:,}", file=sys.stderr)
    return 1


def _show(settings: JobSettings, preview: Preview) -> None:
    size = preview.size
    unknown = frozenset(preview.estimate.unknown)
    _show_questions(size, unknown)
    for stage in size.stages:
        bound = "at least " if unknown else ""
        print(f"{stage.stage.value + ':':<12}{bound + _span(stage.least, stage.most):>24} requests")
        for reason, number in sorted(stage.not_needed.items()):
            print(f"{'':<12}{number:>24,} stretches not asked: {reason_words(reason)}")
    if not preview.is_finished and size.least < size.most:
        print("each stage is planned from the answers of the one before; the fewest is if they")
        print("spare all that answers can, the most is if they spare nothing")
    if preview.goes_on and not preview.is_finished:
        told = f"{count(size.done, 'request')} answered already"
        print(f"run {short(preview.goes_on)} goes on: {told}")
    if preview.is_finished:
        print(f"finished for this date by run {short(preview.goes_on or '')}: nothing to ask")
        if preview.failed:
            print(f"{count(preview.failed, 'request')} failed: harvester failures JOB --retry")
        return
    for line in estimate_lines(preview.estimate):
        print(plain(line))
    least, most = with_estimate(preview)
    rate = pace(settings.requests_per_second)
    print(f"to ask: {span(least, most)}, {rate}{_time(size, least, most)}")
    if size.next_month and not unknown:
        least, most = size.next_month
        hours = f": at most {duration(size.at_pace(most))}" if settings.requests_per_second else ""
        print(f"the same job in a month: {_span(least, most)} requests{hours}")


def _show_questions(size: PlanSize, unknown: Collection[Kind]) -> None:
    if not size.questions:
        return
    width = max([len(each.wanted.question.key) for each in size.questions] + [8])
    print(f"{'question':<{width}}  {'entities':>10}  {'requests':>19}  period")
    for each in size.questions:
        question = each.wanted.question
        period = "as evidence only" if each.is_evidence else str(each.wanted.window or "")
        entities, requests = f"{each.entities:,}", _span(each.least, each.most)
        if question.kind in unknown and not question.is_ranking_of_all:
            entities = requests = "not listed"
        print(f"{question.key:<{width}}  {entities:>10}  {requests:>19}  {period}".rstrip())
    print()


def _span(least: int, most: int) -> str:
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _time(size: PlanSize, least: int, most: int | None) -> str:
    if not size.requests_per_second:
        return ""
    shortest = duration(size.at_pace(least))
    if most is None:
        return f": at least {shortest}"
    longest = duration(size.at_pace(most))
    return f": {longest}" if least == most else f": {shortest} to {longest}"


def _as_json(preview: Preview) -> dict[str, object]:
    """The form of docs/contract.md §1; `most` is null before the first listing."""
    size = preview.size
    least, most = with_estimate(preview)
    unknown = [kind.value for kind in preview.estimate.unknown]
    return {
        "requests": {"least": least, "most": most},
        "seconds": {
            "least": round(size.at_pace(least), 3),
            "most": None if most is None else round(size.at_pace(most), 3),
        },
        **({"unknown": unknown} if unknown else {}),
        "stages": [
            *estimate_json(preview.estimate),
            *(
                {
                    "stage": each.stage.value,
                    "least": each.least,
                    "most": each.most,
                    "not_needed": each.not_needed,
                }
                for each in size.stages
            ),
        ],
        "done": size.done,
    }
