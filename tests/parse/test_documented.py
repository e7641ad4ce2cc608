"""The responses that Figshare itself has published, through the parsers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harvester.errors import ParseError
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rows import Dataset
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from tests.parse.support_parse import days, read

_FILE = Path(__file__).parent.parent / "fixtures" / "documented-responses.json"
DOCUMENTED: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
GOOD = [pytest.param(each, id=each["url"][25:]) for each in DOCUMENTED if each["status"] == 200]
# Undated examples: real answers, for which windows are made up that their periods lie in.
UNDATED = {
    Granularity.DAY: ("2015-11-01", "2015-11-30"),
    Granularity.YEAR: ("2013-01-01", "2017-12-31"),
}


def question_of(example: dict[str, Any]) -> Request:
    """The request that an example answers, from its URL."""
    url = urlsplit(example["url"])
    words = url.path.strip("/").split("/")
    given = {key: values[0] for key, values in parse_qs(url.query).items()}
    institution = None if words[0] in {*Endpoint} else words.pop(0)
    endpoint = Endpoint(words.pop(0))
    if endpoint is Endpoint.COUNT:
        groups = tuple(group["id"] for group in example["request_body"]["groups"])
        return Request(Question(endpoint, Kind.GROUP), groups=groups)
    granularity = Granularity(words.pop(0)) if endpoint.has_granularity else None
    entity_id = given.get("item_id", words[2] if len(words) > 2 else None)
    dates = given.get("start_date"), given.get("end_date")
    first, last = dates if all(dates) else UNDATED.get(granularity, (None, None))  # type: ignore[arg-type]
    question = Question(
        endpoint,
        Kind(words[1]),
        Counter(words[0]),
        granularity,
        SubItem(given["sub_item"]) if "sub_item" in given else None,
        given.get("sub_item_id"),
        int(given.get("count", 10)) if endpoint is Endpoint.TOP else None,
        institution,
    )
    window = days(first, last) if first and last else None
    return Request(question, int(entity_id) if entity_id else None, window)


def leaves(answer: object) -> list[int]:
    """Every number of an answer."""
    if isinstance(answer, dict):
        return [leaf for inside in answer.values() for leaf in leaves(inside)]
    assert isinstance(answer, int)
    return [answer]


def documented(path: str) -> dict[Dataset, list[dict[str, Any]]]:
    (example,) = (each for each in DOCUMENTED if path in each["url"])
    return read(question_of(example), example["body"])


@pytest.mark.parametrize("example", GOOD)
def test_every_number_of_a_published_answer_becomes_a_row(example: dict[str, Any]) -> None:
    found = read(question_of(example), example["body"])

    count = {Dataset.COUNTS: "articles"}
    values = [row[count.get(name, "value")] for name, rows in found.items() for row in rows]
    assert sorted(values) == sorted(leaves(example["body"]))
    assert values


@pytest.mark.parametrize(
    "example",
    [pytest.param(each, id=each["url"][25:]) for each in DOCUMENTED if each["status"] != 200],
)
def test_a_published_error_answers_nothing(example: dict[str, Any]) -> None:
    request = Request(Question(Endpoint.TOTAL, Kind.ARTICLE, Counter.VIEWS), 215)

    with pytest.raises(ParseError, match=f"an error, '{example['body']['code']}'"):
        read(request, example["body"])


def test_the_yearly_timeline_adds_up_to_the_ranking() -> None:
    years = documented("timeline/year/views/article/766364")[Dataset.TIMELINE]
    ranking = documented("figshare.com/top/views/article")[Dataset.TOP]

    assert [row["period"] for row in years] == ["2013", "2014", "2015", "2016", "2017"]
    assert sum(row["value"] for row in years) == 46_088
    assert {row["key"]: row["value"] for row in ranking}["766364"] == 46_088
    assert [row["key"] for row in ranking][:3] == ["2064072", "1018769", "766364"]


def test_the_documented_views_by_country_count_those_in_no_listed_city() -> None:
    """Both spellings of an unknown city are listed cities: 8,662 less all cities is 4,065."""
    found = documented("breakdown/year/views/article/766364")
    countries = [row for row in found[Dataset.COUNTRIES] if row["period"] == "2015"]
    cities = [row for row in found[Dataset.CITIES] if row["period"] == "2015"]

    assert sum(row["value"] for row in countries) == 8_662
    assert sum(row["unlisted"] for row in countries) == 4_065
    assert sum(row["value"] for row in cities) == 8_662 - 4_065
    assert {row["city"] for row in cities} >= {"Unknown", "Unkown"}
