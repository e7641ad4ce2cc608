"""`discover` and `metadata`, understood: what is listed, and what it needs."""

from __future__ import annotations

from datetime import date

import pytest

from harvester.model.listing import Listing
from harvester.model.terms import Kind
from harvester.simulator.limits import ITEM_TYPES as SECOND_READING
from harvester.spec.job_listings import gathers, listings, metadata_kinds, needs_token
from tests.spec.support_spec import ANY, understood


def job(entities: str, source: str = "{institution_id: 797}") -> str:
    return f"name: x\nsource: {source}\nentities: {entities}\n{ANY}"


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("{article: {discover: true}}", Listing(Kind.ARTICLE, 797)),
        ("{article: {discover: {}}}", Listing(Kind.ARTICLE, 797)),
        ("{article: {discover: {item_type: dataset}}}", Listing(Kind.ARTICLE, 797, None, 3)),
        ("{article: {discover: {item_type: 3}}}", Listing(Kind.ARTICLE, 797, None, 3)),
        (
            "{article: {discover: {item_type: Journal_Contribution, group: 17}}}",
            Listing(Kind.ARTICLE, 797, 17, 6),
        ),
        (
            "{collection: {discover: {published_since: 2015-01-01}}}",
            Listing(Kind.COLLECTION, 797, published_since=date(2015, 1, 1)),
        ),
        ("{project: {discover: {group: 5}}}", Listing(Kind.PROJECT, 797, 5)),
        ("{author: {discover: true}}", Listing(Kind.AUTHOR, 797)),
    ],
)
def test_each_discover_of_a_spec_is_the_listing_it_names(written: str, listed: Listing) -> None:
    assert listings(understood(job(written))) == [listed]


def test_groups_are_listed_first_for_they_tell_where_an_article_lies() -> None:
    found = understood(
        job("{article: {discover: true}, group: {discover: true}, author: {ids: [1]}}")
    )
    assert [each.kind for each in listings(found)] == [Kind.GROUP, Kind.ARTICLE]


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("{article: {discover: true}, collection: {discover: true}}", False),
        ("{group: {discover: true}}", True),
        ("{author: {discover: true}}", True),
        ("{group: {ids: [1]}}", False),
    ],
)
def test_only_groups_and_authors_need_a_token(written: str, *, token: bool) -> None:
    assert needs_token(understood(job(written))) is token
    assert not needs_token(understood(job(written, "{simulator: {}}")))


def test_a_job_gathers_only_what_it_asks_for() -> None:
    assert not gathers(understood(job("{article: {ids: [1]}}")))
    assert gathers(understood(job("{article: {ids: [1], metadata: true}}")))
    both = understood(job("{article: {ids: [1], metadata: true}, project: {discover: true}}"))
    assert metadata_kinds(both) == [Kind.ARTICLE]


@pytest.mark.parametrize(("number", "name"), SECOND_READING.items())
def test_two_readings_of_the_item_types_agree(number: int, name: str) -> None:
    found = understood(job(f"{{article: {{discover: {{item_type: {name}}}}}}}"))
    assert listings(found)[0].item_type == number
