"""Breakdowns: how long a window may be, how many countries and cities are listed."""

from __future__ import annotations

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
    events_of,
    otherwise,
    places_of,
)
from harvester.preview.probe_subjects import ProbeSubjects, month_window, months_later

Asks = Mapping[str, Ask]
Answers = Mapping[str, Answered]

_Places = Mapping[str, Mapping[str, Mapping[str, int]]]

# Documented: a later end is silently replaced by the day before so many years are over.
_LIMIT_MONTHS = {Granularity.MONTH: 24, Granularity.YEAR: 60, Granularity.TOTAL: 12}
_BEYOND_MONTHS = 3
_CITIES, _COUNTRIES, _FEW_COUNTRIES = 10, 200, 10


def window_asks(subjects: ProbeSubjects) -> Asks:
    """Windows that are longer than documented, in each granularity but days (long answers)."""
    subjects.some_months(2)
    return {
        granularity.value: subjects.series(Endpoint.BREAKDOWN, granularity, dates(window))
        for granularity, window in _windows(subjects).items()
    }


def _windows(subjects: ProbeSubjects) -> dict[Granularity, Window]:
    """A window from within the item's life to its last month, a little longer than allowed."""
    months = subjects.some_months(2)
    found = {}
    for granularity, limit in _LIMIT_MONTHS.items():
        first = months_later(months[-1], 1 - limit - _BEYOND_MONTHS)
        if granularity is Granularity.YEAR:
            first = f"{int(months[-1][:4]) - limit // 12}-01"
        if any(first <= month < months_later(first, limit) for month in months):
            found[granularity] = month_window(first, months[-1])
    return found


def judge_window(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Where long windows end."""
    told: list[str] = []
    for granularity, window in _windows(subjects).items():
        answered, name = answers[granularity.value], f"{granularity.value}: {window}"
        if answered.status != 200:
            return otherwise(f"{name} is refused, {as_said(answered)}")
        judged = _total_end if granularity is Granularity.TOTAL else _period_end
        is_so, seen = judged(subjects, granularity, window, places_of(answered))
        if not is_so:
            return otherwise(f"{name} {seen}")
        told += [f"{name} {seen}"] * bool(seen)
    if not told:
        raise UntoldError(f"{subjects.shown} has no events far enough apart")
    return as_assumed("; ".join(told))


def _total_end(
    subjects: ProbeSubjects, granularity: Granularity, window: Window, places: _Places
) -> tuple[bool, str]:
    """Where a breakdown without periods ends, by how much it counts."""
    inside, beyond = _halves(subjects, granularity, window)
    seen = sum(events_of(each) for each in places.values())
    if seen == inside + beyond:
        return False, "is counted whole: windows may be longer"
    return True, "counts the first year only" if seen == inside else ""


def _period_end(
    subjects: ProbeSubjects, granularity: Granularity, window: Window, places: _Places
) -> tuple[bool, str]:
    """Where a breakdown ends, by the last of its periods."""
    limit = months_later(window.first.isoformat()[:7], _LIMIT_MONTHS[granularity])
    allowed = {
        granularity.period_text(month_window(month).first)
        for month in subjects.months_of(window)
        if subjects.months[month] and month < limit
    }
    if longer := sorted(set(places) - allowed):
        return False, f"goes on to {longer[-1]}: windows may be longer"
    if missing := sorted(allowed - set(places)):
        return False, f"lacks {missing[0]}: windows must be shorter"
    return True, f"ends with {max(places)}"


def _halves(subjects: ProbeSubjects, granularity: Granularity, window: Window) -> tuple[int, int]:
    """Events of a window before and behind the documented limit."""
    limit = months_later(window.first.isoformat()[:7], _LIMIT_MONTHS[granularity])
    known = subjects.months_of(window)
    inside = sum(events for month, events in known.items() if month < limit)
    return inside, sum(known.values()) - inside


def places_asks(subjects: ProbeSubjects) -> Asks:
    """The places of the item's best whole year."""
    window = _year(subjects)
    return {"year": subjects.series(Endpoint.BREAKDOWN, Granularity.YEAR, dates(window))}


def _year(subjects: ProbeSubjects) -> Window:
    events: dict[str, int] = {}
    for month in subjects.some_months(1):
        if month[:4] < subjects.this_month[:4]:
            events[month[:4]] = events.get(month[:4], 0) + subjects.months[month]
    if not events:
        raise UntoldError(f"{subjects.shown} has no whole year with events")
    best = int(max(events, key=lambda year: events[year]))
    return Window(date(best, 1, 1), date(best, 12, 31))


def judge_places(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """At most ten cities a country and 200 countries, with true totals."""
    window = _year(subjects)
    year = str(window.first.year)
    countries = places_of(answers["year"]).get(year, {})
    if not countries:
        raise UntoldError(f"{year} of {subjects.shown} has no places")
    cities = max(len(each) - 1 for each in countries.values())
    listed, timeline = events_of(countries), sum(subjects.months_of(window).values())
    sizes = f"{len(countries)} countries, at most {cities} cities in one"
    sums = f"countries add up to {listed:,}, the timeline to {timeline:,}"
    if cities > _CITIES or len(countries) > _COUNTRIES:
        return otherwise(f"{year} of {subjects.shown} has {sizes}")
    if any(sum(each.values()) > 2 * each["total"] for each in countries.values()):
        return otherwise("the cities of a country count more than its total")
    if len(countries) == _FEW_COUNTRIES and listed < timeline:
        return otherwise(f"only {_FEW_COUNTRIES} countries are listed: {sums}")
    rests = [each for each in countries.values() if sum(each.values()) < 2 * each["total"]]
    if cities < _CITIES and rests:
        return otherwise(f"cities are left out, though there are only {cities}: {sizes}")
    if cities < _CITIES:
        raise UntoldError(f"no country of {year} has as many as {_CITIES} cities: {sizes}")
    return as_assumed(f"{year} of {subjects.shown} has {sizes}; {sums}")
