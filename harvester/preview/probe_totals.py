"""Totals: dates on them, all counters at once, what does not exist, groups below groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harvester.model.terms import Endpoint, Granularity, Kind
from harvester.preview.probe_ask import Answered, Ask, dates, stats_ask
from harvester.preview.probe_findings import (
    Judgement,
    UntoldError,
    as_assumed,
    as_said,
    counts_of,
    number_of_total,
    otherwise,
)
from harvester.preview.probe_rankings import LONGEST, is_cut, ranking
from harvester.preview.probe_subjects import (
    UNKNOWN_ID,
    UNKNOWN_SLUG,
    GroupFamily,
    ProbeSubjects,
    month_window,
    months_later,
)

Asks = Mapping[str, Ask]
Answers = Mapping[str, Answered]


def is_about(value: int, expected: int) -> bool:
    """Whether two numbers read a minute apart can be the same: people go on looking."""
    return 0 <= value - expected <= 5 + expected // 100


def dated_asks(subjects: ProbeSubjects) -> Asks:
    """A total as ever, and with the dates of one month."""
    whole = subjects.total(subjects.the_item)
    return {"whole": whole, "dated": Ask(f"{whole.path}?{_query(_month(subjects))}")}


def _month(subjects: ProbeSubjects) -> str:
    """A month with few events, that is not mistaken for all; unknown: the last that is over."""
    months = subjects.full_months
    least = min(months, key=lambda month: subjects.months[month], default=None)
    return least or months_later(subjects.this_month, -1)


def _query(month: str) -> str:
    return "&".join(f"{name}={day}" for name, day in dates(month_window(month)).items())


def judge_dated(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Ignored, honoured or refused."""
    month, whole = _month(subjects), number_of_total(answers["whole"])
    if answers["dated"].status != 200:
        return otherwise(f"a total with dates is refused: {as_said(answers['dated'])}")
    dated = number_of_total(answers["dated"])
    if not whole:
        raise UntoldError(f"{subjects.shown} has no views at all")
    if is_about(dated, whole):
        if subjects.months.get(month, 0) * 2 > whole:
            raise UntoldError(f"nearly all views of {subjects.shown} are of {month}")
        return as_assumed(f"{subjects.shown} counts {whole:,} with the dates of {month}, too")
    if dated > whole:
        raise UntoldError(f"it counts {dated:,} with dates and {whole:,} without")
    counted = subjects.months.get(month)
    agrees = ", as its timeline does" if counted == dated else ""
    return otherwise(
        f"they are honoured: {subjects.shown} counts {dated:,} in {month}{agrees}, "
        f"and {whole:,} in all"
    )


def combined_asks(subjects: ProbeSubjects) -> Asks:
    """The undocumented total without a counter, beside the documented one."""
    words = (Endpoint.TOTAL.value, subjects.kind.value, subjects.the_item)
    whole = subjects.total(subjects.the_item)
    return {"whole": whole, "combined": stats_ask(subjects.scope, words)}


