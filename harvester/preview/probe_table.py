"""The open questions: a row each, with what is assumed, where, and how it is asked and judged.

`docs/probe.md` has the same rows for people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from harvester.preview import (
    probe_days,
    probe_periods,
    probe_places,
    probe_rankings,
    probe_service,
)
from harvester.preview import probe_timelines as timelines
from harvester.preview import probe_totals as totals
from harvester.preview.probe_ask import Answered, Ask
from harvester.preview.probe_findings import Judgement
from harvester.preview.probe_subjects import ProbeSubjects


class OpenQuestion(NamedTuple):
    """Something that the documentation leaves open, and that the product takes a side on.

    Attributes:
        id: stable; findings and saved answers name it.
        assumed: what the product takes for true; `where`: the file that rests on it.
        asks: how it is asked; raises UntoldError where it cannot be.
        judge: what the answers say; raises UntoldError where they do not tell.
        if_so, if_not: what it means for a job.
        is_about_groups: which groups lie below which must be looked up first.
    """

    id: str
    assumed: str
    where: str
    asks: Callable[[ProbeSubjects], Mapping[str, Ask]]
    judge: Callable[[ProbeSubjects, Mapping[str, Answered]], Judgement]
    if_so: str
    if_not: str
    is_about_groups: bool = False


_ITEM_BY_ITEM = "months of items have to be asked item by item, as timelines"

OPEN_QUESTIONS = (
    OpenQuestion(
        "total-dates",
        "dates on a total change nothing, so none are sent",
        "harvester/fetch/url.py",
        totals.dated_asks,
        totals.judge_dated,
        "a total is of all time; what a period brought is told by timelines",
        "no dates are sent, so the data are right; but totals could tell periods: report it",
    ),
    OpenQuestion(
        "total-all-counters",
        "the total without a counter tells all counters, though no page documents it",
        "harvester/planner/total_shortcuts.py",
        totals.combined_asks,
        totals.judge_combined,
        "planner.combined_totals: true asks one request for three totals",
        "leave planner.combined_totals at false; a job that has it on finds out by samples",
    ),
    OpenQuestion(
        "ranking-length",
        "a ranking may be as long as is asked for",
        "harvester/planner/total_shortcuts.py",
        probe_rankings.length_asks,
        probe_rankings.judge_length,
        "one ranking can tell the totals of a whole institution",
        "what a ranking leaves out is not 0: do not let rankings tell totals "
        "(planner.ranked_totals: false), and keep `count` of a top below the limit",
    ),
    OpenQuestion(
        "ranking-zeros",
        "a ranking leaves items without events out",
        "harvester/planner/total_shortcuts.py",
        probe_rankings.zeros_asks,
        probe_rankings.judge_zeros,
        "an item that a whole ranking lacks has a total of 0",
        "the zeros are read as they are, and nothing is lost",
    ),
    OpenQuestion(
        "ranking-best",
        "a short ranking holds the best of a long one, in no particular order",
        "harvester/parse/top.py",
        probe_rankings.best_asks,
        probe_rankings.judge_best,
        "ranks are made from the values, and are right",
        "ranks of a `top` are not to be trusted: ask for all with a `count` that is long enough",
    ),
    OpenQuestion(
        "ranking-period",
        "dates narrow a ranking of all items to a period",
        "docs/planner.md",
        probe_periods.period_asks,
        probe_periods.judge_period,
        "one request can tell a month of all items",
        _ITEM_BY_ITEM,
    ),
    OpenQuestion(
        "ranking-period-length",
        "a ranking of a period lists all items that had events in it",
        "docs/planner.md",
        probe_periods.period_asks,
        probe_periods.judge_length,
        "an item that the ranking of a month lacks had no events in it",
        _ITEM_BY_ITEM,
    ),
    OpenQuestion(
        "ranking-days",
        "a ranking counts just the days asked for, and they begin as those of timelines do",
        "docs/planner.md",
        probe_periods.days_asks,
        probe_periods.judge_days,
        "rankings of periods can be compared with timelines, and added up",
        _ITEM_BY_ITEM,
    ),
    OpenQuestion(
        "ranking-fresh",
        "a ranking knows yesterday as soon as timelines do",
        "docs/planner.md",
        probe_periods.fresh_asks,
        probe_periods.judge_fresh,
        "a ranking can be read as soon as its period is over",
        "what rankings tell of the last days is not to be trusted: let them settle first",
    ),
    OpenQuestion(
        "timeline-long",
        "a timeline may be as long as is asked for",
        "harvester/model/limits.py",
        timelines.long_asks,
        timelines.judge_long,
        "all years of an item are one request",
        "a run finds it out, too, and asks in pieces: more requests than `plan` says",
    ),
    OpenQuestion(
        "timeline-undated",
        "timelines and breakdowns without dates mean this month so far, so dates are always sent",
        "harvester/fetch/url.py",
        timelines.undated_asks,
        timelines.judge_undated,
        "a job always says both dates: nothing rests on it",
        "a job always says both dates: nothing rests on it; scripts of your own that leave them "
        "out get something else than documented",
    ),
    OpenQuestion(
        "timeline-one-date",
        "with one date alone the other is today, or the first of the month",
        "harvester/fetch/url.py",
        timelines.one_date_asks,
        timelines.judge_one_date,
        "a job always says both dates: nothing rests on it",
        "a job always says both dates: nothing rests on it; scripts of your own must, too",
    ),
    OpenQuestion(
        "timeline-empty",
        "where nothing happened, a timeline is null",
        "harvester/parse/body.py",
        timelines.empty_asks,
        timelines.judge_empty,
        "it is stored as asked and answered, with no events",
        "`{}` is stored just like null; a refusal makes a failed request of it, see `failures`",
    ),
    OpenQuestion(
        "timeline-keys",
        "months are spelled YYYY-MM, in any order, and those without events are left out",
        "harvester/parse/timeline.py",
        timelines.keys_asks,
        timelines.judge_keys,
        "timelines are read as they are",
        "zeros are stored as rows, which is right but larger; months spelled otherwise make "
        "failed requests: report it",
    ),
    OpenQuestion(
        "breakdown-window",
        "long windows of breakdowns are silently cut: months after 2 years, years after 5, "
        "totals after 1",
        "harvester/model/limits.py",
        probe_places.window_asks,
        probe_places.judge_window,
        "windows are as long as they can be, and none is cut",
        "where windows may be longer a job asks more often than it must; where they must be "
        "shorter places are missing: do not use breakdowns before that is mended, report it",
    ),
    OpenQuestion(
        "breakdown-places",
        "a country lists 10 cities, a period up to 200 countries, and a country's total is whole",
        "harvester/parse/breakdown.py",
        probe_places.places_asks,
        probe_places.judge_places,
        "countries can be added up; what their cities leave out stands in `unlisted`",
        "do not add countries up to a total before you compare them with the timeline "
        "(`harvester verify` does)",
    ),
    OpenQuestion(
        "unknown-item",
        "an id that does not exist counts 0",
        "harvester/parse/total.py",
        totals.unknown_item_asks,
        totals.judge_unknown_item,
        "a mistyped id is not noticed by its numbers: `check --online` and titles tell",
        "null makes no row instead of a 0, a refusal a failed request: both show mistyped ids",
    ),
    OpenQuestion(
        "unknown-slug",
        "a slug that does not exist answers, and counts 0",
        "harvester/preview/findings.py",
        totals.unknown_slug_asks,
        totals.judge_unknown_slug,
        "a mistyped slug makes a harvest of zeros: `check --online` finds it",
        "a mistyped slug shows at the first request, or counts what is not its own",
    ),
    OpenQuestion(
        "unknown-endpoint",
        "only a path that Figshare does not have is 404",
        "harvester/fetch/verdict.py",
        totals.unknown_endpoint_asks,
        totals.judge_unknown_endpoint,
        "a request that fails as unknown_endpoint is a mistake of the program",
        "a request that fails as unknown_endpoint may be about an item: report it",
    ),
    OpenQuestion(
        "scope-days",
        "an event falls on the same day inside the institution and publicly, where there are "
        "fewer inside",
        "harvester/model/dates.py",
        probe_days.scope_asks,
        probe_days.judge_scope,
        "both scopes can be compared day by day",
        "compare the scopes by month or year, and never mix them",
    ),
    OpenQuestion(
        "day-of-event",
        "days are those of UTC",
        "harvester/model/run_plan.py",
        probe_days.today_asks,
        probe_days.judge_today,
        "yesterday is over when a run takes it for over",
        "a day begins or ends at another hour: let planner.settle_days be at least 2, and compare "
        "days with other sources with care",
    ),
    OpenQuestion(
        "service-clock",
        "this machine's clock is right",
        "harvester/job/settings.py",
        probe_service.header_asks,
        probe_service.judge_clock,
        "dates of runs and moments in the data are right",
        "set this machine's clock: the date of a run and `harvested_at` come from it",
    ),
    OpenQuestion(
        "service-limits",
        "no limit of requests is announced: one a second is what Figshare asks for",
        "harvester/fetch/rate_limiter.py",
        probe_service.header_asks,
        probe_service.judge_rate,
        "limits.requests_per_second stays as it is",
        "see that limits.requests_per_second lies below what is announced",
    ),
    OpenQuestion(
        "service-cache",
        "answers are made when they are asked for, and come out of no cache",
        "harvester/fetch/client.py",
        probe_service.header_asks,
        probe_service.judge_cache,
        "a number was true at its `harvested_at`",
        "a number may be older than its `harvested_at` says: let planner.settle_days be longer "
        "than the cache keeps answers",
    ),
    OpenQuestion(
        "group-subgroups",
        "statistics of a group leave the groups below it out",
        "harvester/report/subject.py",
        totals.group_asks,
        totals.judge_groups,
        "a group's numbers are those of what lies directly in it; none are added up here either",
        "a group's numbers have those of the groups below it in them: never add groups up",
        is_about_groups=True,
    ),
)  # fmt: skip
