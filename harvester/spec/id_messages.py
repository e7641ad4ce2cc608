"""What is wrong with an id, and how it is written instead."""

from __future__ import annotations

import re

from harvester.model.entity import ID_DIGITS
from harvester.model.suggestions import quoted
from harvester.spec.doi_ids import doi_sentence
from harvester.spec.scalars import OddScalar
from harvester.spec.yaml_nodes import Node, YamlScalar


def id_sentence(node: Node, kind: str) -> str:
    """The sentence for a value that is no id of a kind."""
    if not isinstance(node, YamlScalar):
        return "an id is one whole number, such as 766364: no list and no mapping"
    value = node.value
    if isinstance(value, OddScalar):
        return _odd(node.text, value)
    if isinstance(value, bool):
        return f"{quoted(node.text)} is read as true or false: an id is a whole number"
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, float):
        whole = value.is_integer() and 0 < value < 10**ID_DIGITS
        how = f"write it as {int(value)}" if whole else "an id is a whole number"
        return f"{node.text} is a decimal number: {how}"
    return doi_sentence(node.text, kind) or _text(node.text)


def _odd(text: str, value: OddScalar) -> str:
    if value.number is None:
        return value.why if text in {"", "~"} else _text(text)
    if not 0 < value.number < 10**ID_DIGITS:
        return _number(value.number)
    is_octal = text.lstrip("+").replace("_", "").isdecimal() and text.lstrip("+").startswith("0")
    trap = "can be read as an octal number" if is_octal else "is not a plain number"
    return f"{text} {trap}: write the id as {value.number}"


def _number(value: int) -> str:
    if value <= 0:
        return f"{value} is not an id: ids are 1 or more"
    return f"{quoted(value)} has {len(str(value))} digits: an id has at most {ID_DIGITS}"


def _text(text: str) -> str:
    stripped = text.strip()
    if re.fullmatch(r"[1-9][0-9]{0,17}", stripped):
        return f"'{stripped}' in quotes is a text: write the id as {stripped}"
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+", stripped):
        return f"{quoted(text)} is not an id: write it as {stripped.replace(',', '')}"
    if found := re.search(r"figshare\.com/\S*?/([1-9][0-9]{4,8})\b", stripped):
        return f"{quoted(text)} is not an id: write its number alone, {found[1]}"
    return f"{quoted(text)} is not an id: an id is a whole number, such as 766364"
