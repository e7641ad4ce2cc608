"""What evidence proves about one series, case by case; how it proves it at random stands beside."""

from __future__ import annotations

from datetime import date

import pytest

from harvester.model.dates import epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.rules import Rule
from harvester.model.terms import Granularity, State
from harvester.planner.history import SeriesHistory
from harvester.planner.intervals import DayRange, subtract_all
from harvester.planner.series_evidence import (
    SeriesEvidence,
    counted_before,
    is_complete,
    reaches_back,
    rest_before,
)

D = date.fromisoformat
DAY, MONTH, YEAR, TOTAL = Granularity
FIRST = epoch_day(D("2026-03-10"))


def at(text: str) -> int:
    return epoch_day(D(text))


def counted(points: dict[str, int], read: str, *, edge: Granularity = DAY) -> SeriesHistory:
    """A record of one reading, in settled days."""
    first, last = (at(each) for each in read.split(".."))
    by_day = {at(day): n for day, n in points.items()}
    return SeriesHistory(edge, by_day, [(first, last)], [(first, last, 1)])


def totals(*read: tuple[str, int | None]) -> list[PastOutcome]:
    return [
        PastOutcome(run, at(on), 0, 0, 0, State.DONE, 1, value, 0, None)
        for run, (on, value) in enumerate(read, 1)
    ]


@pytest.mark.parametrize(
    ("edge", "points", "day", "is_before"),
    [
        pytest.param(DAY, ["2026-03-10"], "2026-03-11", True, id="the day before"),
        pytest.param(DAY, ["2026-03-10"], "2026-03-10", False, id="the day itself"),
        pytest.param(DAY, [], "2026-03-10", False, id="no events"),
        pytest.param(MONTH, ["2026-03-10"], "2026-03-31", False, id="in the month"),
        pytest.param(MONTH, ["2026-03-10"], "2026-04-01", True, id="after the month"),
        pytest.param(YEAR, ["2026-03-10", "2027-01-01"], "2026-12-31", False, id="in the year"),
        pytest.param(TOTAL, ["2026-03-10"], "2026-06-30", False, id="in all that was read"),
        pytest.param(TOTAL, ["2026-03-10"], "2026-07-01", True, id="after all that was read"),
    ],
)
def test_events_lie_before_a_day_where_their_whole_period_does(
    edge: Granularity, points: list[str], day: str, *, is_before: bool
) -> None:
    history = counted(dict.fromkeys(points, 1), "2026-03-10..2026-06-30", edge=edge)
    assert counted_before(history, at(day)) is is_before


MAY = "2026-03-10..2026-05-31"


