"""What is no count, and counts written twice, wherever they stand."""

from __future__ import annotations

import pytest

from harvester.model.request import Request
from harvester.model.terms import Granularity, SubItem
from tests.parse.support_parse import (
    COUNT,
    RANKING,
    TOTAL,
    breakdown,
    ranking_by,
    refused,
    timeline,
)

_, MONTH, YEAR, _ = Granularity
REFERRAL = ranking_by(SubItem.REFERRAL)


NO_COUNTS = [
    (b"-1", "-1"),
    (b"1.0", "1.0"),
    (b"1.5", "1.5"),
    (b"1e3", "1000.0"),
    (b"true", "true"),
    (b"false", "false"),
    (b"null", "null"),
    (b'"7"', "'7'"),
    (b"[7]", "a list"),
    (b'{"7": 7}', "an object"),
    (b"9007199254740992", "9007199254740992"),
    (b"18446744073709551615", "18446744073709551615"),
    (b"123456789012345678901234567890", "1.2345678901234568e+29"),
]

# Where a count belongs in each body, as %s, and what the sentence calls that place.
PLACES = [
    pytest.param(timeline(YEAR), b'{"timeline": {"2015": %s}}', "'2015'", id="timeline"),
    pytest.param(
        timeline(MONTH), b'{"timeline": {"2015-02": 5, "2015-03": %s}}', "'2015-03'", id="second"
    ),
    pytest.param(RANKING, b'{"top": {"4": %s, "1": 2}}', "'4'", id="top"),
    pytest.param(REFERRAL, b'{"a.example": %s}', "'a.example'", id="bare top"),
    pytest.param(COUNT, b'{"327": 1, "328": %s}', "'328'", id="count"),
    pytest.param(
        breakdown(YEAR),
        b'{"breakdown": {"2015": {"Chad": {"total": 9}, "Spain": {"total": %s}}}}',
        "'2015', 'Spain'",
        id="country",
    ),
    pytest.param(
        breakdown(YEAR),
        b'{"breakdown": {"2015": {"Chad": {"Sarh": 1, "total": 1}, '
        b'"Spain": {"Lugo": 1, "Madrid": %s, "total": 9}}}}',
        "'2015', 'Spain', 'Madrid'",
        id="city",
    ),
]


@pytest.mark.parametrize(("number", "said"), NO_COUNTS)
@pytest.mark.parametrize(("request_", "answer", "place"), PLACES)
def test_a_number_that_is_no_count_is_refused_with_its_place(
    request_: Request, answer: bytes, place: str, number: bytes, said: str
) -> None:
    assert f"value {said} of {place} is not a count" in refused(request_, answer % number)


@pytest.mark.parametrize(("number", "said"), [case for case in NO_COUNTS if case[0] != b"null"])
def test_a_total_that_is_no_count_is_refused(number: bytes, said: str) -> None:
    """Null alone is an answer: there is no number."""
    assert refused(TOTAL, b'{"totals": %s}' % number).endswith(f"value {said} is not a count")


@pytest.mark.parametrize(
    ("request_", "answer", "key"),
    [
        (TOTAL, b'{"totals": 231, "totals": null}', "totals"),
        (timeline(YEAR), b'{"timeline": {"2015": 3}, "timeline": null}', "timeline"),
        (timeline(YEAR), b'{"timeline": {"2015": 3, "2015": 3}}', "2015"),
        (timeline(YEAR), b'{"timeline": {"2015": 3, "201\\u0035": 4}}', "2015"),
        (breakdown(YEAR), b'{"breakdown": {"2015": {}, "2015": {}}}', "2015"),
        (
            breakdown(YEAR),
            b'{"breakdown": {"2015": {"C:": {"total": 1}, "C:": {"total": 1}}}}',
            "C:",
        ),
        (
            breakdown(YEAR),
            b'{"breakdown": {"2015": {"Laos": {"total": 9, "total": 1}}}}',
            "total",
        ),
        (RANKING, b'{"top": {"1": 5, "1": 6}}', "1"),
        (RANKING, b'{"top": {"1": 5}, "top": {}}', "top"),
        (REFERRAL, b'{"a:b": 5, "a:b": 6}', "a:b"),
        (COUNT, b'{"327": 1, "328": 1, "328": 2}', "328"),
    ],
)
def test_a_key_that_stands_twice_is_refused(request_: Request, answer: bytes, key: str) -> None:
    """A reader that took either value would invent one."""
    assert f"the key {key!r} stands twice in one object" in refused(request_, answer)
