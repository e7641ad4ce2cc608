"""What a spec is made of: words, lists and mappings, each with its line and column."""

from __future__ import annotations

from dataclasses import dataclass, field


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


def plain(node: Node) -> object:
    """The tree as dicts, lists and scalars, for the typed model to judge."""
    if isinstance(node, YamlScalar):
        return node.value
    if isinstance(node, YamlSequence):
        return [each.value if isinstance(each, YamlScalar) else plain(each) for each in node.items]
    return {name: plain(value) for name, (_, value) in node.entries.items()}
