"""Anchors, aliases and merge keys: what they stand for, where a mistake is told, and bounds."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harvester.spec.yaml_nodes import plain
from harvester.spec.yaml_tree import MAX_EXPANDED, TreeBuilder
from tests.spec.support_spec import ANY, ENTITIES, mistakes, understood

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)


def built(text: str) -> Any:
    tree = TreeBuilder()
    tree.read(yaml.parse(text, Loader=yaml.SafeLoader))
    assert tree.root is not None
    assert tree.mistakes == []
    return plain(tree.root)


def test_a_spec_that_safe_dump_wrote_is_read() -> None:
    """The same object twice becomes an anchor and an alias."""
    period, counters = {"start": "2015-01-01", "end": "yesterday"}, ["views", "downloads"]
    line = {"endpoint": "timeline", "counters": counters, "period": period}
    spec = {
        "name": "x",
        "entities": {"article": {"ids": [7]}},
        "dimensions": [{**line, "granularities": [each]} for each in ("day", "month")],
    }
    text = yaml.safe_dump(spec)
    assert "*id001" in text
    assert "*id002" in text
    assert understood(text).dimensions[0].period == understood(text).dimensions[1].period


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("a: &x 1\nb: *x", {"a": 1, "b": 1}),
        ("&k a: 1\nb: *k", {"a": 1, "b": "a"}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("a: &x [1, {b: 2}]\nb: [*x, *x]", {"a": [1, {"b": 2}], "b": [[1, {"b": 2}]] * 2}),
        ("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}", {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}),
        ("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}", {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 3}}),
        ("a: {<<: [{p: 1}, {p: 2, q: 2}], r: 3}", {"a": {"p": 1, "q": 2, "r": 3}}),
        ("a: {<<: {<<: {p: 1, q: 1}, q: 2}}", {"a": {"p": 1, "q": 2}}),
        ("a: {<<: []}", {"a": {}}),
        ("a: {'<<': 1}", {"a": {"<<": 1}}),
    ],
)
def test_what_they_stand_for(text: str, means: object) -> None:
    assert built(text) == means


shared = st.recursive(
    st.integers() | st.sampled_from(["a", "b c"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pqr"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(shared, min_size=1, max_size=4), st.lists(st.integers(0, 3), max_size=8))
def test_shared_values_are_read_as_another_reader_reads_them(
    values: list[object], order: list[int]
) -> None:
    text = yaml.safe_dump([values[each % len(values)] for each in order])
    assert built(text) == yaml.safe_load(text)


mappings = st.dictionaries(st.sampled_from("pqrs"), st.integers(), max_size=3)


@given(st.lists(mappings, max_size=4), mappings, st.booleans())
def test_merged_mappings_are_read_as_another_reader_reads_them(
    merged: list[dict[str, int]],
    own: dict[str, int],
    is_first: bool,  # noqa: FBT001
) -> None:
    text = "base:\n- 0\n" + "".join(f"- &m{n} {flow(each)}\n" for n, each in enumerate(merged))
    keys = [f"<<: [{', '.join(f'*m{n}' for n in range(len(merged)))}]", flow(own)[1:-1]]
    keys = [each for each in keys if each]
    text += f"all: {{{', '.join(keys if is_first else keys[::-1])}}}\n"
    assert built(text) == yaml.safe_load(text)


def flow(mapping: dict[str, int]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in mapping.items())}}}"


def test_a_mistake_is_told_where_the_value_stands_for_each_of_its_places() -> None:
    text = (
        "name: x\n"
        f"{ENTITIES}"
        "dimensions:\n"
        "  - {endpoint: total, counters: &c [views, hugs]}\n"
        "  - {endpoint: timeline, counters: *c, granularities: [day], period: &p {start: 1}}\n"
    )
    assert [each for each in mistakes(text) if "hugs" in each] == [
        (f"4:44: dimensions[{n}].counters[1]: 'hugs' is not a counter (views, downloads, shares)")
        for n in (0, 1)
    ]


def test_a_key_that_is_wrong_in_a_merged_mapping_is_told_where_it_stands() -> None:
    text = (
        f"name: x\n{ENTITIES}dimensions:\n"
        "  - &base {endpoint: total, counters: [views], zzz: 1}\n"
        "  - {<<: *base, counters: [downloads]}\n"
    )
    assert [each.split(": ")[0:2] for each in mistakes(text)] == [
        ["4:48", "dimensions[0].zzz"],
        ["4:48", "dimensions[1].zzz"],
    ]


def test_keys_written_twice_are_refused_beside_a_merge_key_too() -> None:
    text = f"name: x\n{ENTITIES}output: {{<<: {{path: a}}, path: b, path: c}}\n{ANY}"
    assert mistakes(text) == ["3:34: output.path: 'path' is written twice: already on line 3"]


def test_nested_aliases_are_refused_before_they_fill_memory() -> None:
    """A billion laughs; merge keys, and the same list over and over, no less."""
    said = f"aliases bring more than {MAX_EXPANDED:,} values"
    ids = f"a: &a [{'1, ' * 9_999}1]\n"
    for text in (LAUGHS, f"{ids}b: [{'*a, ' * 10}]\n", LAUGHS.replace("[x, x]", "{x: 1}")):
        (told,) = mistakes(text)
        assert said in told


def test_as_much_as_is_allowed_is_read() -> None:
    text = f"a: &a [{'1, ' * 9_998}1]\nb: [{'*a, ' * 10}]\n"
    assert len(built(text)["b"]) == 10


def test_depth_has_an_end_through_aliases_too() -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200))
    (said,) = mistakes(chain)
    assert said.endswith("nested more than 32 levels deep: no spec needs that")
