"""Which evidence is asked though the job does not ask for it; none goes when a run grows."""

from __future__ import annotations

from datetime import date

import pytest

from harvester.model.dates import Window
from harvester.model.question import Question, Wanted
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.planner.evidence_requests import PlannerOptions, evidence_for, resumed_evidence

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity
VIEWS, DOWNLOADS, SHARES = Counter
DECADE = "2016-07-01..2026-06-30"
YEARS = "2023-07-01..2026-06-30"
ENTITIES = {Kind.ARTICLE: range(1, 101), Kind.GROUP: range(1, 6)}


def asks(text: str, days: str | None = None) -> Wanted:
    """A wanted question, from its key without the kind's ids: `timeline/day/views`."""
    endpoint, *words = text.split("/")
    granularity = Granularity(words.pop(0)) if Endpoint(endpoint).has_granularity else None
    counter = Counter(words.pop(0))
    filtered = words.pop() if words and "=" in words[-1] else None
    kind = Kind(words.pop()) if words else Kind.ARTICLE
    sub_item, _, sub_item_id = (filtered or "").partition("=")
    question = Question(Endpoint(endpoint), kind, counter, granularity,
                        SubItem(sub_item) if sub_item else None, sub_item_id or None,
                        institution="demo")  # fmt: skip
    if days is None:
        return Wanted(question)
    first, last = days.split("..")
    return Wanted(question, Window(D(first), D(last)))


def keys(wanted: list[Wanted]) -> list[str]:
    return [f"{each.question.key} {each.window}" if each.window else each.question.key
            for each in wanted]  # fmt: skip


FIRST, LATER = PlannerOptions(skips=True), PlannerOptions(skips=True, is_first=False)
RANKED, COMBINED = (
    PlannerOptions(skips=True, ranked=True),
    PlannerOptions(skips=True, combined=True),
)
# In one window of a year nothing could be cut, so nothing has to be checked.
SHORT = "2026-01-01..2026-06-30"


