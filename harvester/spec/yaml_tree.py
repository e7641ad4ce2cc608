"""The YAML of a spec as a tree whose every value knows its line and column.

Built from the parser's events, not by its composer: so duplicate keys, aliases, tags and depth
are seen as they come, nothing recurses, and an id costs one small object. An alias stands for
the very node of its anchor, so that a mistake in it is told where the value stands; what aliases
bring is bounded, for a page of nested ones could fill any memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import yaml

from harvester.model.suggestions import quoted, suggestion
from harvester.spec.issue import Mistake, Path
from harvester.spec.scalars import TOLD, plain_value
from harvester.spec.yaml_nodes import Node, YamlMapping, YamlScalar, YamlSequence

MAX_DEPTH = 32
MAX_VALUES = 500_000
MAX_EXPANDED = 100_000  # values that aliases bring, all together (docs/contract.md §2)
MAX_MISTAKES = 1000  # a file that is no spec at all must not print a line for each of its words


class TreeRefused(Exception):  # noqa: N818 - an end of reading, told as mistakes
    """The tree is too deep or too large to go on; why stands among the mistakes."""


@dataclass(slots=True)
class _Open:
    """A container whose end has not come yet.

    Attributes:
        anchor: the name by which aliases will call it.
        key: of a mapping, when its value is still to come.
        merged: what its merge key `<<` brings.
        size: of what it holds so far.
    """

    node: YamlSequence | YamlMapping
    anchor: str | None
    key: Node | None = None
    merged: tuple[YamlScalar, list[YamlMapping]] | None = None
    size: _Size = field(default_factory=lambda: _Size(1, 1))


@dataclass(slots=True)
class _Size:
    """How many values a node holds, itself included, and how many levels of containers."""

    values: int = 1
    levels: int = 0

    def hold(self, inner: _Size) -> None:
        """Grow by what comes inside."""
        self.values += inner.values
        self.levels = max(self.levels, inner.levels + 1)


class TreeBuilder:
    """Takes the parser's events, holds the tree and the mistakes found on the way."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, _Size]] = {}
        self._documents = 0
        self._values = 0
        self._expanded = 0

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
                self._end(self._open.pop())
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
        if event.tag is not None:
            self._refuse_tag(event.tag, node)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, _ONE)
        self._attach(node, _ONE)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        kind = YamlSequence if isinstance(event, yaml.SequenceStartEvent) else YamlMapping
        node = kind(*_start(event))
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse_tag(tag, node)
        self._refuse_deep(node, 1)
        if event.anchor is not None:
            self._anchors.pop(event.anchor, None)  # the same name again: not to be had inside
        self._open.append(_Open(node, event.anchor))

    def _end(self, ended: _Open) -> None:
        node = ended.node
        if ended.merged and isinstance(node, YamlMapping):
            # Its own keys win over merged ones, and earlier mappings over later ones (YAML 1.1).
            for mapping in ended.merged[1]:
                for name, entry in mapping.entries.items():
                    node.entries.setdefault(name, entry)
        if ended.anchor is not None:
            self._anchors[ended.anchor] = (node, ended.size)
        self._attach(node, ended.size)

    def _alias(self, event: yaml.AliasEvent) -> None:
        line, column = _start(event)
        here = YamlScalar("", TOLD, is_plain=True, line=line, column=column)
        anchor = event.anchor or ""
        name = quoted(f"*{anchor}")
        if any(each.anchor == anchor for each in self._open):
            self._tell(here, f"{name} stands inside of what it names: a value cannot hold itself")
            self._attach(here, _ONE)
        elif found := self._anchors.get(anchor):
            node, size = found
            self._refuse_deep(here, size.levels)
            self._expanded += size.values
            if self._expanded > MAX_EXPANDED:
                self._tell(
                    here, f"aliases bring more than {MAX_EXPANDED:,} values: split the job into "
                    "several, or read ids from a file",
                )  # fmt: skip
                raise TreeRefused
            self._attach(node, size)
        else:
            near = suggestion(anchor, self._anchors)
            self._tell(here, f"{name} names no anchor above it (&{anchor}){near}")
            self._attach(here, _ONE)

    def _refuse_deep(self, node: Node, levels: int) -> None:
        if len(self._open) + levels > MAX_DEPTH:
            self._tell(node, f"nested more than {MAX_DEPTH} levels deep: no spec needs that")
            raise TreeRefused

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            sentence = "a second YAML document begins here: a file holds one spec, remove the '---'"
            self.mistakes.append(Mistake(*_start(event), (), sentence))
            raise TreeRefused

    def _refuse_tag(self, tag: str, node: Node) -> None:
        name = quoted(tag.replace("tag:yaml.org,2002:", "!!"))
        self._tell(
            node, f"{name} is a YAML tag, which a spec does not take: put a text in quotes instead"
        )

    def _attach(self, node: Node, size: _Size) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            self._tell(node, f"more than {MAX_VALUES:,} values: split the job into several")
            raise TreeRefused
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        top.size.hold(size)
        if isinstance(top.node, YamlSequence):
            top.node.items.append(node)
        elif top.key is None:
            top.key = node
        else:
            key, top.key = top.key, None
            self._enter(top, top.node, key, node)

    def _enter(self, top: _Open, mapping: YamlMapping, key: Node, value: Node) -> None:
        if not isinstance(key, YamlScalar):
            self._tell(key, "a key is one word: no list and no mapping")
        elif key.value is TOLD:
            return
        elif key.is_plain and key.text == "<<":
            self._merge(top, key, value)
        elif key.text in mapping.entries:
            first = mapping.entries[key.text][0]
            self._tell(
                key, f"{quoted(key.text)} is written twice: already on line {first.line}", key.text
            )
        else:
            mapping.entries[key.text] = (key, value)

    def _merge(self, top: _Open, key: YamlScalar, value: Node) -> None:
        if top.merged:
            line = top.merged[0].line
            self._tell(key, f"'<<' is written twice (line {line}): write one with a list", key.text)
            return
        sources = value.items if isinstance(value, YamlSequence) else [value]
        for each in sources:
            is_told = isinstance(each, YamlScalar) and each.value is TOLD
            if not isinstance(each, YamlMapping) and not is_told:
                sentence = "'<<' takes a mapping, or a list of mappings, such as [*base, *more]"
                self._tell(each, sentence, key.text)
        top.merged = (key, [each for each in sources if isinstance(each, YamlMapping)])

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


_ONE = _Size()


def _start(event: yaml.Event) -> tuple[int, int]:
    """Line and column from 1; the parsers mark every event, though their types leave it open."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
