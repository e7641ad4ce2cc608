"""Every documented shape, read; what each endpoint makes of nothing."""

from __future__ import annotations

from datetime import date

import pytest

from harvester.model.dates import Window, epoch_day
from harvester.model.request import Request
from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.terms import Endpoint, Granularity, SubItem
from harvester.parse import parse, rows_in
from tests.parse.support_parse import (
    COUNT,
    QUESTIONS,
    TOTAL,
    YEAR_2015,
    body,
    breakdown,
    days,
    ranking_by,
    read,
    timeline,
)

DAY, MONTH, YEAR, ALL = Granularity


def on(text: str) -> int:
    return epoch_day(date.fromisoformat(text))


@pytest.mark.parametrize("value", [0, 231, 2**53 - 1])
def test_a_total_always_makes_a_row(value: int) -> None:
    assert read(TOTAL, {"totals": value}) == {Dataset.TOTALS: [{"value": value}]}


@pytest.mark.parametrize(
    ("granularity", "window", "answer", "expected"),
    [
        pytest.param(
            DAY,
            YEAR_2015,
            {"2015-07-09": 1, "2015-07-01": 7},
            [("2015-07-01", "2015-07-01", "2015-07-01", 7), ("2015-07-09",) * 3 + (1,)],
            id="days come out oldest first",
        ),
        pytest.param(
            DAY,
            days("2015-07-01", "2015-07-02"),
            {"2015-07-02": 1, "2015-07-01": 7},
            [("2015-07-01",) * 3 + (7,), ("2015-07-02",) * 3 + (1,)],
            id="also when every period is named",
        ),
        pytest.param(
            DAY,
            YEAR_2015,
            {"2015-07-01": 0},
            [("2015-07-01",) * 3 + (0,)],
            id="a 0 that the service says is kept",
        ),
        pytest.param(
            MONTH,
            days("2016-01-15", "2016-02-10"),
            {"2016-02": 5, "2016-01": 4},
            [
                ("2016-01", "2016-01-15", "2016-01-31", 4),
                ("2016-02", "2016-02-01", "2016-02-10", 5),
            ],
            id="months are clipped to the window",
        ),
        pytest.param(
            YEAR,
            days("2014-06-01", "2016-03-31"),
            {"2016": 3, "2014": 1},
            [("2014", "2014-06-01", "2014-12-31", 1), ("2016", "2016-01-01", "2016-03-31", 3)],
            id="years are clipped to the window",
        ),
        pytest.param(
            ALL,
            days("2014-01-02", "2014-03-05"),
            {"total": 10},
            [("total", "2014-01-02", "2014-03-05", 10)],
            id="a total covers the window",
        ),
    ],
)
def test_a_timeline_makes_a_row_a_period(
    granularity: Granularity,
    window: Window,
    answer: dict[str, int],
    expected: list[tuple[str, str, str, int]],
) -> None:
    found = read(timeline(granularity, window), {"timeline": answer})

    assert found == {
        Dataset.TIMELINE: [
            {"period": name, "period_start": on(first), "period_end": on(last), "value": value}
            for name, first, last, value in expected
        ]
    }


def test_a_breakdown_makes_countries_and_cities() -> None:
    """`total` stands at any position; what the cities leave out is `unlisted`; names are kept."""
    answer = {
        "2015-03": {"Spain": {"total": 8, "Madrid": 3, "Mallorca": 5}},
        "2015-02": {
            "Unknown": {"Unknown": 331, "total": 345, "Unkown": 14},
            "Unkown": {"total": 2},
            "France": {"Paris": 12, "total": 19},
        },
    }
    found = read(breakdown(MONTH), {"breakdown": answer})

    spans = {
        "2015-02": {"period_start": on("2015-02-01"), "period_end": on("2015-02-28")},
        "2015-03": {"period_start": on("2015-03-01"), "period_end": on("2015-03-31")},
    }
    assert found[Dataset.COUNTRIES] == [
        {"period": month, **spans[month], "country": country, "value": value, "unlisted": rest}
        for month, country, value, rest in [
            ("2015-02", "France", 19, 7),
            ("2015-02", "Unknown", 345, 0),
            ("2015-02", "Unkown", 2, 2),
            ("2015-03", "Spain", 8, 0),
        ]
    ]
    assert found[Dataset.CITIES] == [
        {"period": month, **spans[month], "country": country, "city": city, "value": value}
        for month, country, city, value in [
            ("2015-02", "France", "Paris", 12),
            ("2015-02", "Unknown", "Unknown", 331),
            ("2015-02", "Unknown", "Unkown", 14),
            ("2015-03", "Spain", "Madrid", 3),
            ("2015-03", "Spain", "Mallorca", 5),
        ]
    ]


def test_a_breakdown_of_granularity_total_covers_its_window() -> None:
    answer = {"breakdown": {"total": {"Spain": {"Seville": 6, "total": 16}}}}
    request = breakdown(ALL, days("2015-02-11", "2015-05-17"))

    (row,) = read(request, answer)[Dataset.COUNTRIES]

    assert (row["period_start"], row["period_end"]) == (on("2015-02-11"), on("2015-05-17"))
    assert (row["value"], row["unlisted"]) == (16, 10)


def test_a_count_has_the_groups_asked_for_by_id() -> None:
    assert read(COUNT, {"328": 1, "327": 20}) == {
        Dataset.COUNTS: [{"group_id": 327, "articles": 20}, {"group_id": 328, "articles": 1}]
    }


EMPTY: dict[Endpoint, list[object]] = {
    Endpoint.TOTAL: [{"totals": None}],
    Endpoint.COUNT: [],  # every group asked for has a number
    Endpoint.TOP: [{"top": None}, {"top": {}}],
    Endpoint.TIMELINE: [{"timeline": None}, {"timeline": {}}],
    Endpoint.BREAKDOWN: [{"breakdown": None}, {"breakdown": {}}, {"breakdown": {}, "more": 1}],
}
NOTHING = [
    pytest.param(request, answer, id=f"{request.key} {answer}")
    for request in QUESTIONS
    for answer in EMPTY[request.question.endpoint]
] + [pytest.param(ranking_by(each), {}, id=f"bare {each}") for each in SubItem]


@pytest.mark.parametrize(("request_", "answer"), NOTHING)
def test_an_answer_with_nothing_is_an_answer(request_: Request, answer: object) -> None:
    """It still names its datasets and their columns."""
    columns = parse(request_, body(answer))

    assert rows_in(columns) == 0
    assert all(each.values and not any(each.values.values()) for each in columns)


def test_columns_are_named_as_they_are_stored() -> None:
    """Every column belongs to its dataset's schema, so that none is lost on the way there."""
    for request in QUESTIONS:
        sent = (EMPTY[request.question.endpoint] or [{"327": 1, "328": 1}])[0]
        for columns in parse(request, body(sent)):
            assert set(columns.values) <= set(SCHEMAS[columns.dataset].names)


def test_rows_in_counts_over_all_datasets() -> None:
    answer = {"breakdown": {"2015": {"Spain": {"Seville": 6, "Madrid": 1, "total": 16}}}}

    assert rows_in(parse(breakdown(YEAR), body(answer))) == 3
