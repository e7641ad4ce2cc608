"""Contradictions between endpoints are found; what may differ rightly is not one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harvester.model.rows import PARTITION_KEYS, SCHEMAS, Dataset
from harvester.verify.endpoints import reconciled
from harvester.verify.finding import Severity
from harvester.verify.group_sums import items_and_groups
from harvester.verify.keys import doubled
from harvester.verify.scope import Scope, scopes
from harvester.verify.workbench import Workbench, workbench

D = date.fromisoformat
AT = datetime(2026, 7, 5, 12, tzinfo=UTC)
SNAPSHOT = D("2026-07-05")
# What is read and settled: everything to the end of June, of entity 1.
SETTLED = [
    (ask, 1, sub, D("2020-01-01"), D("2026-06-30"))
    for ask in ("timeline/day", "timeline/month", "timeline/year", "breakdown/month")
    for sub in ("", "item_type=dataset")
]
Row = dict[str, Any]


class Made:
    """Rows by hand, written as parts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[Dataset, list[Path]] = {}

    def add(self, dataset: Dataset, partition: dict[str, str], rows: list[Row]) -> None:
        keys = [f"{key}={partition[key]}" for key in PARTITION_KEYS[dataset]]
        path = self.root.joinpath(
            dataset.value, *keys, f"{sum(map(len, self.files.values()))}.parquet"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        empty = dict.fromkeys(SCHEMAS[dataset].names)
        table = pa.Table.from_pylist([{**empty, **row} for row in rows], schema=SCHEMAS[dataset])
        pq.write_table(table, path)
        self.files.setdefault(dataset, []).append(path)

    def total(self, value: int, *, snapshot: date = SNAPSHOT, entity: int = 1) -> None:
        row = {"entity_id": entity, "snapshot": snapshot, "value": value, "harvested_at": AT}
        self.add(Dataset.TOTALS, {"entity": "article", "counter": "views"}, [row])

    def timeline(self, granularity: str, counts: dict[str, int], **more: Any) -> None:
        rows = [
            {
                "entity_id": 1,
                "period": period,
                **days(period),
                "value": value,
                "origin": "reported",
                "harvested_at": AT,
                "request_id": "2026-07-05.1/x",
                **more,
            }
            for period, value in counts.items()
        ]
        partition = {"entity": "article", "counter": "views", "granularity": granularity}
        self.add(Dataset.TIMELINE, partition, rows)

    def countries(self, counts: dict[str, tuple[int, int]]) -> None:
        rows = [
            {"entity_id": 1, "period": "2026-05", **days("2026-05"), "country": land,
             "value": value, "unlisted": unlisted}
            for land, (value, unlisted) in counts.items()
        ]  # fmt: skip
        self.add(Dataset.COUNTRIES, MONTHS, rows)

    def cities(self, counts: dict[tuple[str, str], int]) -> None:
        rows = [
            {"entity_id": 1, "period": "2026-05", **days("2026-05"), "country": land,
             "city": town, "value": value}
            for (land, town), value in counts.items()
        ]  # fmt: skip
        self.add(Dataset.CITIES, MONTHS, rows)

    def top(self, value: int, at: datetime) -> None:
        row = {"snapshot": SNAPSHOT, "rank": 1, "key": "1", "value": value, "harvested_at": at}
        self.add(Dataset.TOP, {"entity": "article", "counter": "views"}, [row])

    @contextmanager
    def bench(self) -> Iterator[Workbench]:
        with workbench(self.files) as bench:
            names = ["ask", "entity_id", "sub", "first", "last"]
            columns = [list(column) for column in zip(*SETTLED, strict=True)]
            bench.take("settled", pa.table(dict(zip(names, columns, strict=True))))
            yield bench

    def found(self) -> dict[str, Severity]:
        with self.bench() as bench:
            return {
                each.check: each.severity
                for scope in scopes(bench, 3)
                for each in reconciled(bench, scope)
            }


MONTHS = {"entity": "article", "counter": "views", "granularity": "month"}


def days(period: str) -> dict[str, date]:
    first = D((period + "-01-01")[:10])
    last = {4: first.replace(month=12, day=31), 10: first}.get(len(period))
    if last is None:
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return {"period_start": first, "period_end": last}


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


def fifty_events(made: Made) -> None:
    """Up to the end of June, in each granularity that is settled."""
    made.timeline("day", {"2026-05-10": 30, "2026-06-09": 20})
    made.timeline("month", {"2026-05": 30, "2026-06": 20})
    made.timeline("year", {"2026": 50})


def test_an_earlier_total_above_the_days_up_to_its_own_is_a_warning(tmp_path: Path) -> None:
    """On 10 June 66 had been counted; up to the end of June the timeline has 50."""
    made = Made(tmp_path)
    made.total(66, snapshot=D("2026-06-10"))
    fifty_events(made)
    row = {"entity_id": 1, "first_online": D("2020-02-01"), "source": "ids"}
    made.add(Dataset.ENTITIES, {"entity": "article"}, [row])
    assert made.found() == {"timeline-lacks-events": Severity.WARNING}


@pytest.mark.parametrize(
    ("total", "snapshot", "online"),
    [
        pytest.param(50, "2026-06-10", "2020-02-01", id="all of it is here"),
        pytest.param(66, "2026-07-05", "2020-02-01", id="its day is not settled in the timeline"),
        pytest.param(66, "2026-06-10", "2019-05-01", id="events may lie before the period"),
        pytest.param(66, "2026-06-10", None, id="nobody knows what lies before the period"),
    ],
)
def test_a_total_that_other_days_can_explain_is_no_warning(
    tmp_path: Path, total: int, snapshot: str, online: str | None
) -> None:
    made = Made(tmp_path)
    made.total(total, snapshot=D(snapshot))
    fifty_events(made)
    row = {"entity_id": 1, "first_online": D(online) if online else None, "source": "ids"}
    made.add(Dataset.ENTITIES, {"entity": "article"}, [row])
    assert Severity.WARNING not in made.found().values()
