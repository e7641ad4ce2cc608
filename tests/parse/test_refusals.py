"""What is no answer to the question asked, and the sentence that says why."""

from __future__ import annotations

import json
import re

import pytest

from harvester.errors import ParseError
from harvester.model.request import Request
from harvester.model.rows import Dataset
from harvester.model.terms import Granularity, SubItem
from harvester.parse import parse
from tests.parse.support_parse import (
    COUNT,
    QUESTIONS,
    RANKING,
    TOTAL,
    breakdown,
    ranking_by,
    read,
    refused,
    timeline,
)

DAY, MONTH, YEAR, ALL = Granularity
REFERRAL, CATEGORY = ranking_by(SubItem.REFERRAL), ranking_by(SubItem.CATEGORY, 3)

FORBIDDEN = {"data": None, "code": "Forbidden", "message": "Unauthorized request"}

EVERYWHERE = [
    pytest.param(b"", "not JSON", id="nothing"),
    pytest.param(b"<html><body>Please wait</body></html>", "not JSON", id="a block page"),
    pytest.param(b'{"totals": 1', "not JSON", id="half a body"),
    pytest.param(b'{"totals": NaN}', "not JSON", id="NaN"),
    pytest.param(b'{"totals": 1e999}', "not JSON", id="infinity"),
    pytest.param(b'{"totals": 1}\xff', "not JSON", id="a byte that is no UTF-8"),
    pytest.param(b'{"top": {"\\ud800": 1}}', "not JSON", id="half a surrogate pair"),
    pytest.param(b'{"top": ' * 5000, "not JSON", id="nested without end"),
    pytest.param(b"null", "the body is null, not an object", id="null"),
    pytest.param(b"[]", "the body is a list, not an object", id="a list"),
    pytest.param(b"231", "the body is 231, not an object", id="a number"),
    pytest.param(b'"\\u001b[2J"', r"the body is '\x1b[2J', not an object", id="terminal escapes"),
    pytest.param(FORBIDDEN, "an error, 'Forbidden': 'Unauthorized request'", id="an error"),
    pytest.param(
        {"totals": 1, "top": {}, "timeline": {}, "breakdown": {}, **FORBIDDEN},
        "an error, 'Forbidden'",
        id="an error beside answers",
    ),
]


@pytest.mark.parametrize(("answer", "complaint"), EVERYWHERE)
@pytest.mark.parametrize("request_", QUESTIONS, ids=lambda request: request.key)
def test_a_body_that_answers_no_question_is_refused_with_why(
    request_: Request, answer: object, complaint: str
) -> None:
    assert complaint in refused(request_, answer)


@pytest.mark.parametrize(
    ("request_", "answer", "complaint"),
    [
        (TOTAL, {}, "no 'totals', but no key at all"),
        (TOTAL, {"views": 1, "downloads": 2, "shares": 3, "cites": 0}, "'shares', 1 more"),
        (timeline(YEAR), {"totals": 3}, "no 'timeline', but 'totals'"),
        (timeline(YEAR), {"breakdown": None}, "no 'timeline', but 'breakdown'"),
        (timeline(YEAR), {"timeline": []}, "'timeline' is a list, not an object"),
        (timeline(YEAR), {"timeline": 3}, "'timeline' is 3, not an object"),
        (breakdown(YEAR), {"timeline": None}, "no 'breakdown', but 'timeline'"),
        (breakdown(YEAR), {"breakdown": "x" * 99}, f"'{'x' * 57}...', not an object"),
        (RANKING, {}, "no 'top', but no key at all"),
        (RANKING, {"1130885": 31334}, "no 'top', but '1130885'"),
        (RANKING, {"top": 3}, "'top' is 3, not an object"),
        (CATEGORY, {"top": []}, "value a list of 'top' is not a count"),
        (REFERRAL, {"totals": 3}, "answers a total, not a ranking: 'totals'"),
        (REFERRAL, {"views": 3, "downloads": 1}, "answers a total, not a ranking: 'downloads'"),
        (REFERRAL, {"timeline": None}, "value null of 'timeline' is not a count"),
        (REFERRAL, {"breakdown": {}}, "value an object of 'breakdown' is not a count"),
        (COUNT, {}, "asked for are missing: '327', '328'"),
        (COUNT, {"327": 20}, "asked for are missing: '328'"),
        (COUNT, {"327": 20, "328": 1, "9": 1}, "nobody asked for: '9'"),
        (COUNT, {"327": 20, "0328": 1}, "nobody asked for: '0328'"),
        (COUNT, {"totals": 3}, "nobody asked for: 'totals'"),
    ],
)
def test_the_answer_to_another_question_is_refused(
    request_: Request, answer: object, complaint: str
) -> None:
    assert complaint in refused(request_, answer)