@pytest.mark.parametrize(
    ("wanted", "means", "expected"),
    [
        pytest.param(
            [asks("breakdown/month/shares", DECADE)],
            PlannerOptions(skips=False),
            [],
            id="not allowed",
        ),
        pytest.param([asks("total/views")], FIRST, [], id="a total needs no evidence"),
        pytest.param(
            [asks("timeline/day/shares", SHORT)], FIRST, [],
            id="a total costs as much as the one timeline that it would save",
        ),
        pytest.param(
            [asks("timeline/day/shares", SHORT)], RANKED,
            ["top/shares/article/1200", "total/shares/article"],
            id="off a ranking it costs next to nothing",
        ),
        pytest.param(
            [asks("timeline/day/views", SHORT)], RANKED, [], id="everything has views"
        ),
        pytest.param(
            [asks("breakdown/month/views", DECADE)], FIRST,
            ["timeline/month/views/article 2016-07-01..2026-06-30",
             "timeline/year/views/article 2022-01-01..2026-06-30"],
            id="five windows are worth a timeline, and a look whether it is whole",
        ),
        pytest.param(
            [asks("breakdown/month/shares", DECADE)], FIRST,
            ["total/shares/article",
             "timeline/month/shares/article 2016-07-01..2026-06-30",
             "timeline/year/shares/article 2022-01-01..2026-06-30"],
            id="most have no shares, so a total first",
        ),
        pytest.param(
            [asks("breakdown/year/views", DECADE)], FIRST,
            ["timeline/month/views/article 2016-07-01..2026-06-30",
             "timeline/year/views/article 2022-01-01..2026-06-30"],
            id="long years are looked at by month, which says more for the same",
        ),
        pytest.param(
            [asks("timeline/day/views", YEARS), asks("breakdown/year/views", DECADE)], FIRST,
            ["timeline/year/views/article 2023-07-01..2026-06-30"],
            id="days say enough",
        ),
        pytest.param(
            [asks("breakdown/month/views", SHORT)], FIRST, [], id="one window is worth none"
        ),
        pytest.param(
            [asks("timeline/year/views", SHORT), asks("breakdown/month/views", SHORT)], FIRST,
            ["timeline/month/views/article 2026-01-01..2026-06-30"],
            id="unless a coarser timeline comes out of it for nothing",
        ),
        pytest.param(
            [asks("timeline/day/views", SHORT), asks("breakdown/month/views", SHORT)], FIRST, [],
            id="a finer one is there already",
        ),
        pytest.param(
            [asks("timeline/day/views", YEARS), asks("timeline/year/views", YEARS)], FIRST, [],
            id="the years are asked anyway",
        ),
        pytest.param(
            [asks("timeline/day/views", DECADE)], FIRST,
            ["timeline/year/views/article 2022-01-01..2026-06-30"],
            id="long days are held against their years",
        ),
        pytest.param(
            [asks("timeline/total/views", DECADE)], FIRST, [], id="one row cannot be cut"
        ),
        pytest.param(
            [asks("breakdown/month/views/article/item_type=dataset", DECADE)], FIRST,
            ["timeline/month/views/article 2016-07-01..2026-06-30",
             "timeline/year/views/article 2022-01-01..2026-06-30"],
            id="what a filter lets through is bounded by all",
        ),
        pytest.param(
            [asks("timeline/day/shares", SHORT)], LATER, [],
            id="a month later a total would still cost more than it saves",
        ),
        pytest.param(
            [asks("timeline/day/views/article/category=2", SHORT),
             asks("timeline/day/views/article/category=3", SHORT)], LATER,
            ["total/views/article"],
            id="but not where it saves two",
        ),
        pytest.param(
            [asks("total/views"), asks("total/shares")], COMBINED, ["total/all-counters/article"],
            id="two counters at once",
        ),
        pytest.param([asks("total/views")], COMBINED, [], id="one counter alone is no cheaper"),
        pytest.param(
            [asks("total/views"), asks("total/shares/group")], COMBINED, [],
            id="of two kinds neither",
        ),
        pytest.param(
            [asks("total/views"), asks("total/views/group")], RANKED,
            ["top/views/article/1200", "top/views/group/1010"],
            id="a ranking for each kind, longer than there are items",
        ),
        pytest.param([asks("total/views/author")], RANKED, [], id="of whom there are none"),
    ],
)  # fmt: skip
def test_evidence_is_asked_only_where_it_may_save_more_than_it_costs(
    wanted: list[Wanted], means: PlannerOptions, expected: list[str]
) -> None:
    assert keys(evidence_for(wanted, ENTITIES, means)) == expected


def test_a_ranking_of_the_public_scope_is_not_asked() -> None:
    """It would rank all of Figshare."""
    public = Wanted(Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS))

    assert evidence_for([public], ENTITIES, RANKED) == []


def test_a_ranking_is_no_longer_than_one_that_the_job_wants_itself() -> None:
    """Asked for in the same length, it would be evidence and dataset at once."""
    top = Wanted(Question(Endpoint.TOP, Kind.ARTICLE, VIEWS, ranks=1200, institution="demo"))

    assert keys(evidence_for([asks("total/views"), top], ENTITIES, RANKED)) == [
        "top/views/article/1201"
    ]


def _ranking(ranks: int) -> Wanted:
    return Wanted(Question(Endpoint.TOP, Kind.ARTICLE, VIEWS, ranks=ranks))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param([], ["total/views"], ["total/views/article"], id="what is worth it now"),
        pytest.param(["total/views"], [], ["total/views/article"], id="nothing goes"),
        pytest.param(
            ["total/views"], ["total/views", "total/shares"],
            ["total/views/article", "total/shares/article"], id="none twice",
        ),
    ],
)  # fmt: skip
def test_evidence_of_a_resumed_run_keeps_the_old_and_adds_the_new_once(
    before: list[str], now: list[str], expected: list[str]
) -> None:
    assert keys(resumed_evidence([*map(asks, before)], [*map(asks, now)])) == expected


def test_a_ranking_keeps_its_length() -> None:
    assert resumed_evidence([_ranking(1200)], [_ranking(1300), asks("total/views")]) == [
        _ranking(1200),
        asks("total/views"),
    ]
