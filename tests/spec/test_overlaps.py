"""Which periods one series may be asked over, in two dimensions of one job."""

from __future__ import annotations

import pytest

from tests.spec.support_spec import HEAD, mistakes


def _series(endpoint: str, granularity: str, start: str, end: str) -> str:
    return (
        f"  - {{endpoint: {endpoint}, entities: [group], counters: [views], "
        f"granularities: [{granularity}], period: {{start: {start}, end: {end}}}}}\n"
    )


@pytest.mark.parametrize(
    ("endpoint", "granularity", "starts", "ends", "why"),
    [
        ("timeline", "total", ("2020-01-01", "2020-01-01"), ("2020-12-31", "2021-12-31"),
         ("over another period (2020-01-01..2020-12-31 and 2020-01-01..2021-12-31), and its one "
         "row can have only one: use another job, or granularity 'year'")),
        ("timeline", "month", ("2020-01-01", "2020-01-20"), ("2020-01-10", "2020-12-31"),
         ("and both have a part of one month (2020-01-01..2020-01-10 and 2020-01-20..2020-12-31): "
         "let them meet, or end on whole months")),
        ("timeline", "month", ("2020-01-20", "2020-01-01"), ("2020-12-31", "2020-01-10"),
         ("and both have a part of one month (2020-01-01..2020-01-10 and 2020-01-20..2020-12-31): "
         "let them meet, or end on whole months")),
        ("breakdown", "year", ("2018-05-01", "2020-05-01"), ("2020-01-31", "2021-01-10"),
         ("and both have a part of one year (2018-05-01..2020-01-31 and 2020-05-01..2021-01-10): "
         "let them meet, or end on whole years")),
        ("breakdown", "year", ("2020-01-01", "2020-05-01"), ("2020-01-31", "2021-01-10"),
         ("and both have a part of one year (2020-01-01..2020-01-31 and 2020-05-01..2021-01-10): "
         "let them meet, or end on whole years")),
        ("breakdown", "total", ("2020-01-01", "2020-05-01"), ("2020-01-31", "2021-01-10"),
         ("and both have a part of one year (2020-01-01..2020-01-31 and 2020-05-01..2021-01-10): "
         "let them meet, or end on whole years")),
    ],
)  # fmt: skip
def test_periods_of_one_series_that_cannot_stand_beside_each_other_are_a_mistake(
    endpoint: str, granularity: str, starts: tuple[str, str], ends: tuple[str, str], why: str
) -> None:
    written = [_series(endpoint, granularity, *each) for each in zip(starts, ends, strict=True)]
    column = written[1].index("{start") + 1
    assert mistakes(HEAD + "".join(written)) == [
        (
            f"5:{column}: dimensions[1].period: asks {endpoint}/{granularity}/views/group as "
            f"dimensions[0] does, {why}"
        )
    ]


@pytest.mark.parametrize(
    ("granularity", "starts", "ends"),
    [
        ("day", ("2020-01-01", "2020-01-20"), ("2020-01-10", "2020-12-31")),
        ("month", ("2020-01-01", "2020-02-20"), ("2020-01-10", "2020-12-31")),
        ("month", ("2020-01-01", "2020-01-11"), ("2020-01-10", "2020-12-31")),
        ("month", ("2020-01-01", "2020-01-05"), ("2020-01-10", "2020-12-31")),
        ("total", ("2020-01-01", "2020-01-01"), ("2020-01-10", "2020-01-10")),
    ],
)
def test_periods_of_one_series_that_can_stand_beside_each_other(
    granularity: str, starts: tuple[str, str], ends: tuple[str, str]
) -> None:
    written = [_series("timeline", granularity, *each) for each in zip(starts, ends, strict=True)]
    assert mistakes(HEAD + "".join(written)) == []


def test_two_rankings_from_the_same_day_on_are_a_mistake() -> None:
    ranking = "  - {{endpoint: top, counters: [views], sub_item: referral, period: {0}}}\n"
    periods = ["{start: 2020-01-01, end: 2020-06-30}", "{start: 2020-01-01, end: 2020-12-31}"]
    assert mistakes(HEAD + "".join(ranking.format(each) for each in periods)) == [
        (
            "5:68: dimensions[1].period: asks top/views/article/referral as dimensions[0] does, "
            "over another period from the same day on (2020-01-01..2020-06-30 and "
            "2020-01-01..2020-12-31): one job takes one of them"
        )
    ]
