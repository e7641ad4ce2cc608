"""Coarser timelines are derived once the first series bear it out; long windows likewise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from harvester.model.dates import Window, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.packed_counts import pack_counts
from harvester.model.question import Question, Wanted
from harvester.model.request import Request
from harvester.model.rules import Rule
from harvester.model.run_plan import PlanInputs, Settlement
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State
from harvester.planner.evidence_requests import PlannerOptions, evidence_for
from harvester.planner.inputs import RuleRecord
from tests.planner.support_steps import Daily, Memory, Service, run_steps, spelled

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity
KIND, VIEWS = Kind.ARTICLE, Counter.VIEWS
SHORT = Window(D("2026-01-15"), D("2026-07-03"))
LONG = Window(D("2019-01-15"), D("2026-07-03"))
IDS = list(range(1, 61))
# Every other entity has events: 30 of them.
BUSY = [n for n in IDS if n % 2]
FIRST_20 = set(BUSY[:20])


def at(text: str) -> int:
    return epoch_day(D(text))


def world(*days: str) -> Mapping[int, Daily]:
    return {n: {at(day): n + place for place, day in enumerate(days)} for n in BUSY}


RECENT = world("2026-01-20", "2026-03-31", "2026-04-01", "2026-07-02")
OLD_AND_RECENT = world("2019-03-05", "2022-08-01", "2026-07-02")


def timeline(granularity: Granularity) -> Question:
    return Question(Endpoint.TIMELINE, KIND, VIEWS, granularity)


TOTALS = Question(Endpoint.TOTAL, KIND, VIEWS)


def job(window: Window, *granularities: Granularity, has_totals: bool = False) -> PlanInputs:
    wanted = [Wanted(timeline(each), window) for each in granularities]
    wanted = [Wanted(TOTALS), *wanted] if has_totals else wanted
    evidence = evidence_for(wanted, {KIND: IDS}, PlannerOptions(skips=True))
    return PlanInputs(5, wanted, {KIND: IDS}, Settlement(D("2026-07-04"), 3), evidence, skips=True)


def key(granularity: Granularity) -> str:
    return timeline(granularity).key


@pytest.mark.parametrize("coarse", [MONTH, YEAR, TOTAL])
def test_the_first_20_with_events_are_asked_in_both_and_the_others_worked_out(
    coarse: Granularity,
) -> None:
    run = run_steps(job(SHORT, DAY, coarse), Service(RECENT))

    assert run.entities(key(DAY)) == set(IDS)
    assert run.entities(key(coarse)) == FIRST_20
    for n in IDS:
        rows = run.derived.get((timeline(coarse), n), {})
        daily = RECENT.get(n, {})
        assert rows == ({} if n in FIRST_20 else spelled(daily, coarse, SHORT)), n
    proof = run.memory.trials_made[Rule.DERIVED, VIEWS]
    assert (proof.holds, proof.tried) == (True, 20)
    assert run.spared[key(coarse), BUSY[-1]] == {"derived"}
    assert run.spared[key(coarse), IDS[-1]] == {"timeline_is_zero"}


@pytest.mark.parametrize(
    ("lie", "asked", "holds"),
    [
        pytest.param({"more_of": [BUSY[19]], "more_in": at("2026-01-20")}, IDS, False,
                     id="the twentieth differs"),
        pytest.param({"more_of": [BUSY[0]], "more_in": at("2026-04-01")}, IDS, False,
                     id="the first differs in its third month"),
        pytest.param({"more_of": BUSY, "more_in": at("2026-07-02")}, FIRST_20, True,
                     id="what is still open may have moved"),
        pytest.param({"more_of": BUSY, "more_in": at("2026-05-05")}, FIRST_20, True,
                     id="nothing differs where nothing is"),
    ],
)  # fmt: skip
def test_one_difference_ends_deriving_for_every_entity(
    lie: dict[str, object], asked: set[int], *, holds: bool
) -> None:
    service = Service(RECENT, more_by=[MONTH], **lie)  # type: ignore[arg-type]  # a table's row
    run = run_steps(job(SHORT, DAY, MONTH), service)

    assert run.entities(key(MONTH)) == set(asked)
    assert run.memory.trials_made[Rule.DERIVED, VIEWS].holds is holds
    assert bool(run.derived) is holds


@pytest.mark.parametrize(
    ("trials", "asked", "derived_answers"),
    [
        pytest.param(RuleRecord(before=20), set(), set(BUSY), id="shown before"),
        pytest.param(RuleRecord(before=15), set(BUSY[:5]), set(BUSY[5:]), id="fifteen were shown"),
        pytest.param(
            RuleRecord(before=3, held_before=False, holds=False),
            set(IDS),
            set(),
            id="it failed once",
        ),
    ],
)
def test_entities_are_worked_out_once_earlier_runs_have_shown_the_rule(
    trials: RuleRecord, asked: set[int], derived_answers: set[int]
) -> None:
    run = run_steps(job(SHORT, DAY, MONTH), Service(RECENT), Memory(before={Rule.DERIVED: trials}))

    assert run.entities(key(MONTH)) == asked
    assert {entity for _, entity in run.derived} == derived_answers


def test_coarser_timelines_are_asked_where_the_finest_failed() -> None:
    lost = BUSY[-1]
    run = run_steps(job(SHORT, DAY, MONTH), Service(RECENT, refuses=[f"{key(DAY)}/{lost}/"]))

    assert run.entities(key(MONTH)) == FIRST_20 | {lost}
    assert (timeline(MONTH), lost) not in run.derived


def test_days_that_the_finest_timeline_could_not_tell_are_no_zeros() -> None:
    """An earlier run has read it to March; what came since failed."""
    half, lost = Window(SHORT.first, D("2026-03-31")), BUSY[-1]
    memory = Memory()
    first, last = epoch_day(half.first), epoch_day(half.last)
    points = Service(RECENT).counts(Request(timeline(DAY), lost, half))
    told = PastOutcome(
        4, at("2026-06-01"), first, last, last, State.DONE, 2, 1, 1, pack_counts(points)
    )
    memory.keep(told, timeline(DAY), lost)
    run = run_steps(
        job(SHORT, DAY, MONTH), Service(RECENT, refuses=[f"{key(DAY)}/{lost}/"]), memory
    )

    assert [str(each.window) for each in run.asked
            if (each.question, each.entity_id) == (timeline(DAY), lost)
            ] == ["2026-01-15..2026-07-03"]  # fmt: skip
    assert lost in run.entities(key(MONTH))
    assert (timeline(MONTH), lost) not in run.derived


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param("2026-02-10", "2026-07-03", id="from the middle of a month"),
        pytest.param("2026-02-01", "2026-06-10", id="to the middle of one"),
    ],
)
def test_a_year_that_cuts_a_month_is_not_derived_from_months(first: str, last: str) -> None:
    inputs = job(SHORT, MONTH)
    years = Wanted(timeline(YEAR), Window(D(first), D(last)))
    run = run_steps(replace(inputs, wanted=[*inputs.wanted, years]), Service(RECENT))

    assert run.derived == {}
    assert run.entities(key(YEAR)) >= set(BUSY)


def test_a_month_that_the_finest_timeline_has_in_part_is_no_sum() -> None:
    """Days from the 15th do not tell a month that is asked from the 1st."""
    whole = replace(SHORT, first=D("2026-01-01"))
    inputs = job(SHORT, DAY)
    inputs = replace(inputs, wanted=[*inputs.wanted, Wanted(timeline(MONTH), whole)])
    run = run_steps(inputs, Service(RECENT))

    assert run.entities(key(MONTH)) == set(IDS)
    assert run.derived == {}


def test_long_windows_are_shown_to_be_whole_by_their_totals() -> None:
    """Where the period reaches back to the first event, nothing more has to be asked."""
    inputs = job(replace(LONG, first=D("2011-01-01")), DAY, YEAR, has_totals=True)
    memory = Memory(before={Rule.DERIVED: RuleRecord(before=20)})
    run = run_steps(inputs, Service(OLD_AND_RECENT), memory)

    assert run.memory.trials_made[Rule.WHOLE_WINDOW, VIEWS].holds
    assert run.entities(key(YEAR)) == set()


def test_a_few_events_of_today_do_not_make_a_window_doubtful() -> None:
    """The total counts them, the timeline to yesterday does not."""
    today = {n: {**daily, at("2026-07-04"): 2} for n, daily in OLD_AND_RECENT.items()}
    inputs = job(replace(LONG, first=D("2011-01-01")), DAY, has_totals=True)
    run = run_steps(inputs, Service(today))

    assert run.memory.trials_made[Rule.WHOLE_WINDOW, VIEWS].holds
    assert run.entities(key(YEAR)) == set()


def test_a_few_events_lost_behind_the_cut_are_found() -> None:
    """As few as today's might be; but no series has any of later years."""
    few = {n: {at("2011-05-05"): 900, at("2025-06-05"): 2} for n in BUSY}
    inputs = job(replace(LONG, first=D("2011-01-01")), DAY, has_totals=True)
    run = run_steps(inputs, Service(few, is_limited=True))

    assert not run.memory.trials_made[Rule.WHOLE_WINDOW, VIEWS].holds


