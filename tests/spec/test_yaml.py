"""Text that is no YAML, YAML that a spec does not take, and values that YAML bends."""

from __future__ import annotations

import pytest
import yaml

from harvester.spec.yaml_errors import syntax_mistake
from harvester.spec.yaml_tree import MAX_VALUES
from tests.spec.support_spec import ANY, ENTITIES, mistakes, understood

_NO_FIT = "this does not fit the block that begins on line 1: check indentation, quotes and commas"
_COLON = (
    "a ':' where none can stand: check the indentation of this line and the one above, or put the "
    "text in quotes"
)
_NOT_CLOSED = "of line 1 is not closed, or a comma is missing before"
_BACKSLASH = "a backslash means something inside double quotes: use single quotes instead"
_PERCENT = "a line that begins with '%' has no place in a spec"

SYNTAX = [
    ("name: a: b", 1, 8, _COLON),
    ("name: x\n  source: y\n", 2, 9, _COLON),
    ("name: x\nsource\nlimits: {}\n", 2, 1, "this line has no ': ' after its key"),
    ("ids: [1, 2", 1, 11, f"the '[' {_NOT_CLOSED}"),
    ("ids: [1, 2\nb: 3\n", 2, 2, f"the '[' {_NOT_CLOSED}"),
    ("a: {b: 1", 1, 9, f"the '{{' {_NOT_CLOSED}"),
    ('name: "x', 1, 9, "the quote that opens on line 1 is never closed"),
    ("name:\n\tb: 1", 2, 1, "a tab: indent with spaces"),
    ("a:\n- x\n\t- y", 3, 1, "a tab: indent with spaces"),
    ("\ta: 1", 1, 1, "a tab: indent with spaces"),
    ("contact: @x", 1, 10, "a value cannot begin with '@': put it in quotes"),
    ("contact: `x", 1, 10, "a value cannot begin with '`': put it in quotes"),
    ("contact: %x", 1, 10, "a value cannot begin with '%': put it in quotes"),
    ("- a\nb: 1", 2, 1, _NO_FIT),
    ("a: 'it's'", 1, 8, _NO_FIT),
    ("a: x #c\n  b", 2, 3, _NO_FIT),
    ('a: "\\q"', 1, 5, _BACKSLASH),
    ("a: *", 1, 5, "'*' begins a YAML alias: put the text in quotes"),
    ("a: &", 1, 5, "'&' begins a YAML anchor: put the text in quotes"),
    ("a: !<x", 1, 7, "'!' begins a YAML tag: put the text in quotes"),
    ("a: |x\n y", 1, 5, "'|' and '>' begin a block of text: put the text in quotes"),
    ("a: ]", 1, 4, "a value is missing before this place, or a bracket is too much"),
    ("a: - b", 1, 4, "a '- ' where none can stand: begin the list on a line of its own"),
    ("%YAML 3.0\n---\na: 1", 1, 1, _PERCENT),
    ("%FOO\na", 1, 5, _PERCENT),
    (
        "a: 1\n...\nfoo",
        3,
        1,
        "the spec is already complete before this place: check brackets and '...'",
    ),
]


@pytest.mark.parametrize(("text", "line", "column", "sentence"), SYNTAX)
def test_a_text_that_is_no_yaml_is_told_with_its_place(
    text: str, line: int, column: int, sentence: str
) -> None:
    assert mistakes(text) == [f"{line}:{column}: {sentence}"]


