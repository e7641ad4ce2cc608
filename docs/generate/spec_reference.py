"""docs/job-spec.md, written from the model: `python -m docs.generate.spec_reference`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel

from docs.generate import spec_reference_prose as prose
from harvester.errors import SpecError
from harvester.model.terms import Endpoint
from harvester.spec.endpoint_keys import RULES
from harvester.spec.load_spec import load_text
from harvester.spec.positions import Place, models
from harvester.spec.schema import PUBLISHED, json_schema

_DAY = date(2026, 11, 23)  # of the example's mistakes

_TITLES: dict[Place, str] = {
    (): "The top level",
    ("source", "credentials"): "`source.credentials` and `source.token`",
}


def reference_text() -> str:
    """The whole page."""
    parts = [
        prose.INTRODUCTION.format(example=prose.EXAMPLE),
        "## Keys\n",
        *_tables(),
        prose.ENDPOINTS,
        "\n".join(_endpoints()) + "\n",
        prose.PERIODS,
        prose.TRAPS,
        prose.MISTAKES.format(
            example=prose.WRONG_EXAMPLE, lines="\n".join(_lines(prose.WRONG_EXAMPLE))
        ),
    ]
    return "\n".join(parts)


def _tables() -> Iterator[str]:
    definitions = json_schema()["$defs"]
    for place, model in models().items():
        if place == ("source", "token"):
            continue  # like `source.credentials`
        schema = (
            definitions[PUBLISHED.get(model.__name__, model.__name__)] if place else json_schema()
        )
        title = _TITLES.get(place, f"`{_name(place)}`")
        yield f"### {title}\n"
        yield f"{(model.__doc__ or '').strip()}\n"
        yield "| key | type | default | meaning | example |\n|---|---|---|---|---|"
        rows = [_row(model, name, schema) for name in model.model_fields]
        yield "\n".join(rows) + "\n"


def _name(place: Place) -> str:
    return ".".join(place).replace(".*", "[]" if "dimensions" in place else ".<kind>")


def _row(model: type[BaseModel], name: str, schema: dict[str, Any]) -> str:
    field, shape = model.model_fields[name], schema["properties"][name]
    default = "needed" if field.is_required() else _default(shape)
    meaning = field.description or ""
    example = f"`{name}: {_yaml(field.examples[0])}`" if field.examples else "-"
    cells = (f"`{name}`", _type(shape), default, meaning, example)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _default(shape: dict[str, Any]) -> str:
    if "default" not in shape:
        return "-"
    value = shape["default"]
    is_whole = isinstance(value, float) and value.is_integer()
    return f"`{_yaml(int(value) if is_whole else value)}`"


def _yaml(value: object) -> str:
    """An example as one writes it in YAML, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_yaml(each) for each in value) + "]"
    return value if isinstance(value, str) else json.dumps(value)


def _type(shape: dict[str, Any]) -> str:
    if "anyOf" in shape:
        return " or ".join(_type(each) for each in shape["anyOf"])
    if "const" in shape:
        return f"`{_yaml(shape['const'])}`"
    if "enum" in shape:
        return ", ".join(f"`{each}`" for each in shape["enum"])
    if "$ref" in shape:
        return _referred(shape["$ref"].rsplit("/", 1)[1])
    if shape["type"] == "array":
        return f"list of: {_type(shape['items'])}"
    return _plain_type(shape)


def _referred(name: str) -> str:
    target = json_schema()["$defs"][name]
    return _type(target) if "enum" in target else "keys, see below"


def _plain_type(shape: dict[str, Any]) -> str:
    if shape["type"] == "string":
        return {"date": "day", "uri": "address"}.get(shape.get("format", ""), "text")
    if shape["type"] in {"integer", "number"}:
        word = "whole number" if shape["type"] == "integer" else "number"
        return f"{word}{_range(shape)}"
    if isinstance(shape.get("additionalProperties"), dict):
        return "names, and one value or more for each"
    return {"boolean": "true or false", "object": "keys, see below"}[shape["type"]]


def _range(shape: dict[str, Any]) -> str:
    low = shape.get("minimum", shape.get("exclusiveMinimum"))
    high = shape.get("maximum")
    if low is None:
        return ""
    if high is None:
        return ", 1 or more" if "exclusiveMinimum" in shape else f", {low:g} or more"
    return f", {low:g} to {high:,}"


def _endpoints() -> Iterator[str]:
    yield "| endpoint | needs | takes |\n|---|---|---|"
    for endpoint in Endpoint:
        rule = RULES[endpoint]
        needs, takes = (
            ", ".join(f"`{key}`" for key in keys) or "-" for keys in (rule.needs, rule.takes)
        )
        yield f"| `{endpoint}` | {needs} | {takes} |"


def _lines(example: str) -> list[str]:
    """What `load` really says about an example."""
    try:
        load_text(example.encode(), where="job.yaml", today=_DAY)
    except SpecError as error:
        return error.mistakes
    return []


if __name__ == "__main__":
    sys.stdout.write(reference_text())
