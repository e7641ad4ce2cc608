"""A key reads back as the request that wrote it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.request import Request, read_question, read_request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem

days = st.dates(date(1970, 1, 2), date(2199, 12, 31))
windows = st.tuples(days, days).map(sorted).map(lambda pair: Window(*pair))
ids = st.integers(1, 10**17)
institutions = st.one_of(st.none(), st.just("lboro"))
counters, kinds = st.sampled_from(Counter), st.sampled_from(Kind)
# A service's own words: slashes, equals signs and our own words among them.
filters = st.one_of(
    st.just((None, None)),
    st.tuples(
        st.sampled_from([SubItem.CATEGORY, SubItem.ITEM_TYPE]),
        st.one_of(
            st.text("ab/=.-0123456789 é", min_size=1, max_size=12),
            st.sampled_from(["2020-01-01..2020-01-02", "5-7", "referral", "day/views"]),
        ),
    ),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    endpoint = draw(st.sampled_from(Endpoint))
    counter, kind, scope = draw(counters), draw(kinds), draw(institutions)
    if endpoint is Endpoint.COUNT:
        groups = draw(st.lists(ids, min_size=1, max_size=2, unique=True).map(sorted))
        question = Question(endpoint, Kind.GROUP, institution=scope)
        return Request(question, groups=tuple(groups))
    if endpoint is Endpoint.TOTAL:
        # Without a counter it asks for all of them at once.
        one = draw(st.one_of(st.none(), st.just(counter)))
        return Request(Question(endpoint, kind, one, institution=scope), draw(ids))
    if endpoint is Endpoint.TOP:
        sub_item = draw(st.one_of(st.none(), st.sampled_from(SubItem)))
        ranks = draw(st.integers(1, 10**6))
        question = Question(
            endpoint, kind, counter, sub_item=sub_item, ranks=ranks, institution=scope
        )
        return Request(question, draw(ids), draw(windows)) if sub_item else Request(question)
    sub_item, sub_item_id = draw(filters)
    granularity = draw(st.sampled_from(Granularity))
    question = Question(
        endpoint, kind, counter, granularity, sub_item, sub_item_id, institution=scope
    )
    return Request(question, draw(ids), draw(windows))


@given(requests())
def test_every_key_of_a_request_reads_back_as_that_request(request: Request) -> None:
    scope = request.question.institution

    assert read_request(request.key, scope) == request
    assert read_question(request.question.key, scope) == request.question


def test_the_key_of_a_count_keeps_its_first_and_last_group() -> None:
    request = Request(Question(Endpoint.COUNT, Kind.GROUP), groups=(3, 5, 9))

    assert read_request(request.key).groups == (3, 9)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "total",
        "total/views/article",
        "total/views/article/x",
        "total/views/article/007",
        "total/hugs/article/1",
        "timeline/views/article/1/2020-01-01..2020-01-02",
        "timeline/day/views/article/1/2020-01-02..2020-01-01",
        "timeline/day/views/article/hat=1/1/2020-01-01..2020-01-02",
        "count/articles/group",
        "top/views/article/ten",
        "recipes/soup",
    ],
)
def test_a_text_that_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # any reason will do
        read_request(key)
