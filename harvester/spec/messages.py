"""The typed model's complaints, each turned into one plain sentence with its place.

pydantic names an error by a type and a path; the table below says what each type
means to somebody who writes a spec. The words of the library never get through.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from pydantic_core import ErrorDetails

from harvester.model.suggestions import quoted, suggestion
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, SubItem
from harvester.spec.id_messages import id_sentence
from harvester.spec.issue import Mistake, Path, meant, path_text
from harvester.spec.positions import Spot, model_at, models, spot
from harvester.spec.scalars import TOLD, OddScalar
from harvester.spec.source import SecretPlace
from harvester.spec.yaml_nodes import Node, YamlMapping, YamlScalar, YamlSequence

# The list or key that an enum stands under -> what one of its words is called.
_NOUNS: dict[str, tuple[str, type[StrEnum]]] = {
    "counters": ("a counter", Counter),
    "granularities": ("a granularity", Granularity),
    "entities": ("a kind", Kind),
    "endpoint": ("an endpoint", Endpoint),
    "sub_item": ("a sub-item", SubItem),
}
_PATTERNS = {
    "name": "lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit",
    "institution": "the institution's short name: lower-case letters, digits, '_' and '-'",
}
_SECRETS = {
    "env": "write the name of an environment variable (letters, digits and '_')",
    "file": "write the path of a file that holds the secret",
}
_LISTS = {
    "ids": "[766364, 2000000]",
    "counters": "[views]",
    "granularities": "[month]",
    "entities": "[article]",
    "sub_item_ids": "[dataset]",
}


def mistake_of(error: ErrorDetails, root: Node) -> Mistake | None:
    """One error of the model as a mistake; None when it is already told."""
    path = tuple(step for step in error["loc"] if step != "[key]")
    found = spot(root, path)
    if error["type"] == "missing":
        return _missing(path, found)
    if _is_told(error, found):
        return None
    if "[key]" in error["loc"]:
        return found.mistake(path, _kind_sentence(str(path[-1])), at_key=True)
    if error["type"] == "extra_forbidden":
        return _unknown(path, found)
    return found.mistake(path, _sentence(error, path, found))


def _is_told(error: ErrorDetails, found: Spot) -> bool:
    if error["type"] == "too_short" and isinstance(found.node, YamlSequence):
        # Not empty in the file: each entry is refused, and that is told.
        return bool(found.node.items)
    return found.scalar is not None and found.scalar.value is TOLD


def _missing(path: Path, found: Spot) -> Mistake | None:
    key, model = str(path[-1]), model_at(path[:-1])
    written = list(found.node.entries) if isinstance(found.node, YamlMapping) else []
    if model and key in meant(written, model.model_fields):
        return None  # misspelt, and told with the right spelling
    values = f" ({', '.join(_NOUNS[key][1])})" if key in _NOUNS else ""
    return found.mistake(path[:-1], f"'{key}' is missing{values}")


def _unknown(path: Path, found: Spot) -> Mistake:
    parent, key = path[:-1], str(path[-1])
    model = model_at(parent)
    keys = list(model.model_fields) if model else []
    if model is SecretPlace:  # the key may be the secret itself: nothing of it is repeated
        return found.mistake(
            parent, "secrets never stand in a spec: only env or file belongs here", at_key=True
        )
    where = f"a key of '{path_text(parent)}'" if parent else "a key of a spec"
    hint = suggestion(key, keys)
    if not hint:
        hint = _elsewhere(key) or f" ({', '.join(keys)})"
    return found.mistake(path, f"{quoted(key)} is not {where}{hint}", at_key=True)


def _elsewhere(key: str) -> str:
    homes = [place for place, model in models().items() if key in model.model_fields]
    if len(homes) != 1:
        return ""
    home = quoted(".".join(homes[0]).replace(".*", "")) if homes[0] else "the top level"
    return f": it belongs to {home}"


def _kind_sentence(key: str) -> str:
    return f"{quoted(key)} is not a kind ({', '.join(Kind)}){suggestion(key, list(Kind))}"


def _sentence(error: ErrorDetails, path: Path, found: Spot) -> str:
    if "sentence" in error.get("ctx", {}):
        return str(error["ctx"]["sentence"])
    if model_at(path[:-1]) is SecretPlace:  # what stands here may be the secret itself
        return _SECRETS[str(path[-1])]
    if len(path) > 1 and path[-2] == "ids":
        return id_sentence(found.node, str(path[1]))
    if found.scalar and isinstance(found.scalar.value, OddScalar):
        return found.scalar.value.why
    table = _SENTENCES.get(error["type"])
    return table(error, path, found) if table else f"{_shown(found.node)} cannot stand here"


def _shown(node: Node) -> str:
    if isinstance(node, YamlScalar):
        return quoted(node.text)
    return "a mapping" if isinstance(node, YamlMapping) else "a list"


def _named(path: Path) -> str:
    """The last key of a path: an index belongs to its list."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _enum(_error: ErrorDetails, path: Path, found: Spot) -> str:
    noun, words = _NOUNS[_named(path)]
    text = found.scalar.text if found.scalar else ""
    near = suggestion(text, list(words)) if text else ""
    return f"{_shown(found.node)} is not {noun} ({', '.join(words)}){near}"


