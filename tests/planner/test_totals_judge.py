"""Timelines against totals: a window that is cut, and events that a total alone counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from harvester.model.dates import Window
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question, Wanted
from harvester.model.rules import Rule, RuleTrial
from harvester.model.run_plan import PlanInputs
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State
from harvester.planner.families import families
from harvester.planner.series import SeriesReader
from harvester.planner.totals_judge import TotalsJudge
from tests.planner.support_steps import Memory
from tests.planner.support_timelines import THIS_RUN, TODAY, D, at, reading, stretch

DAY, MONTH, YEAR, TOTAL = Granularity
KIND, VIEWS = Kind.ARTICLE, Counter.VIEWS
TOTALS = Question(Endpoint.TOTAL, KIND, VIEWS)
# Of the run before: the newest days that its timeline knows, and the day its total is read on.
EARLIER, BEFORE = 5, "2026-06-04"
YESTERDAY = "2026-07-03"
# A breakdown by day or month that began here would be cut after the first, the second year.
LONG = f"2024-01-01..{YESTERDAY}"
EVERYTHING = f"2011-01-01..{YESTERDAY}"
Counts = Mapping[str, int]


class Judged:
    """Series of one timeline, read by an earlier run and by this one, and what is said of them."""

    def __init__(self, days: str, granularity: Granularity = DAY) -> None:
        self._days, self._granularity = days, granularity
        self._timeline = Question(Endpoint.TIMELINE, KIND, VIEWS, granularity)
        self._memory = Memory()
        self._ids: list[int] = []

    def add(
        self, before: Counts | None, now: Counts, total: int, *, read: str | None = None
    ) -> Judged:
        """A series: what each run's timeline counts by day, and the total of this run.

        Args:
            read: the days that this run has read; None: all.
        """
        entity = len(self._ids) + 1
        self._ids.append(entity)
        if before is not None:
            first, _ = self._days.split("..")
            self.read(f"{first}..2026-06-03", before, run=EARLIER, snapshot=BEFORE)
        self.read(read or self._days, now)
        self.total("2026-07-04", total, run=THIS_RUN)
        return self

    def read(
        self, days: str, counts: Counts, *, run: int = THIS_RUN, snapshot: str = "2026-07-04"
    ) -> None:
        """A timeline of the last series."""
        daily = {at(day): n for day, n in counts.items()}
        told = reading(stretch(days), daily, self._granularity, run=run, snapshot=at(snapshot))
        self._keep(told, self._timeline)

    def total(self, on: str, value: int | None, *, run: int = EARLIER) -> None:
        """A total of the last series; None: the service had none."""
        state = State.EMPTY if value is None else State.DONE
        told = PastOutcome(run, at(on), 0, 0, 0, state, 1, value, 0, None)
        self._keep(told, TOTALS)

    def _keep(self, told: PastOutcome, question: Question) -> None:
        self._memory.keep(told, question, self._ids[-1])
        self._memory.answers[question][self._ids[-1]].sort(key=lambda each: each.run)

    def dated(self, day: str) -> None:
        """Say that no event of the last series is older."""
        self._memory.online = {self._ids[-1]: D(day)}

    def judge(self) -> TotalsJudge:
        """Judge all of them."""
        first, last = (D(each) for each in self._days.split(".."))
        wanted = [Wanted(self._timeline, Window(first, last)), Wanted(TOTALS)]
        inputs = PlanInputs(THIS_RUN, wanted, {KIND: self._ids}, TODAY)
        (family,) = families(inputs)
        reader, judge = (
            SeriesReader(inputs, self._memory, family, family),
            TotalsJudge(inputs, family),
        )
        for view in reader(self._timeline):
            judge.look(view, reader.series_evidence(view, before=True), reader)
        return judge


def cut(judge: TotalsJudge) -> RuleTrial | None:
    """What it says about windows; None: nothing."""
    made = [each for each in judge.trials_made() if each.rule is Rule.WHOLE_WINDOW]
    assert len(made) <= 1
    return made[0] if made else None


OLD = {"2024-03-05": 2}


@pytest.mark.parametrize(
    ("before", "now", "total"),
    [
        pytest.param({"2025-05-05": 4, "2026-01-01": 1}, {}, 7, id="all behind the place"),
        pytest.param({"2025-01-02": 1}, {}, 3, id="on the first day behind it"),
        pytest.param({"2025-05-05": 4}, {"2025-01-01": 1}, 7, id="though the day of the cut tells"),
        pytest.param({"2025-05-05": 4}, {}, 9, id="though today has some more"),
        pytest.param({"2025-05-05": 4}, {"2024-07-07": 1}, 7, id="though others came before it"),
    ],
)
def test_a_window_that_lacks_what_earlier_runs_read_behind_its_limit_is_cut(
    before: Counts, now: Counts, total: int
) -> None:
    made = cut(Judged(LONG).add({**OLD, **before}, {**OLD, **now}, total).judge())

    assert made is not None
    assert (made.holds, made.tried) == (False, 1)
    lost = sum(before.values())
    assert made.sentence == (
        f"article 1, views: {lost} events after 2025-01-01, which earlier runs read, are not told"
    )


@pytest.mark.parametrize(
    ("days", "before", "now", "total"),
    [
        pytest.param(LONG, {"2025-05-05": 4}, {"2026-01-01": 1}, 9, id="it goes on behind it"),
        pytest.param(LONG, {"2025-01-01": 4}, {}, 6, id="what is gone lies before it"),
        pytest.param(LONG, {}, {}, 5, id="there never was anything behind it"),
        pytest.param(LONG, None, {}, 5, id="no earlier run has read it"),
        pytest.param(LONG, {"2025-05-05": 4}, {}, 2, id="its total has fallen with them"),
        pytest.param(LONG, {"2025-05-05": 4}, {}, 5, id="its total has but for one of today"),
        pytest.param(
            f"2025-08-01..{YESTERDAY}",
            {"2026-05-05": 4},
            {},
            6,
            id="no window of its length is cut",
        ),
    ],
)
def test_a_window_that_ends_early_for_another_reason_is_not_cut(
    days: str, before: Counts | None, now: Counts, total: int
) -> None:
    old = OLD if days == LONG else {}
    earlier = None if before is None else {**old, **before}
    assert cut(Judged(days).add(earlier, {**old, **now}, total).judge()) is None


@pytest.mark.parametrize(
    ("granularity", "lost", "is_cut"),
    [
        pytest.param(MONTH, "2026-02-01", True, id="months after two years"),
        pytest.param(MONTH, "2026-01-31", False, id="months up to the one it may be cut in"),
        pytest.param(YEAR, "2026-01-20", False, id="years within five"),
        pytest.param(TOTAL, "2026-01-20", False, id="one row is never cut"),
    ],
)
def test_where_a_window_is_cut_depends_on_its_granularity(
    granularity: Granularity, lost: str, *, is_cut: bool
) -> None:
    judged = Judged(LONG, granularity).add({**OLD, lost: 4}, OLD, 6)
    assert bool(cut(judged.judge())) is is_cut


@pytest.mark.parametrize(
    ("granularity", "told", "is_cut"),
    [
        pytest.param(DAY, {"2025-01-02": 1}, False, id="a day behind it"),
        pytest.param(DAY, {"2024-12-31": 1}, True, id="only days before it"),
        pytest.param(MONTH, {"2026-02-01": 1}, False, id="a month behind it"),
        pytest.param(MONTH, {"2026-01-31": 1}, True, id="the month it may be cut in"),
    ],
)
def test_one_series_that_reaches_beyond_shows_that_none_is_cut(
    granularity: Granularity, told: Counts, *, is_cut: bool
) -> None:
    """Whatever was taken from the others, and in whichever order they come."""
    lost = ({**OLD, "2026-02-20": 4}, OLD, 6)
    first = Judged(LONG, granularity).add(*lost).add(None, told, 1)
    last = Judged(LONG, granularity).add(None, told, 1).add(*lost)
    assert [bool(cut(each.judge())) for each in (first, last)] == [is_cut, is_cut]


def test_all_series_that_seem_cut_are_counted_and_the_first_is_told() -> None:
    lost = ({**OLD, "2026-02-20": 4}, OLD, 6)
    made = cut(Judged(LONG).add(*lost).add(*lost).judge())
    assert made is not None
    assert made.tried == 2
    assert made.sentence.startswith("article 1, views: 4 events")


def notes(judged: Judged, *, dates_hold: bool = True) -> list[str]:
    """What it says about totals that count more than is here."""
    found = judged.judge().contradictions(dates_hold=dates_hold)
    assert {each.reason for each in found} <= {"total_above_timeline"}
    assert {each.question for each in found} <= {TOTALS}
    assert all(each.is_note for each in found), "nothing is asked for its sake"
    return [each.sentence for each in found]


HERE = {"2020-05-05": 5, "2026-06-02": 2, "2026-06-20": 1}
Totals = Sequence[tuple[str, int | None]]


@pytest.mark.parametrize(
    ("earlier", "today", "said"),
    [
        pytest.param([("2026-06-04", 9)], 10, ("2026-06-04", 9, 7), id="it counts two more"),
        pytest.param([("2026-06-04", 9)], 14, ("2026-06-04", 9, 7), id="and today some besides"),
        pytest.param([("2026-06-01", 6)], 9, ("2026-06-01", 6, 5), id="before the last of them"),
        pytest.param([("2026-05-04", 9), ("2026-06-04", 9)], 10, ("2026-06-04", 9, 7),
                     id="the younger one is told"),
        pytest.param([("2026-06-04", 9), ("2026-06-05", None)], 10, ("2026-06-04", 9, 7),
                     id="one without an answer says nothing"),
        pytest.param([("2026-06-04", 7)], 8, None, id="all of it is here"),
        pytest.param([("2026-06-02", 6)], 9, None, id="of its own day it counts a part"),
        pytest.param([], 12, None, id="there is none but today's"),
        pytest.param([("2026-05-04", 9), ("2026-06-04", 7)], 10, None, id="the younger has less"),
        pytest.param([("2026-06-04", 9)], 9, None, id="one of the two was taken back since"),
        pytest.param([("2026-06-04", 9)], 8, None, id="both were taken back since"),
    ],
)  # fmt: skip
def test_a_total_above_the_days_up_to_its_own_is_noted(
    earlier: Totals, today: int, said: tuple[str, int, int] | None
) -> None:
    judged = Judged(EVERYTHING).add(None, HERE, today)
    for run, (on, value) in enumerate(earlier, 1):
        judged.total(on, value, run=run)
    wanted = (
        "article 1, views: its total of {} counts {}, the days up to then {}".format(*said)
        if said
        else None
    )
    assert notes(judged) == ([wanted] if wanted else [])


@pytest.mark.parametrize(
    ("before", "is_noted"),
    [
        pytest.param({**HERE, "2026-05-05": 2}, False, id="as many as it lacks"),
        pytest.param({**HERE, "2026-05-05": 1}, True, id="one fewer"),
        pytest.param({"2020-05-05": 5, "2026-06-01": 2}, False, id="others came instead"),
        pytest.param({"2020-05-05": 5, "2026-06-02": 1}, True, id="more came, none went"),
    ],
)
def test_what_earlier_runs_read_and_this_one_does_not_was_taken_back(
    before: Counts, *, is_noted: bool
) -> None:
    """Today's total may count as much all the same: events of today that no timeline tells yet."""
    judged = Judged(EVERYTHING).add(before, HERE, 20)
    judged.total(BEFORE, 9)
    assert bool(notes(judged)) is is_noted


