"""Timelines by month: long windows, missing dates, spelling, what is empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from harvester.model.dates import Window
from harvester.model.terms import Endpoint, Granularity
from harvester.preview.probe_ask import Answered, Ask, dates
from harvester.preview.probe_findings import (
    Judgement,
    UntoldError,
    as_assumed,
    as_said,
    counts_of,
    number_of_total,
    otherwise,
    places_of,
    value_of,
)
from harvester.preview.probe_subjects import (
    UNKNOWN_ID,
    ProbeSubjects,
    month_window,
)

Asks = Mapping[str, Ask]
Answers = Mapping[str, Answered]

IS_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
# Before anything can have been counted much: a month that is empty for nearly every item.
_EMPTY = "2011-01"


def months_ask(subjects: ProbeSubjects, window: Window, *, is_public: bool = False) -> Ask:
    """A timeline by month."""
    return subjects.series(Endpoint.TIMELINE, Granularity.MONTH, dates(window), is_public=is_public)


def long_asks(subjects: ProbeSubjects) -> Asks:
    """All years in one window, beside the last two and the one before the first that it has."""
    asks = {
        "long": months_ask(subjects, subjects.long_window),
        "recent": months_ask(subjects, subjects.recent_window),
        "total": subjects.total(subjects.the_item),
    }
    first = min(subjects.months, default=None)
    if first and first[:4] > _EMPTY[:4]:
        year = int(first[:4]) - 1
        asks["earlier"] = months_ask(subjects, Window(date(year, 1, 1), date(year, 12, 31)))
    return asks


def judge_long(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether a long window has all that short ones have."""
    if answers["long"].status != 200:
        return otherwise(f"a window of many years is refused: {as_said(answers['long'])}")
    long = counts_of(answers["long"], "timeline")
    pieces = {
        month: events
        for name in ("recent", "earlier")
        if name in answers
        for month, events in counts_of(answers[name], "timeline").items()
    }
    lost = sorted(month for month in pieces if pieces[month] > long.get(month, 0))
    # Of yesterday's month something may have come while we asked.
    lost = [month for month in lost if month != subjects.this_month]
    window = subjects.long_window
    if lost:
        last = max((month for month, events in long.items() if events), default="nothing")
        return otherwise(
            f"the window {window} ends with {last}, and lacks {len(lost)} months that shorter ones "
            f"have, {lost[0]} first"
        )
    total, shown = number_of_total(answers["total"]), sum(long.values())
    if not pieces and shown * 10 < total * 9:
        raise UntoldError(f"the window {window} has {shown:,} of {total:,} views")
    if not shown:
        raise UntoldError(f"{subjects.shown} has no views")
    known = [month for month, events in long.items() if events]
    first, last = min(known), max(known)
    return as_assumed(f"the window {window} has all from {first} to {last}, {shown:,} views")


def undated_asks(subjects: ProbeSubjects) -> Asks:
    """A timeline and a breakdown without any date."""
    subjects.some_months(1)
    return {
        each.value: subjects.series(each, Granularity.MONTH, {})
        for each in (Endpoint.TIMELINE, Endpoint.BREAKDOWN)
    }


def judge_undated(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """This month so far, or more."""
    timeline = answers[Endpoint.TIMELINE.value]
    breakdown = answers[Endpoint.BREAKDOWN.value]
    for name, answered in (("timeline", timeline), ("breakdown", breakdown)):
        if answered.status != 200:
            return otherwise(f"a {name} without dates is refused: {as_said(answered)}")
    counts = counts_of(timeline, "timeline")
    found = {
        "timeline": {month for month in counts if counts[month]},
        "breakdown": {*places_of(breakdown)},
    }
    for name, months in found.items():
        if others := sorted(months - {subjects.this_month}):
            return otherwise(
                f"a {name} without dates has {len(months)} months, from {others[0]} to {others[-1]}"
            )
    return as_assumed(f"both have nothing but {subjects.this_month}")


def one_date_asks(subjects: ProbeSubjects) -> Asks:
    """Only the first day, and only the last."""
    months = subjects.some_months(3)
    start = {"start_date": month_window(months[-2]).first.isoformat()}
    end = {"end_date": month_window(months[-1]).last.isoformat()}
    line = (Endpoint.TIMELINE, Granularity.MONTH)
    return {"start": subjects.series(*line, start), "end": subjects.series(*line, end)}


def judge_one_date(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """What the other date is then."""
    months = subjects.some_months(3)
    for name, answered in answers.items():
        if answered.status != 200:
            return otherwise(f"a timeline with {name}_date alone is refused: {as_said(answered)}")
    start, end = (
        {month for month, events in counts_of(answers[name], "timeline").items() if events}
        for name in ("start", "end")
    )
    if start - {subjects.this_month} != set(months[-2:]):
        return otherwise(
            f"start_date={months[-2]}-01 alone brings {_span(start)}, not what came since"
        )
    if end != {months[-1]}:
        return otherwise(f"end_date in {months[-1]} alone brings {_span(end)}, not that month")
    return as_assumed("a missing end is today, a missing start the first of the month")


def _span(months: set[str]) -> str:
    if not months:
        return "nothing"
    return f"{len(months)} months from {min(months)} to {max(months)}"


def empty_asks(subjects: ProbeSubjects) -> Asks:
    """An item where nothing can be, and an item that cannot be."""
    query = dates(month_window(_EMPTY))
    unknown = dates(subjects.recent_window)
    line = (Endpoint.TIMELINE, Granularity.MONTH)
    asks = {"unknown": subjects.series(*line, unknown, number=UNKNOWN_ID)}
    if subjects.item is not None:
        asks["window"] = subjects.series(*line, query)
    return asks


def judge_empty(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """`null` or `{}`."""
    forms = {}
    for name, answered in answers.items():
        shown = f"{_EMPTY} of {subjects.shown}" if name == "window" else f"id {UNKNOWN_ID}"
        if answered.status != 200:
            return otherwise(f"{shown} is refused: {as_said(answered)}")
        counts = counts_of(answered, "timeline")
        if any(counts.values()):
            if name == "unknown":
                return otherwise(f"{shown}, which cannot exist, has events")
            raise UntoldError(f"{shown} is not empty")
        is_null = value_of(answered, "timeline") is None
        forms[shown] = "null" if is_null else "zeros" if counts else "{}"
    seen = ", ".join(f"{shown}: {form}" for shown, form in forms.items())
    return as_assumed(seen) if set(forms.values()) == {"null"} else otherwise(seen)


def keys_asks(subjects: ProbeSubjects) -> Asks:
    """The long timeline once more."""
    return {"long": months_ask(subjects, subjects.long_window)}


def judge_keys(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """How periods are spelled, whether empty ones are there, and in which order."""
    found = counts_of(answers["long"], "timeline")
    if not found:
        raise UntoldError(f"{subjects.shown} has no events in {subjects.long_window}")
    if odd := [key for key in found if not IS_MONTH.fullmatch(key)]:
        return otherwise(f"{len(odd)} months are not spelled YYYY-MM")
    if zeros := sum(not events for events in found.values()):
        return otherwise(f"{zeros} months without events are listed, with 0")
    order = "in their order" if list(found) == sorted(found) else "in no order"
    return as_assumed(f"{len(found)} months, {order}, none with 0")
