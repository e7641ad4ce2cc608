"""`check --online`: whether the service ranks an institution's items by period, in two requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import orjson

from harvester.fetch.call import ApiCall
from harvester.fetch.response import Response
from harvester.model.dates import ONE_DAY, Window
from harvester.model.limits import BEGINNING
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.preview.findings import Mark, OnlineFinding
from harvester.preview.probe_ask import Answered, dates, stats_ask
from harvester.preview.probe_findings import UntoldError, counts_of
from harvester.preview.send_once import REFUSALS, checked, number_call

RANKING_REQUESTS = 2
ABOUT = "rankings"
_COUNT = 10
_ERRORS = frozenset({400, 404, 422})


def settled_month(snapshot: date, settle_days: int) -> Window:
    """The last month of which all days have settled: what is compared may not change meanwhile."""
    after = (snapshot - timedelta(days=settle_days)).replace(day=1)
    return Window((after - ONE_DAY).replace(day=1), after - ONE_DAY)


def ranking_call(base_url: str, slug: str, kind: Kind, month: Window) -> ApiCall:
    """The best items of a month; a refusal is an answer, too."""
    words = (Endpoint.TOP.value, Counter.VIEWS.value, kind.value)
    ask = stats_ask(slug, words, {"count": _COUNT, **dates(month)})
    return ApiCall(
        base_url.removesuffix("/") + ask.path,
        checked(lambda answer: _counts(answer, "top")),
        Endpoint.TOP,
        needs_credentials=True,
        answers=REFUSALS | _ERRORS,
    )


def months_call(base_url: str, slug: str, kind: Kind, number: int, last: date) -> ApiCall:
    """All months of an item."""
    line = Question(Endpoint.TIMELINE, kind, Counter.VIEWS, Granularity.MONTH, institution=slug)
    return number_call(base_url, Request(line, number, Window(BEGINNING, last)))


def best_of(ranking: Response) -> tuple[int, int] | None:
    """The item with the most events and how many; None: the ranking is empty, or none of ids."""
    counts = {int(key): n for key, n in (_counts(ranking, "top") or {}).items() if key.isdigit()}
    return max(counts.items(), key=lambda one: (one[1], one[0]), default=None)


def refused_finding(status: int) -> OnlineFinding:
    """A ranking with dates that is no ranking."""
    if status in REFUSALS:
        what = "Figshare refuses the username and password, so rankings could not be tried"
        return OnlineFinding(ABOUT, Mark.UNKNOWN, what)
    what = f"Figshare does not rank by period (status {status}): items are asked one by one"
    return OnlineFinding(ABOUT, Mark.OTHERWISE, what)


def empty_finding(month: Window) -> OnlineFinding:
    """A month in which nothing is ranked."""
    what = f"nothing is ranked in {_name(month)}, so it does not tell whether dates count"
    return OnlineFinding(ABOUT, Mark.UNKNOWN, what)


def compared_finding(item: str, ranked: int, month: Window, months: Response) -> OnlineFinding:
    """What a ranking of a month counts of an item, beside the item's own timeline."""
    if months.status != 200:
        return refused_finding(months.status)
    timeline = _counts(months, "timeline") or {}
    counted, whole, name = timeline.get(_name(month), 0), sum(timeline.values()), _name(month)
    if ranked == counted == whole:
        what = f"all views of {item} are of {name}, so it does not tell whether dates count"
        return OnlineFinding(ABOUT, Mark.UNKNOWN, what)
    if ranked == counted:
        what = f"Figshare ranks by period: {item} has {ranked:,} views in {name}, as its timeline"
        return OnlineFinding(ABOUT, Mark.GOOD, what)
    seen = f"the ranking of {name} counts {ranked:,} views of {item}, its timeline {counted:,}"
    why = "Figshare ignores the dates" if ranked >= whole else "Figshare does not rank by period"
    return OnlineFinding(ABOUT, Mark.OTHERWISE, f"{why}: {seen}; items are asked one by one")


def _name(month: Window) -> str:
    return month.first.isoformat()[:7]


def _counts(answer: Response, key: str) -> Mapping[str, int] | None:
    """Numbers by id or by period; null is empty. None: the answer has another form."""
    try:
        return counts_of(Answered(answer.status, orjson.loads(answer.body)), key)
    except (UntoldError, orjson.JSONDecodeError):
        return None