@pytest.mark.parametrize(
    ("online", "earlier", "is_noted"),
    [
        pytest.param("2024-01-01", "2026-06-04", True, id="it came on the first day"),
        pytest.param("2025-05-05", "2026-06-04", True, id="it came later"),
        pytest.param("2023-12-31", "2026-06-04", False, id="it came a day before"),
        pytest.param(None, "2026-06-04", False, id="nobody knows when it came"),
        pytest.param("2024-01-01", "2023-12-31", False, id="the total is older than the period"),
    ],
)
def test_a_period_that_begins_later_must_reach_back_to_the_item_by_its_dates(
    online: str | None, earlier: str, *, is_noted: bool
) -> None:
    judged = Judged(LONG).add(None, {"2026-06-02": 2}, 20)
    judged.total(earlier, 9)
    if online:
        judged.dated(online)

    assert notes(judged, dates_hold=False) == [], "a wrong date explains it"
    found = notes(judged)
    assert bool(found) is is_noted
    assert all(each.endswith("(if its dates are right, of which none is older)") for each in found)


def test_what_no_date_proves_is_noted_though_dates_are_wrong() -> None:
    judged = Judged(EVERYTHING).add(None, HERE, 10)
    judged.total("2026-06-04", 9)
    assert len(notes(judged, dates_hold=False)) == 1


def test_a_total_whose_days_are_not_all_read_says_nothing() -> None:
    """Of three, that of June has days that nobody has read; that of May has none."""
    judged = Judged(EVERYTHING).add(None, HERE, 10, read=f"2026-06-02..{YESTERDAY}")
    judged.read("2011-01-01..2026-05-30", HERE, run=1, snapshot="2026-06-01")
    judged.total("2026-05-20", 6, run=1)
    judged.total("2026-06-04", 9, run=2)
    assert notes(judged) == [
        "article 1, views: its total of 2026-05-20 counts 6, the days up to then 5"
    ]
