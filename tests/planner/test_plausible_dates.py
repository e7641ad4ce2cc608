"""Which dates of a listing are believed beside those of the ids that follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.dates import epoch_day
from harvester.planner.plausible_dates import plausible_dates

BEGIN, YEARS = date(2014, 1, 1), 365


def _listed(days: Sequence[int]) -> list[tuple[int, int]]:
    """Items a week apart by id, dated so many days after the first."""
    return [(10 + 7 * place, epoch_day(BEGIN) + day) for place, day in enumerate(days)]


def _doubted(days: Sequence[int]) -> set[int]:
    """The places of those that are not believed."""
    dated = _listed(days)
    believed = plausible_dates(dated)
    return {place for place, (number, _) in enumerate(dated) if number not in believed}


WEEKLY = [7 * place for place in range(300)]


@pytest.mark.parametrize(
    ("changes", "doubted"),
    [
        pytest.param({}, set(), id="dates that ascend with the ids"),
        pytest.param({9: 9 * 7 + 2 * YEARS}, {9}, id="one was edited to two years later"),
        pytest.param({9: 9 * 7 - 20 * YEARS}, set(), id="one was dated back"),
        pytest.param({9: 9 * 7 + 30}, set(), id="one waited a month for its review"),
        pytest.param({299: 299 * 7 + 2 * YEARS}, set(), id="nobody follows the youngest"),
        pytest.param(
            dict.fromkeys(range(50, 110), 9 * YEARS),
            set(range(50, 110)),
            id="sixty side by side were edited together",
        ),
        pytest.param(
            {place: place * 7 - 20 * YEARS for place in range(3, 300, 8)},
            set(),
            id="every eighth was dated back",
        ),
    ],
)
def test_dates_far_after_those_of_the_ids_that_follow_are_doubted(
    changes: dict[int, int], doubted: set[int]
) -> None:
    assert _doubted([changes.get(place, day) for place, day in enumerate(WEEKLY)]) == doubted


def test_a_batch_that_was_dated_back_costs_the_trust_in_no_more_than_those_before_it() -> None:
    """Wrong in the safe direction, and not for ever: the hundred ids before it at most."""
    days = [-20 * YEARS if 150 <= place < 250 else day for place, day in enumerate(WEEKLY)]
    doubted = _doubted(days)
    assert doubted
    assert doubted <= set(range(50, 150))


def test_fewer_than_three_speak_against_nobody() -> None:
    assert _doubted([9_000, 0, 0]) == set()
    assert _doubted([9_000, 0, 0, 0]) == {0}
    assert _doubted([]) == set()


def test_the_dates_that_are_believed_are_found_by_id() -> None:
    found = plausible_dates(_listed([0, 9_000, 7, 8, 9]))
    assert dict(found) == {
        10: BEGIN, 24: BEGIN + timedelta(7), 31: BEGIN + timedelta(8), 38: BEGIN + timedelta(9),
    }  # fmt: skip
    assert len(found) == 4
    assert [found.get(number) for number in (9, 17, 39)] == [None, None, None]


@given(st.lists(st.integers(0, 4_000), max_size=150))
def test_whoever_is_doubted_is_dated_after_a_quarter_of_those_that_follow(days: list[int]) -> None:
    """The rule, counted one by one."""
    counted = set()
    for place, day in enumerate(days):
        following = days[place + 1 : place + 101]
        earlier = sum(each < day - 31 for each in following)
        if earlier >= max(3, -(-len(following) // 4)):
            counted.add(place)
    assert _doubted(days) == counted


@given(st.lists(st.integers(0, 4_000), max_size=60), st.integers(0, 59), st.integers(1, 4_000))
def test_a_date_moved_back_is_never_believed_less(days: list[int], place: int, back: int) -> None:
    """Nor are those after it; only those before it may be."""
    if place >= len(days):
        return
    moved = [day - back if at == place else day for at, day in enumerate(days)]
    assert {at for at in _doubted(moved) if at >= place} <= _doubted(days)
