"""Errors word for word as documented, and who is let in."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.simulator import Quirks, SimulatorConfig, Truth
from harvester.simulator.answers import answer
from harvester.simulator.call import Call
from tests.support.thorough import examples

CONFIG = SimulatorConfig(seed=5, articles=60)
TRUTH = Truth(CONFIG)
ARTICLE = TRUTH.top(None, "views", "article", 1)[0][0]


def ask(target: str, body: bytes = b"", **quirks: Any) -> tuple[int, Any]:
    truth = TRUTH.under(replace(CONFIG, quirks=Quirks(**quirks))) if quirks else TRUTH
    found = answer(truth, Call("POST" if body else "GET", target, body))
    assert found.headers["Content-Type"].startswith("application/json")
    return found.status, json.loads(found.body)


@pytest.mark.parametrize(
    ("target", "status", "body"),
    [
        (
            "/total/hugs/article/215",
            400,
            {
                "data": {
                    "extra": "Counter type not supported: hugs",
                    "invalid_params": "counter",
                },
                "code": "InvalidParams",
                "message": "Invalid or unsupported params: counter",
            },
        ),
        (
            "/lboro/timeline/month/views/group/1?sub_item=category&start_date=2014-01-01&end_date=2015-02-03",
            400,
            {
                "data": {
                    "missing_params": "sub_item_id",
                    "parameters": {
                        "end_date": "2015-02-03",
                        "start_date": "2014-01-01",
                        "sub_item": "category",
                    },
                    "path": "/lboro/timeline/month/views/group/1",
                },
                "code": "MissingParams",
                "message": "Missing required params: sub_item_id",
            },
        ),
    ],
)
def test_documented_errors_word_for_word(target: str, status: int, body: dict[str, Any]) -> None:
    assert ask(target) == (status, body)


@pytest.mark.parametrize(
    ("target", "status", "code", "parameter"),
    [
        ("/timeline/week/views/article/1", 400, "InvalidParams", "granularity"),
        ("/timeline/day/views/table/1", 400, "InvalidParams", "item"),
        ("/timeline/day/views/article/abc", 400, "InvalidParams", "item_id"),
        ("/timeline/day/views/article/1?start_date=2015-1-1", 400, "InvalidParams", "start_date"),
        ("/timeline/day/views/article/1?end_date=20150101", 400, "InvalidParams", "end_date"),
        (
            "/timeline/day/views/article/1?start_date=2015-02-01&end_date=2015-01-01",
            400,
            "InvalidParams",
            "end_date",
        ),
        (
            "/breakdown/day/views/article/1?sub_item=referral&sub_item_id=1",
            400,
            "InvalidParams",
            "sub_item",
        ),
        ("/top/views/article?count=0", 400, "InvalidParams", "count"),
        ("/top/views/article?count=many", 400, "InvalidParams", "count"),
        ("/top/views/article?sub_item=referral", 400, "MissingParams", "item_id"),
        ("/", 404, "NotFound", None),
        ("/lboro", 404, "NotFound", None),
        ("/totals/views/article/1", 404, "NotFound", None),
        ("/timeline/dayviews/article/1", 404, "NotFound", None),
        ("/total/views/article/1/2", 404, "NotFound", None),
        ("/demo/count/articles", 404, "NotFound", None),
    ],
)
def test_other_errors_are_spelled_alike(
    target: str, status: int, code: str, parameter: str | None
) -> None:
    found, plain = ask(target)
    assert (found, plain["code"]) == (status, code)
    assert set(plain) == {"data", "code", "message"}
    if parameter:
        assert parameter in plain["data"].values()


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (None, 403),
        ("who:canary", 200),
        ("who:wrong", 403),
        ("who:canary\n", 403),
    ],
)
def test_the_institution_scope_wants_credentials(authorization: str | None, expected: int) -> None:
    """Timeline, breakdown and top do; total, count and the public scope do not."""
    truth = TRUTH.under(replace(CONFIG, username="who", password="canary"))
    headers = {}
    if authorization:
        headers["authorization"] = f"Basic {base64.b64encode(authorization.encode()).decode()}"
    paths = {
        f"/timeline/day/views/article/{ARTICLE}": expected,
        f"/breakdown/day/views/article/{ARTICLE}": expected,
        "/top/views/article": expected,
        f"/total/views/article/{ARTICLE}": 200,
    }
    for path, status in paths.items():
        found = answer(truth, Call("GET", f"/demo{path}", b"", headers))
        assert found.status == status, path
        if status == 403:
            assert json.loads(found.body) == {
                "data": None,
                "code": "Forbidden",
                "message": "Unauthorized request",
            }
        assert answer(truth, Call("GET", path)).status == 200


@settings(max_examples=examples(200), deadline=None)
@given(
    path=st.text(st.sampled_from("/abtotalviewsarticletimelineday0123456789%?=&-"), max_size=60),
    body=st.binary(max_size=20),
)
def test_any_path_and_query_is_answered(path: str, body: bytes) -> None:
    """Invariant: no request brings the simulator down; an error is JSON, too."""
    found = answer(TRUTH, Call("GET", f"/{path}", body))
    assert found.status in {200, 400, 403, 404}
    json.loads(found.body)
