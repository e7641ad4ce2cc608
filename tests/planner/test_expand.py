"""What a plan asks, in which order, and how many requests that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from harvester.model.question import Question
from harvester.model.reading import Reading
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.model.wanted import Wanted
from harvester.model.window import Window
from harvester.planner.coverage import Today
from harvester.planner.expand import NothingKnown, NotNeeded, Plan, requests_of
from harvester.planner.size import size

D = date.fromisoformat
TODAY = Today(D("2026-11-23"), settle_days=3)
YEARS = Window(D("2020-03-10"), D("2026-11-22"))
VIEWS = Counter.VIEWS

TOTAL = Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS)
COUNT = Question(Endpoint.COUNT, Kind.GROUP)
TOP = Question(Endpoint.TOP, Kind.ARTICLE, VIEWS, ranks=100)
REFERRALS = Question(Endpoint.TOP, Kind.GROUP, VIEWS, sub_item=SubItem.REFERRAL, ranks=50)
MONTHS = Question(Endpoint.TIMELINE, Kind.ARTICLE, VIEWS, Granularity.MONTH)
PLACES = Question(Endpoint.BREAKDOWN, Kind.GROUP, VIEWS, Granularity.MONTH)


class Past:
    """What earlier runs answered, said by the test."""

    def __init__(
        self, readings: Mapping[Question, Mapping[int, Sequence[Reading]]], groups: set[int]
    ) -> None:
        self._readings = readings
        self._groups = groups

    def readings(self, question: Question) -> Mapping[int, Sequence[Reading]]:
        return self._readings.get(question, {})

    def counted_groups(self) -> set[int]:
        return self._groups


def plan(*wanted: Wanted, known: Past | NothingKnown | None = None, groups: int = 3) -> Plan:
    entities = {Kind.ARTICLE: [7, 8], Kind.GROUP: list(range(1, groups + 1))}
    return Plan(wanted, entities, known or NothingKnown(), TODAY)


def test_requests_come_by_question_then_entity_then_day() -> None:
    asked = plan(
        Wanted(TOTAL), Wanted(COUNT), Wanted(TOP), Wanted(REFERRALS, YEARS), Wanted(PLACES, YEARS)
    )

    assert [request.key for request in requests_of(asked)] == [
        "total/views/article/7",
        "total/views/article/8",
        "count/articles/group/1-3",
        "top/views/article/100",
        *(f"top/views/group/referral/50/{group}/2020-03-10..2026-11-22" for group in (1, 2, 3)),
        *(
            f"breakdown/month/views/group/{group}/{window}"
            for group in (1, 2, 3)
            for window in (
                "2020-03-10..2022-02-28",
                "2022-03-01..2024-02-29",
                "2024-03-01..2026-02-28",
                "2026-03-01..2026-11-22",
            )
        ),
    ]


def test_groups_are_counted_a_hundred_at_once() -> None:
    asked = plan(Wanted(COUNT), groups=250)

    assert [len(request.groups) for request in requests_of(asked)] == [100, 100, 50]
    assert size(asked).requests == 3


def test_what_the_run_answered_is_not_drawn_again() -> None:
    asked = plan(Wanted(TOTAL), Wanted(MONTHS, YEARS))
    answered = {TOTAL: {(7, 0)}, MONTHS: {(8, (YEARS.first - D("1970-01-01")).days)}}

    left = requests_of(asked, lambda question: answered[question])

    assert [request.key for request in left] == [
        "total/views/article/8",
        "timeline/month/views/article/7/2020-03-10..2026-11-22",
    ]


def test_a_snapshot_is_taken_once_a_date() -> None:
    def read(snapshot: str) -> Reading:
        return Reading(D("1970-01-01"), D("1970-01-01"), D(snapshot), f"{snapshot}.1", 1)

    known = Past({TOTAL: {7: [read("2026-11-23")], 8: [read("2026-11-22")]}}, {2})
    asked = plan(Wanted(TOTAL), Wanted(COUNT), known=known)

    assert [request.key for request in requests_of(asked)] == [
        "total/views/article/8",
        "count/articles/group/1-3",
    ]
    assert size(asked).requests == 2
    assert size(asked).not_needed(Endpoint.TOTAL) == {"covered": 1}


def test_what_is_covered_says_by_which_run() -> None:
    past = Reading(YEARS.first, D("2026-10-31"), D("2026-11-05"), "2026-11-05.1", 1)
    asked = plan(Wanted(MONTHS, YEARS), known=Past({MONTHS: {7: [past]}}, set()))

    items = list(asked.items(asked.wanted[0]))
    covered = [item for item in items if isinstance(item, NotNeeded)]

    assert [item.key for item in items if isinstance(item, Request)] == [
        "timeline/month/views/article/7/2026-11-01..2026-11-22",
        "timeline/month/views/article/8/2020-03-10..2026-11-22",
    ]
    assert [(each.saved.window, each.reason) for each in covered] == [
        (Window(YEARS.first, D("2026-10-31")), "covered")
    ]
    assert "2026-11-05.1" in covered[0].proof


@given(
    granularity=st.sampled_from(Granularity),
    first=st.dates(D("2011-01-01"), D("2026-11-22")),
    articles=st.integers(0, 40),
)
def test_counting_and_making_agree(granularity: Granularity, first: date, articles: int) -> None:
    """A million requests are counted without making them: the count must be theirs."""
    window = Window(first, D("2026-11-22"))
    question = Question(Endpoint.BREAKDOWN, Kind.ARTICLE, VIEWS, granularity)
    asked = Plan(
        [Wanted(TOTAL), Wanted(question, window)],
        {Kind.ARTICLE: range(1, articles + 1)},
        NothingKnown(),
        TODAY,
    )

    made = list(requests_of(asked))

    assert size(asked).requests == len(made)
    assert len({request.key for request in made}) == len(made)
    assert len({(request.question, request.slot) for request in made}) == len(made)