@pytest.mark.parametrize(
    ("past", "history", "rest"),
    [
        pytest.param(
            [("2026-05-04", 7)],
            counted({"2026-04-01": 2, "2026-05-20": 3}, MAY),
            5,
            id="a day without events: what the total has more than the days before it",
        ),
        pytest.param(
            [("2026-05-04", 7), ("2026-05-20", 9)],
            counted({"2026-04-01": 2, "2026-05-20": 3}, MAY),
            5,
            id="a later total that tells less takes nothing away",
        ),
        pytest.param(
            [("2026-04-01", 6)],
            counted({"2026-04-01": 2}, MAY),
            None,
            id="of a day with events nobody knows how many came before the total",
        ),
        pytest.param(
            [("2026-04-01", 6), ("2026-05-04", 7)],
            counted({"2026-04-01": 2}, MAY),
            5,
            id="a second total tells it",
        ),
        pytest.param(
            [("2026-04-01", 6), ("2026-05-04", 7)],
            counted({"2026-04-01": 1, "2026-05-04": 1}, MAY),
            None,
            id="two days with events leave two answers",
        ),
        pytest.param(
            [("2026-04-01", 5), ("2026-04-02", 10)],
            counted({"2026-04-01": 2, "2026-04-02": 3}, MAY),
            5,
            id="the least that one leaves is the most that another allows",
        ),
        pytest.param(
            [("2026-04-01", 1)],
            counted({"2026-03-15": 2}, MAY),
            None,
            id="fewer than nothing is no rest: counts were restated",
        ),
        pytest.param(
            [("2026-06-02", 5)],
            counted({"2026-04-01": 2}, MAY),
            None,
            id="the days up to the total were not all read",
        ),
        pytest.param(
            [("2026-06-01", 5)],
            counted({"2026-04-01": 2}, MAY),
            None,
            id="the day of the total was not read",
        ),
        pytest.param(
            [("2026-06-01", 2)],
            counted({"2026-04-01": 2}, MAY),
            0,
            id="nothing is left for the days before, whatever that day counts",
        ),
        pytest.param(
            [("2026-05-04", None)], counted({}, MAY), None, id="null leaves nothing to reckon with"
        ),
        pytest.param([("2026-03-10", 4)], counted({}, MAY), None, id="a total of the first day"),
        pytest.param(
            [("2026-05-04", 4)],
            counted({"2026-04-01": 4}, MAY, edge=MONTH),
            None,
            id="months do not say what lies before a day",
        ),
        pytest.param([], counted({}, MAY), None, id="no total at all"),
    ],
)
def test_events_before_the_period_are_the_total_less_the_record(
    past: list[tuple[str, int | None]], history: SeriesHistory, rest: int | None
) -> None:
    assert rest_before(totals(*past), history, FIRST, None) == rest


def test_open_days_tell_nothing_about_the_day_of_a_total() -> None:
    """A day that is not settled may have had events that no timeline tells yet."""
    history = counted({"2026-04-01": 2}, MAY)
    is_open = SeriesHistory(DAY, history.points, [(FIRST, at("2026-05-03"))], history.readings)

    assert rest_before(totals(("2026-05-04", 7)), history, FIRST, None) == 5
    assert rest_before(totals(("2026-05-04", 7)), is_open, FIRST, None) is None


@pytest.mark.parametrize(
    ("total", "past", "first", "online", "expected"),
    [
        pytest.param(5, [], "2011-01-01", None, True, id="the period begins when counting began"),
        pytest.param(6, [], "2011-01-01", None, False, id="one event more than is here"),
        pytest.param(4, [], "2011-01-01", None, False, id="one event fewer"),
        pytest.param(None, [], "2011-01-01", None, False, id="no total"),
        pytest.param(5, [], "2026-03-10", "2026-03-10", True, id="it begins with the item"),
        pytest.param(5, [], "2026-03-10", "2026-03-09", False, id="the item is a day older"),
        pytest.param(5, [], "2026-03-10", None, False, id="nobody knows how old the item is"),
        pytest.param(
            12, [("2026-05-04", 12)], "2026-03-10", None, True, id="what lies before is known"
        ),
        pytest.param(
            13, [("2026-05-04", 12)], "2026-03-10", None, False, id="one more than is known"
        ),
        pytest.param(
            12, [("2026-04-01", 9)], "2026-03-10", None, False,
            id="that the total did not move since proves nothing",
        ),
    ],
)  # fmt: skip
def test_a_record_holds_all_events_when_it_adds_up_to_the_total(
    total: int | None,
    past: list[tuple[str, int | None]],
    first: str,
    online: str | None,
    *,
    expected: bool,
) -> None:
    """So that a rule that never fires would be seen, too."""
    history = counted({"2026-04-01": 3, "2026-04-20": 2}, f"{first}..2026-05-31")
    born = at(online) if online else None

    assert is_complete(total, totals(*past), history, at(first), born) is expected


