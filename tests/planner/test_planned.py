"""What a run has asked already stays in its plan; beside it no day is told twice."""

from __future__ import annotations

from datetime import date

import pytest

from harvester.model.dates import Window, epoch_day
from harvester.model.outcomes import PastOutcome
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State
from harvester.planner.planned import NotNeeded, planned

D = date.fromisoformat
MONTHS = Question(Endpoint.BREAKDOWN, Kind.ARTICLE, Counter.VIEWS, Granularity.MONTH)
TOTAL = Question(Endpoint.TOTAL, Kind.ARTICLE, Counter.VIEWS)


def window(text: str) -> Window:
    first, last = text.split("..")
    return Window(D(f"{first}-01"), Granularity.MONTH.period_end(D(f"{last}-01")))


def asked(text: str, state: State = State.DONE) -> PastOutcome:
    whole = window(text)
    first, last = epoch_day(whole.first), epoch_day(whole.last)
    return PastOutcome(3, 0, first, last, last, state, 1, 1, 0, None)


def months(whole: Window | None) -> str:
    return f"{whole.first:%Y-%m}..{whole.last:%Y-%m}" if whole else ""


@pytest.mark.parametrize(
    ("requests", "spared", "mine", "expected"),
    [
        pytest.param(["2024-01..2024-03"], [], [], ["ask 2024-01..2024-03"], id="nothing asked"),
        pytest.param(
            ["2024-01..2024-03"], ["2024-04..2024-09"], [],
            ["ask 2024-01..2024-03", "not 2024-04..2024-09"], id="beside what is spared",
        ),
        pytest.param(
            ["2024-01..2024-09"], ["2024-03..2024-05"], [],
            ["ask 2024-01..2024-09"], id="a window is laid over days that need nothing",
        ),
        pytest.param(
            ["2024-01..2024-03"], [], [asked("2024-01..2024-03")],
            ["is 2024-01..2024-03"], id="it is in",
        ),
        pytest.param(
            ["2024-01..2024-03", "2024-07..2024-09"], [],
            [asked("2024-03..2024-05", State.DERIVED)],
            ["ask 2024-07..2024-09", "not 2024-01..2024-03"],
            id="what was worked out stays so, though it would be asked now",
        ),
        pytest.param(
            [], ["2024-01..2024-09"], [asked("2024-01..2024-03")],
            ["is 2024-01..2024-03", "not 2024-04..2024-09"],
            id="what was asked stays, though it would be spared now",
        ),
        pytest.param(
            ["2024-05..2024-06"], ["2024-01..2024-04", "2024-07..2024-09"],
            [asked("2024-01..2024-03")],
            ["ask 2024-05..2024-06", "is 2024-01..2024-03", "not 2024-04..2024-04",
             "not 2024-07..2024-09"],
            id="asked, to be asked and spared",
        ),
        pytest.param(
            ["2024-01..2024-06"], ["2024-05..2024-09"], [asked("2024-08..2024-08")],
            ["ask 2024-01..2024-06", "is 2024-08..2024-08", "not 2024-07..2024-07",
             "not 2024-09..2024-09"],
            id="spared days lie neither in what is asked nor in what was",
        ),
        pytest.param(
            ["2024-02..2024-03"], [], [asked("2024-01..2024-06")],
            ["is 2024-01..2024-06"], id="what was asked in a longer window is not asked again",
        ),
        pytest.param(
            [], ["2024-01..2024-03"], [asked("2024-01..2024-03", State.DERIVED)],
            ["not 2024-01..2024-03"], id="what was worked out was not asked",
        ),
    ],
)  # fmt: skip
def test_a_series_is_planned_beside_what_is_spared_and_what_the_run_has_asked(
    requests: list[str], spared: list[str], mine: list[PastOutcome], expected: list[str]
) -> None:
    found = []
    lines = [NotNeeded(Request(MONTHS, 7, window(each)), "reason", "proof") for each in spared]
    asks = [Request(MONTHS, 7, window(each)) for each in requests]
    for item, is_in in planned(MONTHS, 7, asks, lines, mine):
        if isinstance(item, NotNeeded):
            found.append(f"not {months(item.saved.window)}")
        else:
            found.append(f"{'is' if is_in else 'ask'} {months(item.window)}")

    assert found == expected


def test_a_total_that_was_asked_is_no_longer_spared() -> None:
    mine = [PastOutcome(3, 0, 0, 0, 0, State.DONE, 1, 5, 0, None)]
    spared = NotNeeded(Request(TOTAL, 7), "answered_by", "proof")

    assert [*planned(TOTAL, 7, [], [spared], mine)] == [(Request(TOTAL, 7), True)]
    assert [*planned(TOTAL, 7, [], [spared], [])] == [(spared, False)]


def test_a_request_that_was_cut_short_keeps_the_key_it_was_sent_under() -> None:
    """Its key is what requests/ and responses/ know it by."""
    told = asked("2024-01..2024-03")._replace(sent_last=epoch_day(D("2024-09-30")))
    (found,) = planned(MONTHS, 7, [], [], [told])

    assert isinstance(found.item, Request)
    assert months(found.item.window) == "2024-01..2024-09"