def test_long_windows_once_shown_whole_are_not_checked_again() -> None:
    memory = Memory(before={Rule.WHOLE_WINDOW: RuleRecord(before=20)})
    run = run_steps(job(LONG, DAY), Service(OLD_AND_RECENT), memory)

    assert run.entities(key(YEAR)) == set()
    assert run.memory.trials_made == {}


def test_without_totals_the_first_20_are_held_against_their_years() -> None:
    run = run_steps(job(LONG, DAY), Service(OLD_AND_RECENT))

    assert run.entities(key(YEAR)) == FIRST_20
    proof = run.memory.trials_made[Rule.WHOLE_WINDOW, VIEWS]
    assert (proof.holds, proof.tried) == (True, 20)
    assert {str(each.window) for each in run.asked if each.question == timeline(DAY)} == {str(LONG)}


@pytest.mark.parametrize("has_totals", [False, True], ids=["no totals", "totals"])
def test_long_windows_that_are_cut_are_asked_in_pieces(*, has_totals: bool) -> None:
    """Every entity, the silent ones too: nobody knows what they lost."""
    run = run_steps(job(LONG, DAY, MONTH, has_totals=has_totals),
                Service(OLD_AND_RECENT, is_limited=True))  # fmt: skip

    proof = run.memory.trials_made[Rule.WHOLE_WINDOW, VIEWS]
    assert not proof.holds
    assert "2022" in proof.sentence or "2026" in proof.sentence
    for n in IDS:
        found: dict[int, int] = {}
        for told in run.memory.answers[timeline(DAY)].get(n, ()):
            request = next(each for each in run.asked if each.question == timeline(DAY)
                           and each.entity_id == n and each.slot[1] == told.first)  # fmt: skip
            found |= Service(OLD_AND_RECENT, is_limited=True).counts(request)
        assert found == OLD_AND_RECENT.get(n, {}), n