@pytest.mark.parametrize("text", [each[0] for each in SYNTAX])
def test_the_parser_in_python_is_understood_too(text: str) -> None:
    """Where PyYAML comes without its parser in C; it may choose another place and reason."""
    with pytest.raises(yaml.YAMLError) as caught:
        list(yaml.parse(text, Loader=yaml.SafeLoader))
    found = syntax_mistake(caught.value, text.splitlines())
    assert 1 <= found.line <= len(text.splitlines())
    assert not found.sentence.startswith("this cannot be read")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("name: y", ["2:1: name: 'name' is written twice: already on line 1"]),
        ("limits: *a", ["2:9: limits: '*a' names no anchor above it (&a)"]),
        ("limits: &some {}\noutput: *sme", [("3:9: output: '*sme' names no anchor above it (&sme): "
         "did you mean 'some'?")]),
        ("output: &a {path: *a}", [("2:19: output.path: '*a' stands inside of what it names: a "
         "value cannot hold itself")]),
        ("<<: {raw: true}", ["2:6: raw: 'raw' is not a key of a spec: it belongs to 'output'"]),
        ("<<: [{}, 3]", [("2:10: '<<': '<<' takes a mapping, or a list of mappings, such as "
         "[*base, *more]")]),
        ("<<: {}\n<<: {}", ["3:1: '<<': '<<' is written twice (line 2): write one with a list"]),
        ('"<<": {}', [("2:1: '<<': '<<' is not a key of a spec (name, source, entities, "
         "dimensions, planner, limits, output)")]),
        ("output: {&a path: x, *a : y}", [("2:10: output.path: 'path' is written twice: already "
         "on line 2")]),
        ("output: !!map {}", [("2:9: output: '!!map' is a YAML tag, which a spec does not take: "
         "put a text in quotes instead")]),
        ("output: {path: !!python/name:os.system x}", [("2:16: output.path: "
         "'!!python/name:os.system' is a YAML tag, which a spec does not take: put a text in "
         "quotes instead")]),
        ("? [a]\n: 1", ["2:3: a key is one word: no list and no mapping"]),
        ("? {a: 1}\n: 1", ["2:3: a key is one word: no list and no mapping"]),
        ('"": 1', [("2:1: '': '' is not a key of a spec (name, source, entities, dimensions, "
         "planner, limits, output)")]),
        ('"a\\nb": 1', [("2:1: 'a\\nb': 'a\\nb' is not a key of a spec (name, source, entities, "
         "dimensions, planner, limits, output)")]),
    ],
)  # fmt: skip
def test_yaml_that_a_spec_does_not_take_is_refused_with_why(written: str, said: list[str]) -> None:
    assert mistakes(f"name: x\n{written}\n{ENTITIES}{ANY}") == said


def test_a_key_written_twice_far_below_is_a_mistake() -> None:
    text = f"name: x\n{ENTITIES}dimensions:\n  - endpoint: total\n    counters: [views]\n"
    assert mistakes(text + "    endpoint: count\n") == [
        "6:5: dimensions[0].endpoint: 'endpoint' is written twice: already on line 4"
    ]


def test_a_second_document_in_a_file_is_a_mistake() -> None:
    assert mistakes("---\nname: x\n---\nname: y\n") == [
        "3:1: a second YAML document begins here: a file holds one spec, remove the '---'"
    ]
    assert understood(f"---\nname: x\n{ENTITIES}{ANY}...\n").name == "x"


def test_yaml_nested_too_deeply_is_refused() -> None:
    for text in ("[" * 100_000, "- " * 50_000, "{a: " * 50_000, "? " * 50_000):
        (said,) = mistakes(text)
        assert said.endswith("nested more than 32 levels deep: no spec needs that")


def test_yaml_with_too_many_values_is_refused() -> None:
    (said,) = mistakes("[" + "1," * (MAX_VALUES + 1))
    assert said.endswith("more than 500,000 values: split the job into several")


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "\ufeff", "--- # x\n...\n"])
def test_an_empty_file_is_refused_and_points_to_init(text: str) -> None:
    assert mistakes(text) == [
        "1:1: the file is empty: `harvester init` writes a spec to start from"
    ]


@pytest.mark.parametrize("text", ["name", "[1, 2]", "- name: x\n", "true", "12", "'a'"])
def test_a_file_that_is_no_mapping_is_a_mistake(text: str) -> None:
    assert mistakes(text) == ["1:1: a spec is a mapping that begins with 'name: …'"]


@pytest.mark.parametrize(
    ("written", "read"), [("yes", True), ("on", True), ("NO", False), ("false", False)]
)
def test_both_spellings_of_booleans_are_read_where_one_belongs(written: str, *, read: bool) -> None:
    assert understood(f"name: x\noutput: {{raw: {written}}}\n{ENTITIES}{ANY}").output.raw is read


def test_quotes_make_a_word_of_anything() -> None:
    text = f"name: '1.10'\nsource: {{institution: 'no'}}\n{ENTITIES}{ANY}"
    assert (understood(text).name, understood(text).source.institution) == ("1.10", "no")


def test_windows_line_ends_and_wide_characters_do_not_move_a_mistake() -> None:
    text = f"name: x # 日本語\r\noutput: {{path: 日本語, raw: 日}}\r\n{ENTITIES}{ANY}"
    assert mistakes(text) == ["2:26: output.raw: '日' cannot be 'raw': write true or false"]