def judge_combined(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """There and right, wrong, or not there."""
    whole, combined = number_of_total(answers["whole"]), answers["combined"]
    if combined.status != 200:
        return otherwise(f"Figshare does not have it: {as_said(combined)}")
    for counter in ("views", "downloads", "shares"):
        if counter not in (combined.plain if isinstance(combined.plain, dict) else {}):
            return otherwise(f"it answers, but without {counter}")
    if not whole:
        raise UntoldError(f"{subjects.shown} has no views at all")
    views = number_of_total(combined, "views")
    if views == whole:
        return as_assumed(f"it counts {views:,} views of {subjects.shown}, as the total does")
    if is_about(views, whole):
        raise UntoldError(f"it counts {views:,} views, a moment after the total counted {whole:,}")
    return otherwise(f"it counts {views:,} views of {subjects.shown}, the total {whole:,}")


def unknown_item_asks(subjects: ProbeSubjects) -> Asks:
    """The total of an id that nothing has."""
    return {"total": subjects.total(UNKNOWN_ID)}


def judge_unknown_item(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """0, null, an error, or somebody's number."""
    total = answers["total"]
    if total.status != 200:
        return otherwise(f"{subjects.kind.value} {UNKNOWN_ID} is refused: {as_said(total)}")
    value = number_of_total(total)
    if value:
        return otherwise(f"{subjects.kind.value} {UNKNOWN_ID} counts {value:,}")
    if total.plain["totals"] is None:
        return otherwise("it counts null, which is not 0")
    return as_assumed(f"{subjects.kind.value} {UNKNOWN_ID}, which cannot exist, counts 0")


def unknown_slug_asks(subjects: ProbeSubjects) -> Asks:
    """The total of an item in an institution that is none, beside that in our scope."""
    words = (Endpoint.TOTAL.value, "views", subjects.kind.value, subjects.the_item)
    return {
        "whole": subjects.total(subjects.the_item),
        "elsewhere": stats_ask(UNKNOWN_SLUG, words),
    }


def judge_unknown_slug(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Zeros, an error, or numbers for any slug."""
    elsewhere = answers["elsewhere"]
    if elsewhere.status != 200:
        return otherwise(f"the slug {UNKNOWN_SLUG!r} is refused: {as_said(elsewhere)}")
    if value := number_of_total(elsewhere):
        return otherwise(f"the slug {UNKNOWN_SLUG!r} counts {value:,} of {subjects.shown}")
    if not number_of_total(answers["whole"]):
        raise UntoldError(f"{subjects.shown} counts nothing under the right slug, either")
    return as_assumed(f"the slug {UNKNOWN_SLUG!r} answers, and counts 0 of {subjects.shown}")


def unknown_endpoint_asks(subjects: ProbeSubjects) -> Asks:
    """A path that no documentation has."""
    words = ("timelines", Granularity.MONTH.value, "views", subjects.kind.value, UNKNOWN_ID)
    return {"endpoint": stats_ask(subjects.scope, words)}


def judge_unknown_endpoint(_subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """404 or something else."""
    said = as_said(answers["endpoint"])
    return as_assumed(said) if answers["endpoint"].status == 404 else otherwise(said)


def group_asks(subjects: ProbeSubjects) -> Asks:
    """The totals of a group, of groups below it, and of what lies directly in it."""
    family = subjects.family
    if family is None:
        raise UntoldError(subjects.no_family)
    asks = {"parent": subjects.total(family.parent, Kind.GROUP)}
    asks |= {f"child {each}": subjects.total(each, Kind.GROUP) for each in family.children}
    if family.own and subjects.is_ranked:
        asks["ranking"] = ranking(replace(subjects, kind=Kind.ARTICLE), LONGEST)
    else:
        asks |= {f"own {each}": subjects.total(each, Kind.ARTICLE) for each in family.own or ()}
    return asks


def judge_groups(subjects: ProbeSubjects, answers: Answers) -> Judgement:
    """Whether a group counts what lies in the groups below it."""
    family = subjects.family or GroupFamily(0, (), None)
    parent = number_of_total(answers["parent"])
    below = sum(number_of_total(answers[f"child {each}"]) for each in family.children)
    listed = ", ".join(map(str, family.children))
    seen = f"group {family.parent} counts {parent:,} views, those below it ({listed}) {below:,}"
    if not below:
        raise UntoldError(f"the groups below group {family.parent} ({listed}) have no views")
    if parent < below:
        return as_assumed(seen)
    if family.own is None:
        raise UntoldError(f"{seen}, and what lies directly in it is not known")
    own = _own_views(family.own, answers)
    seen = f"{seen}, what lies directly in it {own:,}"
    # Neither sum need be exact: items that are no longer public may count in their group.
    if parent >= own + below:
        return otherwise(seen)
    if (parent - own) * 2 < below:
        return as_assumed(seen)
    raise UntoldError(f"{seen}: neither sum is it")


def _own_views(own: Sequence[int], answers: Answers) -> int:
    if "ranking" not in answers:
        return sum(number_of_total(answers[f"own {each}"]) for each in own)
    ranked = counts_of(answers["ranking"], "top")
    if len(ranked) >= LONGEST or (ranked and is_cut(ranked, LONGEST)):
        raise UntoldError("the ranking that tells what lies in the group is cut")
    return sum(ranked.get(str(each), 0) for each in own)
