"""The questions that the tests of `harvester/parse` ask, and their answers as rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from harvester.errors import ParseError
from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.parse import parse

VIEWS, ARTICLE = Counter.VIEWS, Kind.ARTICLE


def days(first: str, last: str) -> Window:
    return Window(date.fromisoformat(first), date.fromisoformat(last))


YEAR_2015 = days("2015-01-01", "2015-12-31")

TOTAL = Request(Question(Endpoint.TOTAL, ARTICLE, VIEWS), 23)
RANKING = Request(Question(Endpoint.TOP, ARTICLE, VIEWS, ranks=10))
COUNT = Request(Question(Endpoint.COUNT, Kind.GROUP), groups=(327, 328))


def series(endpoint: Endpoint, granularity: Granularity, window: Window = YEAR_2015) -> Request:
    return Request(Question(endpoint, ARTICLE, VIEWS, granularity), 23, window)


def timeline(granularity: Granularity, window: Window = YEAR_2015) -> Request:
    return series(Endpoint.TIMELINE, granularity, window)


def breakdown(granularity: Granularity, window: Window = YEAR_2015) -> Request:
    return series(Endpoint.BREAKDOWN, granularity, window)


def ranking_by(sub_item: SubItem, ranks: int = 10) -> Request:
    question = Question(Endpoint.TOP, ARTICLE, VIEWS, sub_item=sub_item, ranks=ranks)
    return Request(question, 23, YEAR_2015)


# One question of every shape that a body can have.
QUESTIONS = [
    TOTAL,
    RANKING,
    *map(ranking_by, SubItem),
    *map(timeline, Granularity),
    *map(breakdown, Granularity),
    COUNT,
]


def body(answer: object) -> bytes:
    return orjson.dumps(answer)


def rows(columns: Columns) -> list[dict[str, Any]]:
    """The rows of one dataset, each a dict."""
    assert {len(values) for values in columns.values.values()} == {columns.length}
    return [
        dict(zip(columns.values, row, strict=True))
        for row in zip(*columns.values.values(), strict=True)
    ]


def read(request: Request, answer: object) -> dict[Dataset, list[dict[str, Any]]]:
    """The rows by dataset of an answer given as Python values, or as bytes."""
    sent = answer if isinstance(answer, bytes) else body(answer)
    return {columns.dataset: rows(columns) for columns in parse(request, sent)}


def refused(request: Request, answer: object) -> str:
    """The sentence of the refusal; every refusal names the request and a way on."""
    with pytest.raises(ParseError) as caught:
        parse(request, answer if isinstance(answer, bytes) else body(answer))
    error = caught.value
    assert error.where == request.key
    assert error.fix
    assert error.__cause__ is None
    return error.what
