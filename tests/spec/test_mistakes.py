"""What a user reads: every line exactly."""

from __future__ import annotations

import pytest

from tests.spec.support_spec import ANY, ENTITIES, HEAD, mistakes, understood


def test_a_mistake_is_told_with_its_line_column_and_key() -> None:
    text = (
        "name: x\n" + ENTITIES + "dimensions:\n  - endpoint: total\n    counters: [views, hugs]\n"
    )
    assert mistakes(text) == [
        "5:23: dimensions[0].counters[1]: 'hugs' is not a counter (views, downloads, shares)"
    ]


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        "name: Lboro Archive\n"
        "source: {institution: lboro, credentials: me:secret}\n"
        "entities: {article: {ids: [1, 2.0]}}\n"
        "dimensions:\n"
        "  - {endpoint: total, counters: [vews], period: {start: beginning, end: yesterday}}\n"
        "  - {endpoint: count}\n"
        "  - {endpoint: breakdown, granularities: [week]}\n"
        "limits: {attempts: 0}\n"
        "outptu: {}\n"
    )
    assert [each.split(" ")[0] for each in mistakes(text)] == [
        "1:7:", "2:43:", "3:31:", "5:34:", "5:41:", "6:16:", "7:5:", "7:5:", "7:43:", "8:20:",
        "9:1:",
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["1", "766364", "+7", "9" * 18])
def test_a_positive_whole_number_of_up_to_18_digits_is_an_id(written: str) -> None:
    job = understood(f"name: x\nentities: {{author: {{ids: [{written}]}}}}\n{ANY}")
    assert [each.ids for each in job.entities.values()] == [(int(written),)]


def _period(written: str) -> str:
    series = "endpoint: timeline, counters: [views], granularities: [day]"
    return f"{HEAD}  - {{{series}, {written}}}\n"


def test_both_ends_of_a_period_are_judged() -> None:
    assert mistakes(_period("period: {start: x, end: 2029-01-01}")) == [
        "4:83: dimensions[0].period.start: 'x' is no start: write a day (2015-01-01) or beginning",
        (
            "4:91: dimensions[0].period.end: 2029-01-01 lies after yesterday (2026-11-22): a day "
            "is counted when it is over, write yesterday"
        ),
    ]
    assert mistakes(_period("period: {start: 2026-01-01, end: last-year}")) == [
        (
            "4:83: dimensions[0].period.start: the period starts on 2026-01-01, after its end on "
            "2025-12-31 (last-year)"
        )
    ]
    assert mistakes(_period("period: beginning")) == [
        (
            "4:75: dimensions[0].period: 'beginning' cannot stand here: write keys below it "
            "(start, end)"
        )
    ]


@pytest.mark.parametrize(
    "written",
    [
        "credentials: me:hunter2",
        "credentials: hunter2",
        "credentials: {user: me, password: hunter2}",
        "credentials: {hunter2}",
        "credentials: {'me:hunter2': 1}",
        "credentials: {env: 'me:hunter2'}",
        "credentials: {env: [hunter2]}",
        "credentials: {file: [hunter2]}",
        'credentials: {file: "hunter2\\n"}',
        "credentials: [hunter2]",
        "token: hunter2",
        "token: {value: hunter2}",
        "stats_url: https://me:hunter2@stats.figshare.com",
        "stats_url: http://hunter2@127.0.0.1",
        "stats_url: https://stats.figshare.com/?password=hunter2",
    ],
)
def test_a_secret_in_a_spec_is_refused_and_not_repeated(written: str) -> None:
    said = mistakes(f"name: x\nsource:\n  institution: lboro\n  {written}\n{ENTITIES}{ANY}")
    assert said
    assert "hunter2" not in "".join(said)


def test_why_a_secret_is_refused() -> None:
    text = f"name: x\nsource: {{institution: y, credentials: me:secret}}\n{ENTITIES}{ANY}"
    assert mistakes(text) == [
        (
            "2:39: source.credentials: secrets never stand in a spec: write {env: "
            "NAME_OF_A_VARIABLE} or {file: PATH}"
        )
    ]


@pytest.mark.parametrize(
    "name", ["Lboro", "-x", "a b", "..", "é", "a/b", ".hidden", "'x\n'", '"x\\n"']
)
def test_a_name_is_the_name_of_a_folder(name: str) -> None:
    assert mistakes(f"name: {name}\n{ENTITIES}{ANY}")[0].startswith("1:7: name: ")


def test_a_missing_key_is_told_at_its_parent() -> None:
    assert mistakes("name: x\n") == ["1:1: 'dimensions' is missing"]
    assert mistakes(f"{ENTITIES}{ANY}") == ["1:1: 'name' is missing"]
    assert mistakes(_period("period: {start: beginning}")) == [
        "4:75: dimensions[0].period: 'end' is missing"
    ]


def test_a_count_without_groups_is_a_mistake() -> None:
    text = "name: x\nentities: {article: {ids: [1]}}\ndimensions:\n  - endpoint: count\n"
    assert mistakes(text) == [
        "4:15: dimensions[0].endpoint: 'count' needs groups: list their ids in 'entities: group'"
    ]


def test_a_ranking_of_all_items_needs_a_kind_but_no_ids() -> None:
    text = "name: x\ndimensions:\n  - {endpoint: top, counters: [views]}\n"
    assert mistakes(text) == [
        (
            "3:16: dimensions[0].endpoint: 'top' has no entities to ask for: name kinds here, as "
            "'entities: [article]'"
        )
    ]
    assert mistakes(text.replace("top,", "top, entities: [article],")) == []


def test_a_mistake_in_one_dimension_hides_none_in_the_next() -> None:
    assert mistakes(
        HEAD
        + "  - {endpoint: total, counters: [hugs]}\n"
        + "  - {endpoint: total, counters: [views], period: {start: beginning, end: yesterday}}\n"
    ) == [
        "4:34: dimensions[0].counters[0]: 'hugs' is not a counter (views, downloads, shares)",
        (
            "5:42: dimensions[1].period: 'period' has no place in 'total': a total is all-time; "
            "for a period use 'timeline' with granularity 'total'"
        ),
    ]


def test_a_flood_of_mistakes_ends() -> None:
    ids = ", ".join(["x"] * 5000)
    said = mistakes(f"name: x\nentities: {{article: {{ids: [{ids}]}}}}\n{ANY}")
    assert len(said) == 1001
