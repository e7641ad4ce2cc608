"""Text that is not YAML, explained: the parser's complaint as one plain sentence."""

from __future__ import annotations

import yaml

from harvester.spec.issue import Mistake
from harvester.spec.yaml_tree import MAX_DEPTH

_COLON = (
    "a ':' where none can stand: check the indentation of this line and the one above, "
    "or put the text in quotes"
)
_BACKSLASH = "a backslash means something inside double quotes: use single quotes instead"
_NO_FIT = (
    "this does not fit the block that begins on line {line}: check indentation, quotes and commas"
)

# What the C and the Python parser say -> what it means to somebody who writes a spec.
# The first line whose words occur in "context; problem" counts. {line}: where it began.
_MEANINGS: tuple[tuple[str, str], ...] = (
    # Newer YAML parsers end here by themselves, before our own limit is looked at.
    ("maximum nesting depth", f"nested more than {MAX_DEPTH} levels deep: no spec needs that"),
    ("tab character", "a tab: indent with spaces"),
    ("mapping values are not allowed", _COLON),
    ("entries are not allowed", "a '- ' where none can stand: begin the list on a line of its own"),
    ("expected ',' or ']'", "the '[' of line {line} is not closed, or a comma is missing before"),
    ("expected ',' or '}'", "the '{{' of line {line} is not closed, or a comma is missing before"),
    ("unexpected end of stream", "the quote that opens on line {line} is never closed"),
    ("unexpected document separator", "the quote that opens on line {line} is never closed"),
    ("escape", _BACKSLASH),
    ("scanning an alias", "'*' begins a YAML alias: put the text in quotes"),
    ("scanning an anchor", "'&' begins a YAML anchor: put the text in quotes"),
    ("tag", "'!' begins a YAML tag: put the text in quotes"),
    ("block scalar", "'|' and '>' begin a block of text: put the text in quotes"),
    ("expected ':'", "this line has no ': ' after its key"),
    ("expected '-' indicator", _NO_FIT),
    ("block sequence", _NO_FIT),
    ("block collection", _NO_FIT),
    ("expected key", _NO_FIT),
    ("block mapping", _NO_FIT),
    ("node content", "a value is missing before this place, or a bracket is too much"),
    ("directive", "a line that begins with '%' has no place in a spec"),
    ("incompatible", "a line that begins with '%' has no place in a spec"),
    ("document start", "the spec is already complete before this place: check brackets and '...'"),
)

_STARTS = {
    "\t": "a tab: indent with spaces",
    "@": "a value cannot begin with '@': put it in quotes",
    "`": "a value cannot begin with '`': put it in quotes",
    "%": "a value cannot begin with '%': put it in quotes",
}
_FALLBACK = "this cannot be read as YAML: check indentation, quotes and brackets near here"


def syntax_mistake(error: yaml.YAMLError, lines: list[str]) -> Mistake:
    """The one mistake that ended the reading, at the place the parser names."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Mistake(1, 1, (), _FALLBACK)
    began = getattr(error, "context_mark", None) or mark
    if "expected ':'" in str(getattr(error, "problem", "")):
        mark = began  # the parsers point at the line after the key that lacks its colon
    line, column = mark.line, mark.column
    if line >= len(lines):  # the end of the text, one line below the last
        line = max(len(lines) - 1, 0)
        column = len(lines[line]) if lines else 0
    said = f"{getattr(error, 'context', '')}; {getattr(error, 'problem', '')}"
    return Mistake(
        line + 1, column + 1, (), _meaning(said, _at(lines, line, column), began.line + 1)
    )


def _meaning(said: str, character: str, began: int) -> str:
    if "cannot start any token" in said:
        return _STARTS.get(character, _FALLBACK)
    for words, meaning in _MEANINGS:
        if words in said:
            return meaning.format(line=began)
    return _FALLBACK


def _at(lines: list[str], line: int, column: int) -> str:
    return lines[line][column : column + 1] if line < len(lines) else ""
