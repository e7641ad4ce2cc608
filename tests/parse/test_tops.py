"""Rankings: wrapped and bare, in no order, of entities and inside one."""

from __future__ import annotations

import pytest

from harvester.model.request import Request
from harvester.model.rows import Dataset
from harvester.model.terms import SubItem
from tests.parse.support_parse import RANKING, ranking_by, read, refused


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param(RANKING, {"top": {"30": 5, "4": 7, "200": 5, "1000": 7}}, id="of all items"),
        pytest.param(
            ranking_by(SubItem.CATEGORY),
            {"top": {"30": 5, "4": 7, "200": 5, "1000": 7}},
            id="wrapped",
        ),
        pytest.param(
            ranking_by(SubItem.REFERRAL), {"30": 5, "4": 7, "200": 5, "1000": 7}, id="bare"
        ),
    ],
)
def test_a_top_is_ranked_by_value_and_then_by_key_as_text(
    request_: Request, answer: object
) -> None:
    assert read(request_, answer) == {
        Dataset.TOP: [
            {"rank": 1, "key": "1000", "value": 7},
            {"rank": 2, "key": "4", "value": 7},
            {"rank": 3, "key": "200", "value": 5},
            {"rank": 4, "key": "30", "value": 5},
        ]
    }


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"http://a.example:80/": 2, "https://b.example": 1}, id="bare"),
        pytest.param({"top": {"http://a.example:80/": 2, "https://b.example": 1}}, id="wrapped"),
    ],
)
def test_keys_with_colons_are_keys(answer: object) -> None:
    """Colons are what repeated keys are found by; those inside text must not count."""
    found = read(ranking_by(SubItem.REFERRAL), answer)[Dataset.TOP]

    assert [row["key"] for row in found] == ["http://a.example:80/", "https://b.example"]


def test_a_referral_named_like_a_wrapper_is_a_key_where_its_value_does_not_fit() -> None:
    found = read(ranking_by(SubItem.REFERRAL), {"top": 5, "timeline": 6})[Dataset.TOP]

    assert [row["key"] for row in found] == ["timeline", "top"]


@pytest.mark.parametrize("key", ["figshare.com", "", "-4", "07", "0", "4 ", "٤", "4\n", "9" * 19])
def test_a_ranking_of_entities_has_ids_as_keys(key: str) -> None:
    assert "is no id" in refused(RANKING, {"top": {key: 1}})


def test_a_ranking_of_more_entries_than_were_asked_for_is_refused() -> None:
    """So the service did not understand `count`, and a ranking that short proves nothing."""
    answer = {"top": {"1": 1, "2": 1, "3": 1, "4": 1}}

    assert "4 entries came where 3 were asked for" in refused(
        ranking_by(SubItem.CATEGORY, 3), answer
    )