def test_windows_that_were_cut_once_are_asked_in_pieces_at_once() -> None:
    trials = RuleRecord(before=1, held_before=False, holds=False)
    run = run_steps(
        job(LONG, DAY), Service(OLD_AND_RECENT), Memory(before={Rule.WHOLE_WINDOW: trials})
    )

    windows = [each.window for each in run.asked if each.question == timeline(DAY)]
    assert all(each and each.days <= 366 for each in windows)
    assert run.entities(key(YEAR)) == set()


def memory_of(question: Question, window: Window, counts: Mapping[int, int], entity: int) -> Memory:
    """What an earlier run has read of one entity, all of it settled by now."""
    first, last = epoch_day(window.first), epoch_day(window.last)
    rows = int(bool(counts))
    told = PastOutcome(
        4, at("2026-06-30"), first, last, last, State.DONE, rows, 1, 1, pack_counts(counts)
    )
    memory = Memory(before={Rule.DERIVED: RuleRecord(before=20)})
    memory.keep(told, question, entity)
    return memory


def test_a_timeline_that_cannot_be_derived_is_asked_whole_where_days_of_it_are_open() -> None:
    """The finest ended long ago; what earlier runs read of the other may have been restated."""
    months = timeline(MONTH)
    inputs = job(Window(SHORT.first, D("2026-03-31")), DAY)
    inputs = replace(inputs, wanted=[*inputs.wanted, Wanted(months, SHORT)])
    over = Window(SHORT.first, D("2026-05-31"))
    counts = Service(RECENT).counts(Request(months, BUSY[0], over))
    run = run_steps(inputs, Service(RECENT), memory_of(months, over, counts, BUSY[0]))

    asked = [each.window for each in run.asked
             if (each.question, each.entity_id) == (months, BUSY[0])]  # fmt: skip
    assert asked == [SHORT]
    assert run.spared.get((months.key, BUSY[0])) is None


def test_months_whose_days_were_all_taken_back_are_derived_and_said_to_be() -> None:
    """No events are left to add up, but rows of an earlier run are to go."""
    lost, months = IDS[1], timeline(MONTH)
    memory = memory_of(months, SHORT, {at("2026-03-01"): 4}, lost)
    run = run_steps(job(SHORT, DAY, MONTH), Service(RECENT), memory)

    assert run.derived[months, lost] == {}
    assert "derived" in run.spared[months.key, lost]


def test_a_piece_of_a_check_that_failed_is_no_difference() -> None:
    """It lies between two that were answered: its years were not told, and do not count 0."""
    window = replace(LONG, first=D("2011-01-15"))
    early = world("2012-03-05", "2017-08-01", "2026-07-02")
    refused = [f"{key(YEAR)}/{BUSY[0]}/2016-01-01..2020-12-31"]
    run = run_steps(job(window, DAY, YEAR), Service(early, refuses=refused))

    pieces = [str(each.window) for each in run.asked
              if (each.question, each.entity_id) == (timeline(YEAR), BUSY[0])]  # fmt: skip
    assert pieces == [
        "2011-01-15..2015-12-31", "2016-01-01..2020-12-31", "2021-01-01..2025-12-31",
        "2026-01-01..2026-07-03",
    ]  # fmt: skip
    assert run.memory.trials_made[Rule.DERIVED, VIEWS].holds


def test_where_deriving_was_given_up_nothing_waits_for_its_trial() -> None:
    """Long windows are tried all the same, and every series is asked."""
    given_up = RuleRecord(before=3, held_before=False, holds=False)
    memory = Memory(before={Rule.DERIVED: given_up})
    run = run_steps(job(LONG, DAY, MONTH, TOTAL), Service(OLD_AND_RECENT), memory)

    assert run.memory.trials_made[Rule.WHOLE_WINDOW, VIEWS].holds
    assert run.entities(key(MONTH)) == set(IDS)
    assert run.entities(key(TOTAL)) == set(IDS)