@pytest.mark.parametrize(
    ("first", "online", "expected"),
    [
        ("2011-01-01", None, True), ("2010-06-01", None, True), ("2011-01-02", None, False),
        ("2020-05-05", "2020-05-05", True), ("2020-05-05", "2020-05-06", True),
        ("2020-05-05", "2020-05-04", False),
    ],
)  # fmt: skip
def test_a_series_reaches_back_when_nothing_was_online_before_it(
    first: str, online: str | None, *, expected: bool
) -> None:
    assert reaches_back(at(first), at(online) if online else None) is expected


def _days(text: str) -> DayRange:
    first, _, last = text.partition("..")
    return at(first), at(last or first)


_RECORD = counted({"2026-04-20": 2}, "2026-04-01..2026-04-30")
_MONTHS = counted({"2026-04-01": 2}, "2026-04-01..2026-04-30", edge=MONTH)


@pytest.mark.parametrize(
    ("series_evidence", "busy", "quiet"),
    [
        pytest.param(SeriesEvidence(), ["2026-03-01..2026-05-31"], [], id="nothing known"),
        pytest.param(
            SeriesEvidence(total=0),
            [],
            [("2026-03-01..2026-05-31", Rule.TOTAL_IS_ZERO)],
            id="a total of 0",
        ),
        pytest.param(
            SeriesEvidence(first_online=at("2026-04-11")),
            ["2026-04-11..2026-05-31"],
            [("2026-03-01..2026-04-10", Rule.BEFORE_FIRST_ONLINE)],
            id="first online",
        ),
        pytest.param(
            SeriesEvidence(first_online=at("2026-06-01")),
            [],
            [("2026-03-01..2026-05-31", Rule.BEFORE_FIRST_ONLINE)],
            id="online later",
        ),
        pytest.param(
            SeriesEvidence(history=_RECORD),
            ["2026-03-01..2026-03-31", "2026-04-20", "2026-05-01..2026-05-31"],
            [
                ("2026-04-01..2026-04-19", Rule.TIMELINE_IS_ZERO),
                ("2026-04-21..2026-04-30", Rule.TIMELINE_IS_ZERO),
            ],
            id="days that were read",
        ),
        pytest.param(
            SeriesEvidence(history=_MONTHS),
            ["2026-03-01..2026-05-31"],
            [],
            id="a month with events is busy as a whole",
        ),
        pytest.param(
            SeriesEvidence(history=_RECORD, is_complete=True),
            ["2026-04-20"],
            [
                ("2026-03-01..2026-04-19", Rule.TOTAL_IS_COVERED),
                ("2026-04-21..2026-05-31", Rule.TOTAL_IS_COVERED),
            ],
            id="all events are here",
        ),
        pytest.param(
            SeriesEvidence(history=_RECORD, first_online=at("2026-04-10"), is_complete=True),
            ["2026-04-20"],
            [
                ("2026-03-01..2026-04-09", Rule.BEFORE_FIRST_ONLINE),
                ("2026-04-10..2026-04-19", Rule.TIMELINE_IS_ZERO),
                ("2026-04-21..2026-05-31", Rule.TOTAL_IS_COVERED),
            ],
            id="each stretch has the reason that holds there",
        ),
    ],
)
def test_missing_days_are_split_into_busy_ones_and_quiet_ones_with_their_rule(
    series_evidence: SeriesEvidence, busy: list[str], quiet: list[tuple[str, Rule]]
) -> None:
    missing = [_days("2026-03-01..2026-05-31")]
    found = series_evidence.may_have_events(missing)

    assert found == [_days(each) for each in busy]
    told = [
        (part, rule) for each in subtract_all(missing, found)
        for part, rule, _ in series_evidence.why_empty(each)
    ]  # fmt: skip
    assert told == [(_days(days), rule) for days, rule in quiet]


def test_only_missing_days_are_looked_at_for_events() -> None:
    missing = [_days("2026-04-05..2026-04-10"), _days("2026-04-20..2026-05-02")]

    assert SeriesEvidence(history=_RECORD).may_have_events(missing) == [
        _days("2026-04-20"),
        _days("2026-05-01..2026-05-02"),
    ]
