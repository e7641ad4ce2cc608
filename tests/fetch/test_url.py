"""Requests as URLs: the documented form of each, and that no text leaves its place in it."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.fetch.url import Wire, Writer, address, wire
from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem

VIEWS = Counter.VIEWS
WINDOW = Window(date(2015, 1, 1), date(2015, 12, 31))
DATES = "start_date=2015-01-01&end_date=2015-12-31"

TABLE = [
    pytest.param(
        Request(Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS), 766364),
        "/total/views/article/766364",
        "",
        id="total",
    ),
    pytest.param(
        Request(Question(Endpoint.TOTAL, Kind.GROUP, Counter.SHARES, institution="lboro"), 10),
        "/lboro/total/shares/group/10",
        "",
        id="total of an institution",
    ),
    pytest.param(
        Request(Question(Endpoint.TIMELINE, Kind.ARTICLE, VIEWS, Granularity.DAY), 23, WINDOW),
        "/timeline/day/views/article/23",
        DATES,
        id="timeline",
    ),
    pytest.param(
        Request(
            Question(
                Endpoint.BREAKDOWN,
                Kind.GROUP,
                VIEWS,
                Granularity.MONTH,
                SubItem.ITEM_TYPE,
                "data set&x",
                institution="lboro",
            ),
            17,
            WINDOW,
        ),
        "/lboro/breakdown/month/views/group/17",
        f"{DATES}&sub_item=item_type&sub_item_id=data%20set%26x",
        id="breakdown with a filter",
    ),
    pytest.param(
        Request(Question(Endpoint.TOP, Kind.ARTICLE, VIEWS, ranks=100, institution="lboro")),
        "/lboro/top/views/article",
        "count=100",
        id="top of all",
    ),
    pytest.param(
        Request(
            Question(Endpoint.TOP, Kind.GROUP, VIEWS, None, SubItem.REFERRAL, None, 50), 10, WINDOW
        ),
        "/top/views/group",
        f"item_id=10&sub_item=referral&count=50&{DATES}",
        id="top inside an entity",
    ),
    pytest.param(
        Request(Question(Endpoint.TOP, Kind.ARTICLE, VIEWS)),
        "/top/views/article",
        "",
        id="top without a count",
    ),
]


@pytest.mark.parametrize(("request_", "path", "query"), TABLE)
def test_the_address_of_each_question_has_the_documented_form(
    request_: Request, path: str, query: str
) -> None:
    assert wire(request_) == Wire("GET", path, query, None)


def test_one_writer_writes_every_question_as_it_is_written_alone() -> None:
    """It remembers questions; one must not be taken for another."""
    writer = Writer("https://stats.figshare.com")
    requests = [Request(Question(Endpoint.TOTAL, kind, VIEWS), 1) for kind in Kind] * 2

    written = [writer.address(each) for each in requests]
    assert written == [address("https://stats.figshare.com", each) for each in requests]
    assert len(set(written)) == len(Kind)


def test_a_count_posts_its_groups_and_names_no_institution() -> None:
    asked = Request(Question(Endpoint.COUNT, Kind.GROUP, institution="lboro"), groups=(327, 328))

    body = b'{"groups":[{"id":327},{"id":328}]}'
    assert wire(asked) == Wire("POST", "/count/articles", "", body)


@pytest.mark.parametrize(
    ("base_url", "whole"),
    [
        ("https://stats.figshare.com", "https://stats.figshare.com/total/views/article/1"),
        ("https://stats.figshare.com/", "https://stats.figshare.com/total/views/article/1"),
        ("http://127.0.0.1:81/stats/", "http://127.0.0.1:81/stats/total/views/article/1"),
    ],
)
def test_an_address_begins_with_the_whole_base(base_url: str, whole: str) -> None:
    asked = Request(Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS), 1)

    assert address(base_url, asked) == whole


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Request(Question(Endpoint.TOP, Kind.ARTICLE), 1), id="no counter"),
        pytest.param(Request(Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS)), id="no entity"),
        pytest.param(
            Request(Question(Endpoint.TIMELINE, Kind.ARTICLE, VIEWS, Granularity.DAY), 1),
            id="no window: the service would take this month",
        ),
        pytest.param(
            Request(Question(Endpoint.TIMELINE, Kind.ARTICLE, VIEWS), 1, WINDOW),
            id="no granularity",
        ),
        pytest.param(
            Request(Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS, institution=".."), 1), id="dots"
        ),
        pytest.param(
            Request(Question(Endpoint.TOTAL, Kind.ARTICLE, VIEWS, institution=""), 1),
            id="an empty segment",
        ),
    ],
)
def test_a_request_that_cannot_be_asked_has_no_address(broken: Request) -> None:
    with pytest.raises(ValueError, match=r"needs|part of a path"):
        wire(broken)


questions = st.builds(
    Question,
    st.just(Endpoint.BREAKDOWN),
    st.sampled_from(Kind),
    st.sampled_from(Counter),
    st.sampled_from(Granularity),
    st.sampled_from([SubItem.CATEGORY, SubItem.ITEM_TYPE]),
    st.text(),
    st.none(),
    st.none() | st.text(),
)


@given(question=questions, entity_id=st.integers(0, 2**63))
def test_no_text_in_an_address_leaves_its_place_in_the_path_or_query(
    question: Question, entity_id: int
) -> None:
    """Invariant: origin, prefix and number of segments hold, and all text comes back as it was."""
    base = "https://stats.figshare.com:8443/stats"
    try:
        url = Writer(base).address(Request(question, entity_id, WINDOW))
    except ValueError:
        return

    assert url.isascii()
    split = urlsplit(url)
    assert url.startswith(f"{base}/")
    assert (split.netloc, split.fragment) == ("stats.figshare.com:8443", "")
    segments = [unquote(each) for each in split.path.split("/")[2:]]
    if question.institution is not None:
        assert segments.pop(0) == question.institution
    assert len(segments) == 5
    assert segments[-1] == str(entity_id)
    query = dict(parse_qsl(split.query, keep_blank_values=True, strict_parsing=True))
    assert query["sub_item_id"] == question.sub_item_id
    assert not {"..", "."} & set(split.path.split("/"))
