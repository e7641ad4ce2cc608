"""Dimensions, expanded into questions."""

from __future__ import annotations

from datetime import date

import pytest

from harvester.model.dates import Window
from harvester.model.terms import Kind
from harvester.spec.resolve import merge_windows, wanted
from tests.spec.support_spec import ANY, HEAD, TODAY, held, mistakes, understood

D = date.fromisoformat


def _asked(dimensions: str, today: date = TODAY) -> list[str]:
    """Question and window, as `timeline/day/views/article 2015-01-01..2015-12-31`."""
    found = wanted(understood(HEAD + dimensions, today), today)
    return [f"{each.question.key} {each.window or ''}".strip() for each in found]


def test_stages_come_in_order_and_each_dimension_is_a_product() -> None:
    assert _asked(
        """\
  - endpoint: breakdown
    entities: [group]
    counters: [views]
    granularities: [year, month]
    period: {start: 2015-01-01, end: last-year}
    filter: {sub_item: item_type, sub_item_ids: [thesis, dataset, thesis]}
  - {endpoint: top, counters: [views], sub_item: referral, entities: [group], count: 50,
     period: {start: 2026-01-01, end: last-month}}
  - {endpoint: top, entities: [author, article], counters: [views]}
  - {endpoint: timeline, entities: [article], counters: [downloads, views], granularities: [total],
     period: {start: beginning, end: yesterday}}
  - {endpoint: count}
  - {endpoint: total, counters: [shares, views]}
"""
    ) == [
        "total/views/article",
        "total/shares/article",
        "total/views/group",
        "total/shares/group",
        "count/articles/group",
        "top/views/article/10",
        "top/views/author/10",
        "top/views/group/referral/50 2026-01-01..2026-10-31",
        "timeline/total/views/article 2011-01-01..2026-11-22",
        "timeline/total/downloads/article 2011-01-01..2026-11-22",
        "breakdown/month/views/group/item_type=dataset 2015-01-01..2025-12-31",
        "breakdown/month/views/group/item_type=thesis 2015-01-01..2025-12-31",
        "breakdown/year/views/group/item_type=dataset 2015-01-01..2025-12-31",
        "breakdown/year/views/group/item_type=thesis 2015-01-01..2025-12-31",
    ]


@pytest.mark.parametrize(
    ("today", "word", "last"),
    [
        ("2026-11-23", "yesterday", "2026-11-22"),
        ("2026-11-23", "last-month", "2026-10-31"),
        ("2026-11-23", "last-year", "2025-12-31"),
        ("2026-03-01", "yesterday", "2026-02-28"),
        ("2024-03-01", "last-month", "2024-02-29"),
        ("2026-01-01", "last-month", "2025-12-31"),
        ("2026-01-01", "last-year", "2025-12-31"),
        ("2026-12-31", "last-year", "2025-12-31"),
    ],
)
def test_words_of_a_period_are_ends_of_what_is_over(today: str, word: str, last: str) -> None:
    series = "endpoint: timeline, counters: [views], granularities: [day], entities: [article]"
    period = f"period: {{start: 1999-12-31, end: {word}}}"
    assert _asked(f"  - {{{series}, {period}}}\n", D(today)) == [
        f"timeline/day/views/article 1999-12-31..{last}"
    ]


def test_the_same_question_from_two_dimensions_is_asked_once() -> None:
    series = "endpoint: timeline, counters: [views], entities: [article], granularities: [day]"
    periods = ["2020-01-01, end: 2020-01-31", "2020-02-01, end: 2020-02-10",
               "2020-02-05, end: 2020-03-31", "2020-05-01, end: 2020-05-31"]  # fmt: skip
    text = "".join(f"  - {{{series}, period: {{start: {each}}}}}\n" for each in reversed(periods))
    assert _asked(text) == [
        "timeline/day/views/article 2020-01-01..2020-03-31",
        "timeline/day/views/article 2020-05-01..2020-05-31",
    ]
    assert _asked("  - {endpoint: total, counters: [views], entities: [group]}\n" * 2) == [
        "total/views/group"
    ]


def test_rankings_are_not_united_and_the_longer_one_is_asked() -> None:
    ranking = "  - {{endpoint: top, entities: [group], counters: [views], sub_item: category, "
    ranking += "period: {{start: {0}, end: {1}}}, count: {2}}}\n"
    assert _asked(
        ranking.format("2020-01-01", "2020-06-30", 20)
        + ranking.format("2020-02-01", "2020-12-31", 10)
        + ranking.format("2020-01-01", "2020-06-30", 30)
    ) == [
        "top/views/group/category/10 2020-02-01..2020-12-31",
        "top/views/group/category/30 2020-01-01..2020-06-30",
    ]


def test_the_institution_is_part_of_every_question() -> None:
    text = "source: {institution: lboro}\n" + HEAD + "  - {endpoint: total, counters: [views]}\n"
    asked = wanted(understood(text), TODAY)
    assert {each.question.institution for each in asked} == {"lboro"}
    assert not any(each.question.needs_credentials for each in asked)
    top = text + "  - {endpoint: top, counters: [views]}\n"
    assert any(each.question.needs_credentials for each in wanted(understood(top), TODAY))
    public = top.replace("institution: lboro", "")
    assert not any(each.question.needs_credentials for each in wanted(understood(public), TODAY))


def test_entity_ids_are_ascending_and_once() -> None:
    job = understood(
        "name: x\nentities: {group: {ids: [7]}, article: {ids: [5, 3, 5]}}\n"
        "dimensions: [{endpoint: count}]\n"
    )
    assert held(job) == {Kind.ARTICLE: (3, 5), Kind.GROUP: (7,)}


def test_windows_that_follow_on_each_other_are_one() -> None:
    first = Window(D("2020-01-01"), D("2020-01-31"))
    second = Window(D("2020-02-01"), D("2020-02-09"))
    assert merge_windows([second, first]) == [Window(first.first, second.last)]
    apart = Window(D("2020-02-02"), D("2020-02-09"))
    assert merge_windows([apart, first, apart]) == [first, apart]


def test_dois_among_ids_are_the_ids_they_hold() -> None:
    """In the kept spec they are numbers: another spelling of the same ids is no change."""
    entities = (
        "entities:\n"
        "  article: {ids: [7, 10.5522/04/22634470.v1, 'doi:10.6084/m9.figshare.22634471.v3.']}\n"
        "  collection: {ids: [10.6084/m9.figshare.c.4567890]}\n"
    )
    job = understood(f"name: x\n{entities}{ANY}")
    assert held(job) == {Kind.ARTICLE: (7, 22634470, 22634471), Kind.COLLECTION: (4567890,)}
    kept = job.model_dump(mode="json")["entities"]
    assert kept["article"]["ids"] == [7, 22634470, 22634471]


def test_authors_have_no_dois() -> None:
    text = f"name: x\nentities: {{author: {{ids: [10.5522/04/22634470]}}}}\n{ANY}"
    assert mistakes(text) == [
        (
            "2:27: entities.author.ids[0]: '10.5522/04/22634470' is a DOI, and authors have none: "
            "write the id"
        )
    ]
