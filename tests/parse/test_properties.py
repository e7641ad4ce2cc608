"""Invariants: whatever arrives is read or refused, and what is read is what was sent."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.errors import ParseError
from harvester.model.dates import epoch_day, periods
from harvester.model.request import Request
from harvester.model.rows import SCHEMAS, Columns, Dataset
from harvester.model.terms import Endpoint, Granularity
from harvester.parse import parse, rows_in
from tests.parse.support_parse import (
    COUNT,
    QUESTIONS,
    RANKING,
    TOTAL,
    YEAR_2015,
    breakdown,
    read,
    timeline,
)
from tests.support.thorough import examples

# Cases are many and cheap; a busy machine is no reason to fail.
MANY = settings(max_examples=examples(400), deadline=None)
questions = st.sampled_from(QUESTIONS)

counts = st.integers(0, 2**53 - 1) | st.integers(0, 50)
PERIODS = [name for each in Granularity for name in periods(each, YEAR_2015)]
# Words that lead deep into the parsers, and any text, lone surrogates included.
texts = st.text(st.characters(), max_size=8)
keys = (
    st.sampled_from(["timeline", "totals", "top", "breakdown", "code", "message"])
    | st.sampled_from(["total", "327", "328", "Spain"])
    | st.sampled_from(PERIODS)
    | texts
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | counts
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def honest(request: Request) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies that the service could send for this request."""
    question = request.question
    if question.endpoint is Endpoint.TOTAL:
        return st.fixed_dictionaries({"totals": counts})
    if question.endpoint is Endpoint.COUNT:
        return st.fixed_dictionaries({"327": counts, "328": counts})
    if question.endpoint is Endpoint.TOP:
        ids = st.integers(1, 10**18 - 1).map(str)
        names = ids if question.sub_item is None else st.text()
        return st.fixed_dictionaries({"top": st.dictionaries(names, counts, max_size=10)})
    assert question.granularity
    names = st.sampled_from(list(periods(question.granularity, YEAR_2015)))
    if question.endpoint is Endpoint.TIMELINE:
        return st.fixed_dictionaries({"timeline": st.dictionaries(names, counts)})
    cities = st.builds(
        lambda found, rest: {**found, "total": sum(found.values()) + rest},
        st.dictionaries(st.text().filter(lambda name: name != "total"), st.integers(0, 9)),
        st.integers(0, 9),
    )
    countries = st.dictionaries(st.text(), cities, max_size=4)
    return st.fixed_dictionaries({"breakdown": st.dictionaries(names, countries, max_size=4)})


def read_or_refused(request: Request, body: bytes) -> tuple[Columns, ...] | None:
    """The rows, proven to be storable, or None for a refusal; nothing else may happen."""
    try:
        found = parse(request, body)
    except ParseError as error:
        if error.where != request.key or not error.fix or not str(error).encode():
            raise
        return None
    for columns in found:
        schema = SCHEMAS[columns.dataset]
        for name, values in columns.values.items():
            stored = pa.array(values, schema.field(name).type)
            assert len(stored) == columns.length
            assert stored.null_count == 0
        for name in {"value", "unlisted", "articles"} & set(columns.values):
            assert all(type(value) is int and 0 <= value < 2**53 for value in columns.values[name])
    return found


@MANY
@given(request_=questions, sent=st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused(request_: Request, sent: bytes) -> None:
    read_or_refused(request_, sent)


@MANY
@given(request_=questions, sent=anything | st.dictionaries(keys, anything, max_size=3))
def test_any_json_is_read_or_refused(request_: Request, sent: object) -> None:
    """As Python writes it, NaN, huge integers and lone surrogates included."""
    read_or_refused(request_, json.dumps(sent).encode())
    read_or_refused(request_, json.dumps(sent, ensure_ascii=False).encode(errors="surrogatepass"))


@MANY
@given(request_=questions, chance=st.data())
def test_a_good_body_with_one_wound_is_read_or_refused(
    request_: Request, chance: st.DataObject
) -> None:
    """A byte changed, cut out, or a stretch doubled: near misses reach the deepest checks."""
    sent = json.dumps(chance.draw(honest(request_))).encode()
    at = chance.draw(st.integers(0, len(sent)))
    end = chance.draw(st.integers(at, len(sent)))
    wound = chance.draw(
        st.sampled_from([b"", b"-", b".5", b"e3", b"null", b"true", b'"', b"{}", b"9" * 30])
        | st.binary(max_size=3)
        | st.just(sent[at:end] * 2)
    )
    read_or_refused(request_, sent[:at] + wound + sent[end:])


@MANY
@given(request_=questions, chance=st.data())
def test_an_honest_body_is_read_whole_whatever_its_order(
    request_: Request, chance: st.DataObject
) -> None:
    """Every number becomes one row, and the order of keys carries no meaning."""
    sent = chance.draw(honest(request_))
    found = read_or_refused(request_, json.dumps(sent).encode())
    assert found is not None

    columns = [each.values["articles" if request_ is COUNT else "value"] for each in found]
    assert sorted(value for each in columns for value in each) == sorted(_leaves(sent))
    assert rows_in(found) == len(_leaves(sent))
    assert parse(request_, json.dumps(_turned(sent)).encode()) == found


@settings(deadline=None)
@given(sent=honest(breakdown(Granularity.MONTH)))
def test_countries_are_their_cities_and_a_rest(sent: dict[str, Any]) -> None:
    found = read(breakdown(Granularity.MONTH), json.dumps(sent).encode())

    for row in found[Dataset.COUNTRIES]:
        place = row["period"], row["country"]
        cities = [
            city["value"]
            for city in found[Dataset.CITIES]
            if (city["period"], city["country"]) == place
        ]
        assert row["value"] == sum(cities) + row["unlisted"]


@settings(deadline=None)
@given(sent=honest(RANKING))
def test_ranks_follow_the_values(sent: dict[str, Any]) -> None:
    found = read(RANKING, json.dumps(sent).encode())[Dataset.TOP]

    assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
    for above, below in pairwise(found):
        assert (-above["value"], above["key"]) < (-below["value"], below["key"])


@settings(deadline=None)
@given(sent=honest(timeline(Granularity.DAY)))
def test_periods_lie_in_the_window_oldest_first(sent: dict[str, Any]) -> None:
    found = read(timeline(Granularity.DAY), json.dumps(sent).encode())[Dataset.TIMELINE]

    starts = [row["period_start"] for row in found]
    assert starts == sorted(set(starts))
    assert all(epoch_day(YEAR_2015.first) <= day <= epoch_day(YEAR_2015.last) for day in starts)


@MANY
@given(request_=questions, chance=st.data())
def test_a_key_written_twice_is_never_read(request_: Request, chance: st.DataObject) -> None:
    """Wherever it stands: the last value would win, and the first would be lost."""
    sent = json.dumps(chance.draw(honest(request_)))
    key, value = json.dumps("totals" if request_ is TOTAL else next(iter(json.loads(sent)))), "null"
    doubled = f"{{{key}: {value}, {sent[1:]}"

    assert read_or_refused(request_, doubled.encode()) is None


def _leaves(answer: object) -> list[int]:
    if isinstance(answer, dict):
        return [leaf for inside in answer.values() for leaf in _leaves(inside)]
    assert isinstance(answer, int)
    return [answer]


def _turned(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: _turned(inside) for key, inside in reversed(answer.items())}
    return answer
