"""The JSON Schema of a job spec, for editors: `python -m harvester.spec.schema`."""

from __future__ import annotations

import json
import sys
from typing import Any

from harvester.model.terms import Endpoint, Kind
from harvester.spec.endpoint_keys import RULES
from harvester.spec.jobspec import JobSpec

Schema = dict[str, Any]

# Names under which the schema has published definitions whose classes are called otherwise.
PUBLISHED = {"OutputSpec": "Output", "SecretPlace": "Secret"}


def json_schema() -> Schema:
    """JSON Schema 2020-12; all that one key alone can tell, and which keys go together."""
    schema = _as_published(JobSpec.model_json_schema())
    definitions: Schema = schema["$defs"]
    for kind in ("Counter", "Endpoint", "Granularity", "Kind", "SubItem"):
        definitions[kind].pop("title", None)
        definitions[kind]["description"] = definitions[kind]["description"].split("\n", 1)[0]
    _name_the_kinds(schema)
    _tie_keys(definitions)
    tidy: Schema = _tidy(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Job spec of the Figshare statistics harvester",
        **{key: value for key, value in tidy.items() if key != "title"},
    }


def json_schema_text() -> str:
    """The same as text, as `harvester schema` prints it and configs/job.schema.json holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _as_published(schema: Schema) -> Schema:
    """The same schema, its definitions under their published names and in the order of these."""
    text = json.dumps(schema)
    for ours, published in PUBLISHED.items():
        text = text.replace(f'"{ours}"', f'"{published}"')
        text = text.replace(f'"#/$defs/{ours}"', f'"#/$defs/{published}"')
    renamed: Schema = json.loads(text)
    renamed["$defs"] = dict(sorted(renamed["$defs"].items()))
    return renamed


def _name_the_kinds(schema: Schema) -> None:
    """Editors complete names of properties; they do not complete patterns of names."""
    entities = schema["properties"]["entities"]
    each = entities.pop("additionalProperties")
    entities.pop("propertyNames", None)
    entities["properties"] = {kind.value: each for kind in Kind}
    entities["additionalProperties"] = False


def _tie_keys(definitions: Schema) -> None:
    definitions["Secret"]["oneOf"] = [{"required": ["env"]}, {"required": ["file"]}]
    source = definitions["Source"]
    source["dependentRequired"] = {"credentials": ["institution"]}
    source["dependentSchemas"] = {
        "simulator": {"properties": {"stats_url": False, "api_url": False}}
    }
    dimension = definitions["Dimension"]
    for key in ("entities", "counters", "granularities"):
        dimension["properties"][key]["uniqueItems"] = True
    dimension["allOf"] = [_rule(endpoint, set(dimension["properties"])) for endpoint in Endpoint]


def _rule(endpoint: Endpoint, keys: set[str]) -> Schema:
    rule = RULES[endpoint]
    refused = sorted(keys - {"endpoint", *rule.needs, *rule.takes})
    then: Schema = {
        "required": list(rule.needs),
        "properties": dict.fromkeys(refused, False),
    }
    if endpoint is Endpoint.TOP:
        then["dependentRequired"] = {"sub_item": ["period"], "period": ["sub_item"]}
    return {
        "if": {"properties": {"endpoint": {"const": endpoint.value}}, "required": ["endpoint"]},
        "then": then,
    }


def _tidy(node: Any) -> Any:
    """Without what only Python knows: null for 'not given', defaults of it, made-up titles."""
    if isinstance(node, list):
        return [_tidy(each) for each in node]
    if not isinstance(node, dict):
        return node
    tidy: Schema = {}
    for key, value in node.items():
        if (key == "default" and not isinstance(value, str | int | float)) or (
            key == "title" and isinstance(value, str)
        ):
            continue
        if key == "anyOf":
            choices = [_tidy(each) for each in value if each != {"type": "null"}]
            tidy |= choices[0] if len(choices) == 1 else {"anyOf": choices}
        else:
            tidy[key] = _tidy(value)
    return tidy


if __name__ == "__main__":
    sys.stdout.write(json_schema_text())
