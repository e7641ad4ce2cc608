"""Days: whether both scopes count an event on the same one, and where a day ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from harvester.model.dates import ONE_DAY, Window
from harvester.model.terms import Endpoint, Granularity
from harvester.preview.probe_ask import Answered, Ask, dates
from harvester.preview.probe_findings import (
    Judgement,
    UntoldError,
    as_assumed,
    counts_of,
    otherwise,
)
from harvester.preview.probe_subjects import ProbeSubjects, month_window

Asks = Mapping[str, Ask]
Answers = Mapping[str, Answered]

_EARLY_HOURS = 3


def scope_asks(subjects: ProbeSubjects) -> Asks:
    """The days of the item's busiest month, inside the institution and publicly."""
    if subjects.scope is None:
        raise UntoldError("the job is in the public scope, and has no other")
    months = subjects.some_months(1)
    query = dates(month_window(max(months, key=lambda month: subjects.months[month])))
    line = (Endpoint.TIMELINE, Granularity.DAY)
    return {
        "inside": subjects.series(*line, query),
        "public": subjects.series(*line, query, is_public=True),
    }


def judge_scope(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether events fall on the same days in both scopes; inside there may be fewer."""
    inside, public = (counts_of(answers[name], "timeline") for name in ("inside", "public"))
    if not inside or not public:
        raise UntoldError(f"{subjects.shown} has no days to compare")
    sums = f"{sum(inside.values()):,} views inside, {sum(public.values()):,} publicly"
    more = sorted(day for day in inside if inside[day] > public.get(day, 0))
    if not more:
        return as_assumed(f"no day of {subjects.shown} has more inside than publicly: {sums}")
    for shift, words in ((-1, "a day later"), (1, "a day earlier")):
        if _fits(inside, public, shift):
            return otherwise(f"inside, events fall {words} than publicly: {sums}")
    return otherwise(f"{len(more)} days have more inside than publicly, {more[0]} first: {sums}")


def _fits(inside: Mapping[str, int], public: Mapping[str, int], shift: int) -> bool:
    """Whether each day inside has at most what another day has publicly; ends left out."""
    moved = {(date.fromisoformat(day) + shift * ONE_DAY).isoformat(): inside[day] for day in inside}
    first, last = min(public), max(public)
    return all(moved[day] <= public.get(day, 0) for day in moved if first <= day <= last)


def last_days(subjects: ProbeSubjects) -> Ask:
    """The last days by day, tomorrow included."""
    window = Window(subjects.today - 6 * ONE_DAY, subjects.today + ONE_DAY)
    return subjects.series(Endpoint.TIMELINE, Granularity.DAY, dates(window))


def today_asks(subjects: ProbeSubjects) -> Asks:
    """Those days alone."""
    return {"days": last_days(subjects)}


def judge_today(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether the service is on another day than UTC."""
    found = counts_of(answers["days"], "timeline")
    newest = max((day for day, events in found.items() if events), default=None)
    today = subjects.today.isoformat()
    if newest is None:
        raise UntoldError(f"{subjects.shown} had no events in the last days")
    if newest > today:
        return otherwise(f"{newest} has events, and it is {today} in UTC")
    if newest == today and subjects.now and subjects.now.hour < _EARLY_HOURS:
        return as_assumed(f"{today} has events, soon after it began in UTC")
    raise UntoldError(
        f"the newest day with events is {newest}, and it is {today} in UTC; probe again within "
        f"{_EARLY_HOURS} hours after midnight UTC (does today have events by then?), and in the "
        "hours before it (does tomorrow?)"
    )
