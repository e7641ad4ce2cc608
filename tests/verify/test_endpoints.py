"""Contradictions between endpoints are found; what may differ rightly is not one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harvester.model.rows import Dataset
from harvester.verify.finding import Severity
from harvester.verify.group_sums import items_and_groups
from harvester.verify.keys import doubled
from harvester.verify.scope import Scope
from tests.verify.support_made import AT, SNAPSHOT, D, Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


def test_a_total_below_its_timeline_is_a_finding(made: Made) -> None:
    made.total(9)
    made.timeline("month", {"2026-05": 6, "2026-06": 4})
    assert made.found() == {"total-below-timeline": Severity.WARNING}


def test_a_total_counts_more_than_settled_days(made: Made) -> None:
    made.total(12)
    made.timeline("month", {"2026-05": 6, "2026-06": 4})
    assert made.found() == {"total-above-timeline": Severity.INFORMATION}


def test_days_that_were_open_when_the_total_was_read_prove_nothing(made: Made) -> None:
    made.total(9, snapshot=D("2026-06-25"))
    made.timeline("month", {"2026-05": 9, "2026-06": 4}, request_id="2026-06-25.1/x")
    assert made.found() == {}


def test_rows_that_were_read_after_the_total_prove_nothing(made: Made) -> None:
    made.total(9, snapshot=D("2026-07-04"))
    made.timeline("month", {"2026-05": 10})
    assert made.found() == {}


def test_a_falling_total_is_told(made: Made) -> None:
    made.total(9, snapshot=D("2026-06-05"))
    made.total(8)
    assert made.found() == {"total-fell": Severity.INFORMATION}


@pytest.mark.parametrize(
    ("fine", "coarse", "is_wrong"),
    [
        ({"2026-05-01": 2, "2026-05-31": 3}, {"2026-05": 5}, False),
        ({"2026-05-01": 2, "2026-05-31": 3}, {"2026-05": 6}, True),
        ({"2026-05-01": 2}, {}, True),
        ({}, {"2026-05": 1}, False),
        ({"2026-05-02": 1}, {"2026-05": 1, "2026-04": 1}, True),
        # July is open still.
        ({"2026-07-01": 2}, {"2026-07": 5}, False),
    ],
)
def test_days_that_do_not_add_up_to_their_month_are_a_warning(
    made: Made,
    fine: dict[str, int],
    coarse: dict[str, int],
    is_wrong: bool,  # noqa: FBT001
) -> None:
    made.timeline("day", fine)
    made.timeline("month", coarse or {"2020-01": 0})
    assert made.found() == ({"day-against-month": Severity.WARNING} if is_wrong else {})


def test_a_filtered_series_is_bounded_by_the_whole(made: Made) -> None:
    made.timeline("month", {"2026-04": 5, "2026-05": 5})
    part = {"sub_item": "item_type", "sub_item_id": "dataset"}
    made.timeline("month", {"2026-04": 5}, **part)
    assert made.found() == {}
    made.timeline("month", {"2026-05": 6}, **part)
    assert made.found() == {"filter-above-whole": Severity.WARNING}


@pytest.mark.parametrize(
    ("timeline", "found"),
    [
        ({"2026-05": 7}, {}),
        ({"2026-05": 9}, {"countries-below-timeline": Severity.INFORMATION}),
        ({"2026-05": 6}, {"countries-above-timeline": Severity.WARNING}),
        ({"2026-04": 7}, {"countries-above-timeline": Severity.WARNING}),
    ],
)
def test_countries_that_differ_from_their_timeline_are_told(
    made: Made, timeline: dict[str, int], found: dict[str, Severity]
) -> None:
    made.timeline("month", timeline)
    made.countries({"Peru": (4, 0), "Chile": (3, 0)})
    made.cities({})
    made.files.pop(Dataset.CITIES)
    assert made.found() == found


@pytest.mark.parametrize(
    ("cities", "is_wrong"),
    [
        ({("Peru", "Lima"): 3}, False),
        ({("Peru", "Lima"): 2}, True),
        ({("Peru", "Lima"): 3, ("Chile", "Arica"): 1}, True),
        ({}, True),
    ],
)
def test_cities_and_unlisted_are_the_country(
    made: Made,
    cities: dict[tuple[str, str], int],
    is_wrong: bool,  # noqa: FBT001
) -> None:
    made.countries({"Peru": (4, 1)})
    made.cities(cities)
    assert made.found() == ({"cities-against-country": Severity.ERROR} if is_wrong else {})


@pytest.mark.parametrize(
    ("ranked", "later", "found"),
    [
        (9, 1, {}),
        (10, 1, {"top-against-total": Severity.INFORMATION}),
        (8, 1, {"top-against-total": Severity.WARNING}),
        (8, -1, {"top-against-total": Severity.INFORMATION}),
        (10, -1, {"top-against-total": Severity.WARNING}),
    ],
)
def test_rankings_that_differ_from_totals_are_told(
    made: Made, ranked: int, later: int, found: dict[str, Severity]
) -> None:
    made.total(9)
    made.top(ranked, AT + timedelta(minutes=later))
    assert made.found() == found


@pytest.mark.parametrize(("value", "is_wrong"), [(5, False), (6, True)])
def test_derived_rows_are_compared_like_others(
    made: Made,
    value: int,
    is_wrong: bool,  # noqa: FBT001
) -> None:
    made.timeline("day", {"2026-05-01": 2, "2026-05-31": 3})
    made.timeline("month", {"2026-05": value}, origin="derived", request_id=None)
    assert made.found() == ({"day-against-month": Severity.WARNING} if is_wrong else {})


def test_a_key_that_stands_twice_in_two_files_is_found(made: Made) -> None:
    made.total(9)
    made.total(9, entity=2)
    with made.bench() as bench:
        assert doubled(bench, Dataset.TOTALS) is None
    made.total(8)
    with made.bench() as bench:
        found = doubled(bench, Dataset.TOTALS)
    assert found is not None
    assert "1 key stand more than once, such as entity article, counter views" in found.what


def test_items_against_their_group_are_information(made: Made) -> None:
    made.total(4, entity=1)
    made.total(5, entity=2)
    row = {"entity_id": 7, "snapshot": SNAPSHOT, "value": 10}
    made.add(Dataset.TOTALS, {"entity": "group", "counter": "views"}, [row])
    listed = [{"entity_id": one, "group_id": 7, "is_listed": True} for one in (1, 2)]
    made.add(Dataset.ENTITIES, {"entity": "article"}, listed)
    with made.bench() as bench:
        found = list(items_and_groups(bench))
    assert [(each.severity, each.what) for each in found] == [
        (
            Severity.INFORMATION,
            "of 1 groups, 0 count what their listed articles do, 1 more, 0 less",
        )
    ]
    assert Scope("group", "views", 3).name == "group, views"