def _text(_error: ErrorDetails, path: Path, found: Spot) -> str:
    if isinstance(found.node, YamlScalar) and not isinstance(found.node.value, str):
        value = found.node.value
        is_flag = isinstance(value, bool)
        read = "true or false, not as a word" if is_flag else f"the number {value}"
        return f"{found.node.text} is read as {read}: put it in quotes, '{found.node.text}'"
    return f"{_shown(found.node)} cannot be '{_named(path)}': write one text"


def _whole(_error: ErrorDetails, path: Path, found: Spot) -> str:
    return f"{_shown(found.node)} cannot be '{_named(path)}': write a whole number"


def _number(_error: ErrorDetails, path: Path, found: Spot) -> str:
    return f"{_shown(found.node)} cannot be '{_named(path)}': write a number"


def _flag(_error: ErrorDetails, path: Path, found: Spot) -> str:
    return f"{_shown(found.node)} cannot be '{_named(path)}': write true or false"


def _list(_error: ErrorDetails, path: Path, found: Spot) -> str:
    key = _named(path)
    if key == "dimensions":
        return "'dimensions' is a list: begin each entry with '- endpoint: …'"
    example = _LISTS.get(key, "[…]")
    if found.scalar:
        text = found.scalar.text
        example = f"[{text}]" if len(text) < 40 and text.isprintable() else example
    return f"'{key}' is a list: write {example}"


def _mapping(_error: ErrorDetails, path: Path, found: Spot) -> str:
    model = model_at(path)
    if path and path[-1] == "where":
        return f"{_shown(found.node)} cannot be 'where': write columns below it, as status: public"
    if not path:
        return "a spec is a mapping that begins with 'name: …'"
    keys = list(model.model_fields) if model else list(Kind)
    return f"{_shown(found.node)} cannot stand here: write keys below it ({', '.join(keys)})"


def _empty(_error: ErrorDetails, path: Path, found: Spot) -> str:
    if found.scalar:
        return "an empty text cannot stand here"
    return f"'{_named(path)}' is empty: write at least one entry, or leave the key out"


def _long(error: ErrorDetails, path: Path, _found: Spot) -> str:
    most = error.get("ctx", {}).get("max_length", 0)
    return f"'{_named(path)}' is too long: at most {most:,}"


def _pattern(_error: ErrorDetails, path: Path, found: Spot) -> str:
    key = _named(path)
    return f"{_shown(found.node)} cannot be '{key}': it takes {_PATTERNS.get(key, 'other text')}"


def _bound(word: str, key: str) -> Callable[[ErrorDetails, Path, Spot], str]:
    def sentence(error: ErrorDetails, path: Path, found: Spot) -> str:
        bound = float(error.get("ctx", {}).get(key, 0))
        return f"{_shown(found.node)} cannot be '{_named(path)}': {word} {bound:g}"

    return sentence


def _start(_error: ErrorDetails, _path: Path, found: Spot) -> str:
    near = suggestion(found.scalar.text, ["beginning"]) if found.scalar else ""
    return f"{_shown(found.node)} is no start: write a day (2015-01-01) or beginning{near}"


def _end(_error: ErrorDetails, _path: Path, found: Spot) -> str:
    words = ["yesterday", "last-month", "last-year"]
    near = suggestion(found.scalar.text, words) if found.scalar else ""
    return f"{_shown(found.node)} is no end: write a day (2026-12-31) or {', '.join(words)}{near}"


def _pace(_error: ErrorDetails, _path: Path, found: Spot) -> str:
    near = suggestion(found.scalar.text, ["unlimited"]) if found.scalar else ""
    return (
        f"{_shown(found.node)} is no pace: write a number from 0.001 to 100000, "
        f"or on loopback 'unlimited'{near}"
    )


_SENTENCES: dict[str, Callable[[ErrorDetails, Path, Spot], str]] = {
    "enum": _enum,
    "string_type": _text,
    "string_too_short": _empty,
    "string_too_long": _long,
    "string_pattern_mismatch": _pattern,
    "int_type": _whole,
    "int_from_float": _whole,
    "int_parsing_size": _whole,
    "float_type": _number,
    "finite_number": _number,
    "bool_type": _flag,
    "tuple_type": _list,
    "too_short": _empty,
    "too_long": _long,
    "dict_type": _mapping,
    "model_type": _mapping,
    "model_attributes_type": _mapping,
    "greater_than": _bound("it must be more than", "gt"),
    "greater_than_equal": _bound("it must be at least", "ge"),
    "less_than": _bound("it must be less than", "lt"),
    "less_than_equal": _bound("it must be at most", "le"),
    "start": _start,
    "end": _end,
    "pace": _pace,
}
