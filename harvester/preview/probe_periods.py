"""Rankings of a period: whether dates narrow them, to just those days, whole and up to date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from harvester.model.dates import ONE_DAY, Window
from harvester.model.terms import Counter, Endpoint, Granularity
from harvester.preview.probe_ask import Answered, Ask, dates
from harvester.preview.probe_days import last_days
from harvester.preview.probe_findings import (
    Judgement,
    UntoldError,
    as_assumed,
    as_said,
    counts_of,
    otherwise,
)
from harvester.preview.probe_rankings import LONG, LONGEST, is_cut, ranking
from harvester.preview.probe_subjects import ProbeSubjects, month_window

Asks = Mapping[str, Ask]
Answers = Mapping[str, Answered]

# Days of a month with others on both sides of them, whatever the month.
_FIRST, _LAST = 8, 21
_SUSPICIOUS = (100, 1_000, 10_000)


def _dated(subjects: ProbeSubjects, window: Window, count: int) -> Ask:
    return ranking(subjects, count, Counter.VIEWS, **dates(window))


def period_asks(subjects: ProbeSubjects) -> Asks:
    """The ranking of all time, and of the last month in which the item had events."""
    window = month_window(subjects.some_months(2)[-1])
    return {
        "all time": ranking(subjects, LONGEST),
        "period": _dated(subjects, window, LONGEST),
    }


def judge_period(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether dates narrow a ranking of all items."""
    month, item = subjects.some_months(2)[-1], str(subjects.the_item)
    if answers["period"].status != 200:
        return otherwise(f"a ranking with dates is refused: {as_said(answers['period'])}")
    whole, period = (counts_of(answers[name], "top") for name in ("all time", "period"))
    if not whole:
        raise UntoldError("the ranking is empty")
    counted = subjects.months[month]
    if item not in period and (len(period) >= LONGEST or item not in whole):
        raise UntoldError(f"{subjects.shown} is not in the rankings")
    found = period.get(item, 0)
    if found == counted:
        if whole.get(item) == counted:
            raise UntoldError(f"all views of {subjects.shown} are of {month}")
        return as_assumed(f"{subjects.shown} has {counted:,} in {month}, as its timeline says")
    if period == whole or found >= whole.get(item, found + 1):
        return otherwise(f"dates are ignored: the ranking of {month} is that of all time")
    return otherwise(
        f"the ranking of {month} counts {found:,} for {subjects.shown}, its timeline {counted:,}"
    )


def judge_length(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether all come back that had events in a month, by how the ranking ends."""
    month = subjects.some_months(2)[-1]
    period = counts_of(answers["period"], "top")
    if not period:
        raise UntoldError(f"the ranking of {month} is empty")
    least, length = min(period.values()), len(period)
    if is_cut(period, LONGEST):
        return otherwise(
            f"the ranking of {month} has {length:,} items, a round number, and the last of them "
            f"has {least:,} events: it is cut"
        )
    if length in _SUSPICIOUS:
        raise UntoldError(f"the ranking of {month} has exactly {length:,} items, as if it were cut")
    if length >= LONGEST:
        raise UntoldError(f"the ranking of {month} goes on beyond {LONGEST:,}")
    return as_assumed(f"{length:,} items are ranked in {month}, the last with {least:,}")


def days_asks(subjects: ProbeSubjects) -> Asks:
    """Two weeks in the middle of the item's busiest month, ranked; and the month by day."""
    month = _busiest(subjects)
    line = (Endpoint.TIMELINE, Granularity.DAY)
    return {
        "ranking": _dated(subjects, _middle(month), LONG),
        "days": subjects.series(*line, dates(month_window(month))),
    }


def _busiest(subjects: ProbeSubjects) -> str:
    return max(subjects.some_months(1), key=lambda month: subjects.months[month])


def _middle(month: str) -> Window:
    first = month_window(month).first
    return Window(first.replace(day=_FIRST), first.replace(day=_LAST))


def judge_days(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether just the days asked for are ranked, and begin as those of timelines do."""
    window = _middle(_busiest(subjects))
    days = counts_of(answers["days"], "timeline")
    found, counted = _found(subjects, answers["ranking"]), _sum(days, window)
    seen = f"the ranking of {window.first}..{window.last} counts {found:,} for {subjects.shown}"
    if counted == sum(days.values()):
        raise UntoldError(f"all views of {subjects.shown} in {_busiest(subjects)} are of some days")
    earlier, later = _ends(window, days)
    if found == counted and not (any(earlier) and any(later)):
        raise UntoldError(f"{seen}, as its days do; but its first and last days have no events")
    if found == counted:
        return as_assumed(f"{seen}, as its days do")
    if found == sum(days.values()):
        return otherwise(f"{seen}, as many as the whole month has, and its days {counted:,}")
    if any(-leaves <= found - counted <= comes for leaves, comes in (earlier, later)):
        return otherwise(f"{seen}, its days {counted:,}: they begin at another hour, it seems")
    return otherwise(f"{seen}, its days {counted:,}")


def _ends(window: Window, days: Mapping[str, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """The events of the days that may leave a window and come into it, in part.

    First where days begin earlier than those of timelines, then where they begin later.
    """
    before, first, last, after = (
        days.get(day.isoformat(), 0)
        for day in (window.first - ONE_DAY, window.first, window.last, window.last + ONE_DAY)
    )
    return (last, before), (first, after)


def fresh_asks(subjects: ProbeSubjects) -> Asks:
    """The last days up to yesterday, ranked; and by day."""
    return {
        "ranking": _dated(subjects, _recent(subjects), LONG),
        "days": last_days(subjects),
    }


def _recent(subjects: ProbeSubjects) -> Window:
    return Window(subjects.today - 6 * ONE_DAY, subjects.today - ONE_DAY)


def judge_fresh(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether rankings know the last days as soon as timelines do."""
    window, days = _recent(subjects), counts_of(answers["days"], "timeline")
    found, counted = _found(subjects, answers["ranking"]), _sum(days, window)
    if not counted:
        raise UntoldError(f"{subjects.shown} had no events in the last days")
    seen = f"the ranking of {window.first}..{window.last} counts {found:,} for {subjects.shown}"
    if found == counted:
        return as_assumed(f"{seen}, as its days do")
    for less in range(1, 7):
        if found == _sum(days, window, less):
            since = window.last - (less - 1) * ONE_DAY
            return otherwise(
                f"{seen}, its days {counted:,}: as if nothing from {since} on were known"
            )
    return otherwise(f"{seen}, its days {counted:,}")


def _found(subjects: ProbeSubjects, answered: Answered) -> int:
    """What a ranking counts for the item; 0: it had no events.

    Raises:
        UntoldError: it is a refusal, or so long that the item may lie behind its end.
    """
    ranked = counts_of(answered, "top")
    if str(subjects.the_item) not in ranked and len(ranked) >= LONG:
        raise UntoldError(f"{subjects.shown} is not among the first {LONG:,}")
    return ranked.get(str(subjects.the_item), 0)


def _sum(days: Mapping[str, int], window: Window, less: int = 0) -> int:
    """The events of a window, without some of its last days."""
    last: date = window.last - less * ONE_DAY
    first = window.first.isoformat()
    return sum(n for day, n in days.items() if first <= day <= last.isoformat())
