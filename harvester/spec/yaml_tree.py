"""The YAML of a spec as a tree whose every value knows its line and column.

Built from the parser's events, not by its composer: so duplicate keys, anchors,
aliases, tags and depth are seen as they come, nothing recurses, and an id costs one
small object.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import yaml

from harvester.model.suggestions import quoted
from harvester.spec.issue import Mistake, Path
from harvester.spec.scalars import TOLD, plain_value

MAX_DEPTH = 32
MAX_VALUES = 500_000
MAX_MISTAKES = 1000  # a file that is no spec at all must not print a line for each of its words


@dataclass(slots=True)
class YamlScalar:
    """One word, with what it stands for."""

    text: str
    value: object
    is_plain: bool
    line: int
    column: int


@dataclass(slots=True)
class YamlSequence:
    """A list."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class YamlMapping:
    """Keys and values; a key that is wrong in itself is left out."""

    line: int
    column: int
    entries: dict[str, tuple[YamlScalar, Node]] = field(default_factory=dict)


Node = YamlScalar | YamlSequence | YamlMapping


class TreeRefused(Exception):  # noqa: N818 - an end of reading, told as mistakes
    """The tree is too deep or too large to go on; why stands among the mistakes."""


@dataclass(slots=True)
class _Open:
    """A container whose end has not come yet."""

    node: YamlSequence | YamlMapping
    key: Node | None = None  # of a mapping, when its value is still to come


class TreeBuilder:
    """Takes the parser's events, holds the tree and the mistakes found on the way."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self._open: list[_Open] = []
        self._documents = 0
        self._values = 0

    def read(self, events: Iterable[yaml.Event]) -> None:
        """Build the tree.

        Raises:
            TreeRefused: it is not worth going on.
            yaml.YAMLError: from the parser, when the text is not YAML.
        """
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._attach(self._open.pop().node)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._document(event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        (line, column), text = _start(event), event.value
        is_plain = not event.style and event.implicit[0]  # the C parser says '', the other None
        value = plain_value(text) if is_plain else text
        node = YamlScalar(text, value, is_plain, line, column)
        if event.anchor is not None or event.tag is not None:
            self._refuse_extras(event, node)
        self._attach(node)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        kind = YamlSequence if isinstance(event, yaml.SequenceStartEvent) else YamlMapping
        node = kind(*_start(event))
        if event.anchor is not None or event.tag is not None:
            self._refuse_extras(event, node)
        if len(self._open) == MAX_DEPTH:
            self._tell(node, f"nested more than {MAX_DEPTH} levels deep: no spec needs that")
            raise TreeRefused
        self._open.append(_Open(node))

    def _alias(self, event: yaml.AliasEvent) -> None:
        line, column = _start(event)
        node = YamlScalar("", TOLD, is_plain=True, line=line, column=column)
        name = quoted(f"*{event.anchor}")
        self._tell(node, f"{name} is a YAML alias, which a spec does not take: write the value out")
        self._attach(node)

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            sentence = "a second YAML document begins here: a file holds one spec, remove the '---'"
            self.mistakes.append(Mistake(*_start(event), (), sentence))
            raise TreeRefused

    def _refuse_extras(self, event: yaml.NodeEvent, node: Node) -> None:
        if event.anchor is not None:
            name = quoted(f"&{event.anchor}")
            self._tell(node, f"{name} is a YAML anchor, which a spec does not take: leave it out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            name = quoted(str(tag).replace("tag:yaml.org,2002:", "!!"))
            self._tell(
                node,
                f"{name} is a YAML tag, which a spec does not take: put a text in quotes instead",
            )

    def _attach(self, node: Node) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            self._tell(node, f"more than {MAX_VALUES:,} values: split the job into several")
            raise TreeRefused
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        if isinstance(top.node, YamlSequence):
            top.node.items.append(node)
        elif top.key is None:
            top.key = node
        else:
            key, top.key = top.key, None
            self._enter(top.node, key, node)

    def _enter(self, mapping: YamlMapping, key: Node, value: Node) -> None:
        if not isinstance(key, YamlScalar):
            self._tell(key, "a key is one word: no list and no mapping")
        elif key.value is TOLD:
            return
        elif key.is_plain and key.text == "<<":
            self._tell(key, "'<<' is a YAML merge key, which a spec does not take: write them out")
        elif key.text in mapping.entries:
            first = mapping.entries[key.text][0]
            self._tell(
                key, f"{quoted(key.text)} is written twice: already on line {first.line}", key.text
            )
        else:
            mapping.entries[key.text] = (key, value)

    def _tell(self, node: Node, sentence: str, *below: str) -> None:
        self.mistakes.append(Mistake(node.line, node.column, (*self._path(), *below), sentence))
        if len(self.mistakes) > MAX_MISTAKES:
            raise TreeRefused

    def _path(self) -> Path:
        steps: list[str | int] = []
        for each in self._open:
            if isinstance(each.node, YamlSequence):
                steps.append(len(each.node.items))
            elif isinstance(each.key, YamlScalar):
                steps.append(each.key.text)
        return tuple(steps)


def _start(event: yaml.Event) -> tuple[int, int]:
    """Line and column from 1; the parsers mark every event, though their types leave it open."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def plain(node: Node) -> object:
    """The tree as dicts, lists and scalars, for the typed model to judge."""
    if isinstance(node, YamlScalar):
        return node.value
    if isinstance(node, YamlSequence):
        return [each.value if isinstance(each, YamlScalar) else plain(each) for each in node.items]
    return {name: plain(value) for name, (_, value) in node.entries.items()}