@pytest.mark.parametrize(
    ("granularity", "period", "complaint"),
    [
        (DAY, "2014-12-31", "period '2014-12-31' lies outside 2015-01-01..2015-12-31"),
        (DAY, "2016-01-01", "lies outside"),
        (DAY, "2015-7-1", "is not written like '2015-01-01'"),
        (DAY, "20150701", "is not written like '2015-01-01'"),
        (DAY, "2015-02-29", "is not written like '2015-01-01'"),
        (DAY, "2015-07", "is not written like '2015-01-01'"),
        (DAY, "2015-07-01T00:00", "is not written like '2015-01-01'"),
        (MONTH, "2014-12", "period '2014-12' lies outside 2015-01-01..2015-12-31"),
        (MONTH, "2015-07-01", "is not written like '2015-01'"),
        (MONTH, "2015-13", "is not written like '2015-01'"),
        (YEAR, "2016", "period '2016' lies outside 2015-01-01..2015-12-31"),
        (YEAR, "2015-01", "is not written like '2015'"),
        (YEAR, "", "period '' is not written like '2015'"),
        (ALL, "2015", "period '2015' is not written like 'total'"),
        (ALL, "Total", "period 'Total' is not written like 'total'"),
    ],
)
def test_a_period_that_was_not_asked_for_is_refused(
    granularity: Granularity, period: str, complaint: str
) -> None:
    countries = {"Spain": {"Madrid": 1, "total": 1}}

    assert complaint in refused(timeline(granularity), {"timeline": {period: 1}})
    assert complaint in refused(breakdown(granularity), {"breakdown": {period: countries}})
    assert complaint in refused(breakdown(granularity), {"breakdown": {period: {}}})


@pytest.mark.parametrize(
    "count",
    [True, False, -1, -(2**53), 2**53, 2**63, 2**64, 10**30, 1.0, 0.5, "7", None, [], {}],
    ids=repr,
)
def test_a_number_that_is_no_count_is_refused_in_a_timeline_without_gaps(count: object) -> None:
    """Where every period is named in order, hundreds of counts are judged at once."""
    months = {f"2015-{month:02d}": month for month in range(1, 13)}
    fine = read(timeline(MONTH), {"timeline": months | {"2015-07": 2**53 - 1}})
    assert [row["value"] for row in fine[Dataset.TIMELINE]][6:8] == [2**53 - 1, 8]

    sent = json.dumps({"timeline": months | {"2015-07": count}}).encode()
    assert " of '2015-07' is not a count" in refused(timeline(MONTH), sent)


@pytest.mark.parametrize(
    ("countries", "complaint"),
    [
        (None, "'2015' is null, not an object of countries"),
        ([], "'2015' is a list, not an object of countries"),
        ({"Spain": None}, "'2015', 'Spain' is null, not an object of cities"),
        ({"Spain": 7}, "'2015', 'Spain' is 7, not an object of cities"),
        ({"Spain": {}}, "'2015', 'Spain' has no 'total'"),
        ({"Spain": {"Madrid": 3}}, "'2015', 'Spain' has no 'total'"),
        (
            {"Chad": {"total": 3}, "Spain": {"Madrid": 3, "Lugo": 2, "total": 4}},
            "the cities of '2015', 'Spain' add up to 5, more than its total of 4",
        ),
    ],
)
def test_a_country_without_a_total_that_holds_its_cities_is_refused(
    countries: object, complaint: str
) -> None:
    assert complaint in refused(breakdown(YEAR), {"breakdown": {"2015": countries}})


@pytest.mark.parametrize("depth", [300, 1000])
def test_deep_nesting_beside_an_answer_is_read_or_refused(depth: int) -> None:
    """It is looked at only for repeated keys, and must not end in a RecursionError."""
    beside = b'{"totals": 1, "beside": ' + b"[" * depth + b"]" * depth + b"}"
    try:
        found = parse(TOTAL, beside)
    except ParseError:
        return
    assert found[0].values == {"value": [1]}


def test_a_sentence_quotes_little_of_a_huge_body() -> None:
    long = "x" * 100_000
    answers: list[object] = [
        {long: 1},
        {"breakdown": {long: {}}},
        {"breakdown": {"2015": {long: long}}},
    ]
    for answer in answers:
        assert len(refused(breakdown(YEAR), answer)) < 400


def test_a_request_without_window_is_a_mistake_of_the_plan() -> None:
    question = timeline(YEAR).question

    with pytest.raises(ValueError, match=re.escape("planned without granularity or window")):
        parse(Request(question, 23), b'{"timeline": null}')
