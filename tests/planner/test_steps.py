"""What a plan asks, in which order, and how many requests that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from harvester.model.dates import Window, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question, Wanted
from harvester.model.request import Request
from harvester.model.run_plan import PlanInputs, Settlement
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State, SubItem
from harvester.planner.inputs import NoEvidence
from harvester.planner.planned import NotNeeded, Planned
from harvester.planner.size import first_size, known_requests, size
from harvester.planner.steps import steps

D = date.fromisoformat
TODAY = Settlement(D("2026-11-23"), settle_days=3)
YEARS = Window(D("2020-03-10"), D("2026-11-22"))
VIEWS = Counter.VIEWS

TOTAL = Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS)
COUNT = Question(Endpoint.COUNT, Kind.GROUP)
TOP = Question(Endpoint.TOP, Kind.ARTICLE, VIEWS, ranks=100)
REFERRALS = Question(Endpoint.TOP, Kind.GROUP, VIEWS, sub_item=SubItem.REFERRAL, ranks=50)
MONTHS = Question(Endpoint.TIMELINE, Kind.ARTICLE, VIEWS, Granularity.MONTH)
PLACES = Question(Endpoint.BREAKDOWN, Kind.GROUP, VIEWS, Granularity.MONTH)
THIS_RUN = 5


class Past(NoEvidence):
    """What earlier runs answered, said by the test."""

    def __init__(
        self,
        told: Mapping[Question, Mapping[int, Sequence[PastOutcome]]],
        groups: Mapping[int, int] | None = None,
    ) -> None:
        self._told = told
        self._groups = groups or {}

    def outcomes(
        self, question: Question, low: int, high: int
    ) -> Mapping[int, Sequence[PastOutcome]]:
        found = self._told.get(question, {})
        return {entity: told for entity, told in found.items() if low <= entity <= high}

    def counted_groups(self) -> Mapping[int, int]:
        return self._groups

    def run_id(self, number: int) -> str:
        return f"run-{number}"


def told(run: int, snapshot: str, window: Window | None = None) -> PastOutcome:
    first, last = (epoch_day(window.first), epoch_day(window.last)) if window else (0, 0)
    return PastOutcome(run, epoch_day(D(snapshot)), first, last, last, State.DONE, 1, 1, 0, None)


def inputs(*wanted: Wanted, groups: int = 3) -> PlanInputs:
    entities = {Kind.ARTICLE: [7, 8], Kind.GROUP: list(range(1, groups + 1))}
    return PlanInputs(THIS_RUN, wanted, entities, TODAY)


def items(plan: PlanInputs, known: NoEvidence) -> list[Planned]:
    return [each for step in steps(plan, known) for each in step.items()]


def keys(plan: PlanInputs, known: NoEvidence | None = None) -> list[str]:
    return [request.key for request in known_requests(plan, known or NoEvidence())]


def test_requests_come_by_stage_then_question_then_entity_then_day() -> None:
    plan = inputs(
        Wanted(TOTAL), Wanted(COUNT), Wanted(TOP), Wanted(REFERRALS, YEARS), Wanted(PLACES, YEARS)
    )

    assert keys(plan) == [
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
    plan = inputs(Wanted(COUNT), groups=250)
    asked = list(known_requests(plan, NoEvidence()))

    assert [len(request.groups) for request in asked] == [100, 100, 50]
    assert sum(each.most for each in first_size(plan)[0]) == 3


def test_requests_that_the_run_has_answered_are_not_drawn_again() -> None:
    known = Past(
        {
            TOTAL: {7: [told(THIS_RUN, "2026-11-23")]},
            MONTHS: {8: [told(THIS_RUN, "2026-11-23", YEARS)]},
        }
    )
    plan = inputs(Wanted(TOTAL), Wanted(MONTHS, YEARS))

    assert keys(plan, known) == [
        "total/views/article/8",
        "timeline/month/views/article/7/2020-03-10..2026-11-22",
    ]
    assert sum(each.is_in for each in items(plan, known)) == 2


def test_a_snapshot_is_taken_once_a_date() -> None:
    read = {7: [told(1, "2026-11-23")], 8: [told(1, "2026-11-22")]}
    known = Past({TOTAL: read}, {2: 1})
    plan = inputs(Wanted(TOTAL), Wanted(COUNT))

    assert keys(plan, known) == ["total/views/article/8", "count/articles/group/1-3"]
    stages = {each.stage: each for each in size(plan, known)}
    assert {stage: each.most for stage, each in stages.items()} == {
        Endpoint.TOTAL: 1,
        Endpoint.COUNT: 1,
    }
    assert stages[Endpoint.TOTAL].not_needed == {"covered": 1}


def test_a_covered_stretch_says_which_run_covers_it() -> None:
    over = Window(YEARS.first, D("2026-10-31"))
    plan, known = inputs(Wanted(MONTHS, over)), Past({MONTHS: {7: [told(3, "2026-11-05", over)]}})
    found = items(plan, known)
    covered = [each.item for each in found if isinstance(each.item, NotNeeded)]

    assert [each.item.key for each in found if isinstance(each.item, Request)] == [
        "timeline/month/views/article/8/2020-03-10..2026-10-31",
    ]
    assert [(each.saved.window, each.reason) for each in covered] == [(over, "covered")]
    assert "run-3" in covered[0].proof


def test_a_timeline_with_an_open_month_is_asked_whole_and_covers_nothing() -> None:
    past = told(3, "2026-11-05", Window(YEARS.first, D("2026-10-31")))
    plan, known = inputs(Wanted(MONTHS, YEARS)), Past({MONTHS: {7: [past], 8: [past]}})

    assert [each.item for each in items(plan, known) if isinstance(each.item, NotNeeded)] == []
    assert keys(plan, known) == [
        "timeline/month/views/article/7/2020-03-10..2026-11-22",
        "timeline/month/views/article/8/2020-03-10..2026-11-22",
    ]


def test_settled_days_are_read_again_when_they_are_to_be_refreshed() -> None:
    over = Window(YEARS.first, D("2026-10-31"))
    known = Past({MONTHS: {7: [told(3, "2026-11-05", over)], 8: [told(3, "2026-11-05", over)]}})
    plan = replace(inputs(Wanted(MONTHS, over)), refresh=Window(D("2026-02-10"), D("2026-03-05")))

    assert keys(plan, known) == [
        "timeline/month/views/article/7/2020-03-10..2026-10-31",
        "timeline/month/views/article/8/2020-03-10..2026-10-31",
    ]


@given(
    granularity=st.sampled_from(Granularity),
    first=st.dates(D("2011-01-01"), D("2026-11-22")),
    articles=st.integers(0, 40),
)
def test_counting_requests_gives_as_many_as_making_them(
    granularity: Granularity, first: date, articles: int
) -> None:
    """A million requests are counted without making them: the count must be theirs."""
    window = Window(first, D("2026-11-22"))
    question = Question(Endpoint.BREAKDOWN, Kind.ARTICLE, VIEWS, granularity)
    entities = {Kind.ARTICLE: range(1, articles + 1)}
    plan = PlanInputs(THIS_RUN, [Wanted(TOTAL), Wanted(question, window)], entities, TODAY)

    made = list(known_requests(plan, NoEvidence()))

    assert sum(each.most for each in first_size(plan)[0]) == len(made)
    assert sum(each.most for each in size(plan, NoEvidence())) == len(made)
    assert len({request.key for request in made}) == len(made)
    assert len({(request.question, request.slot) for request in made}) == len(made)
