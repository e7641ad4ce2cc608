"""What is written from the model is fresh, and what the project shows as examples works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.generate.spec_reference import reference_text
from docs.generate.spec_reference_prose import EXAMPLE
from harvester.model.terms import Kind
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.truth import Truth
from harvester.spec.load_spec import load
from harvester.spec.positions import models
from harvester.spec.resolve import entity_ids, wanted
from harvester.spec.schema import json_schema, json_schema_text
from harvester.spec.template import STARTER
from harvester.spec.yaml_nodes import plain
from harvester.spec.yaml_tree import TreeBuilder
from tests.spec.support_spec import ANY, ENTITIES, HEAD, TODAY, held, understood

ROOT = Path(__file__).parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
EXAMPLES = {
    **{path.name: path.read_text(encoding="utf-8") for path in CONFIGS},
    "the starter": STARTER,
    "the reference": EXAMPLE,
}


def _refused_by_schema(text: str) -> bool:
    jsonschema = pytest.importorskip("jsonschema")
    tree = TreeBuilder()
    tree.read(yaml.parse(text, Loader=yaml.SafeLoader))
    assert tree.root
    validator = jsonschema.Draft202012Validator(json_schema())
    return not validator.is_valid(plain(tree.root))


def test_the_published_schema_is_what_the_code_writes() -> None:
    """`python -m harvester.spec.schema > configs/job.schema.json`."""
    written = (ROOT / "configs" / "job.schema.json").read_text(encoding="utf-8")
    assert written == json_schema_text()


def test_the_published_reference_is_what_the_code_writes() -> None:
    """`python -m docs.generate.spec_reference > docs/job-spec.md`."""
    assert (ROOT / "docs" / "job-spec.md").read_text(encoding="utf-8") == reference_text()


def test_the_schema_is_a_valid_json_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_every_example_passes(text: str) -> None:
    assert wanted(understood(text), TODAY)
    assert not _refused_by_schema(text)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_configs_name_their_schema_and_themselves(path: Path) -> None:
    first_line = path.read_text(encoding="utf-8").splitlines()[0]
    assert first_line == "# yaml-language-server: $schema=job.schema.json"
    assert load(path, today=TODAY).name == path.stem


@pytest.mark.parametrize(
    "dimensions",
    [
        "  - {endpoint: total}\n",
        "  - {endpoint: total, counters: [hugs]}\n",
        "  - {endpoint: total, counters: []}\n",
        "  - {endpoint: total, counters: [views, views]}\n",
        "  - {endpoint: total, counters: [views], period: {start: beginning, end: yesterday}}\n",
        "  - {endpoint: timeline, counters: [views], granularities: [day]}\n",
        "  - {endpoint: top, counters: [views], sub_item: referral}\n",
        "  - {endpoint: top, counters: [views], period: {start: beginning, end: yesterday}}\n",
        "  - {endpoint: count, counters: [views]}\n",
        "  - {endpoint: count, group: [views]}\n",
    ],
)
def test_editors_see_the_same_mistakes(dimensions: str) -> None:
    assert _refused_by_schema(HEAD + dimensions)


@pytest.mark.parametrize(
    "written",
    [
        "source: {credentials: {env: A}}",
        "source: {institution: x, credentials: {env: A, file: b}}",
        "source: {institution: x, credentials: secret}",
        "source: {simulator: {}, stats_url: 'https://example.org'}",
        "limits: {requests_per_second: 0}",
        "limits: {requests_per_second: fast}",
        "output: {raws: true}",
        "name: X",
        "entities: {article: {file: {path: ids.xls}}}",
        "entities: {article: {file: {path: csv}}}",
        "entities: {article: {file: {column: id}}}",
    ],
)
def test_editors_see_mistakes_outside_of_dimensions(written: str) -> None:
    name = "" if written.startswith("name") else "name: x\n"
    entities = "" if written.startswith("entities") else ENTITIES
    assert _refused_by_schema(f"{name}{written}\n{entities}{ANY}")


@pytest.mark.parametrize("path", ["ids.csv", "../x.y/IDS.Xlsx", "a b.parquet", "C:/ids.TXT"])
def test_editors_take_the_files_that_are_read(path: str) -> None:
    text = f"name: x\nentities: {{article: {{file: {{path: '{path}'}}}}}}\n{ANY}"
    assert not _refused_by_schema(text)
    assert understood(text).entities[Kind.ARTICLE].file


def _fields(model: Any) -> list[str]:
    return [f"{model.__name__}.{name}" for name, field in model.model_fields.items()
            if not field.description or not field.examples]  # fmt: skip


def test_every_key_is_described_with_an_example() -> None:
    assert [each for model in models().values() for each in _fields(model)] == []


def test_the_starter_needs_nothing_but_a_connection() -> None:
    job = understood(STARTER)
    assert held(job) == {Kind.ARTICLE: (766364, 1434614)}
    assert not any(each.question.needs_credentials for each in wanted(job, TODAY))
    assert job.limits.requests_per_second == 1


def test_each_dimension_in_the_starters_comments_passes() -> None:
    """Taken out of its comments, each way to go on passes, too."""
    shown = STARTER.replace("# source: {simulator", "source: {simulator")
    assert understood(shown).source.simulator
    for line in ("group:", "  ids: [10, 17]"):
        shown = shown.replace(f"  # {line}", f"  {line}")
    start = shown.index("  # By country")
    end = shown.index("limits:")
    ways = [each.replace("  # ", "  ", 1) for each in shown[start:end].splitlines()]
    ways = [each for each in ways if each.startswith(("  - ", "    "))]
    job = understood(shown[:start] + "\n".join(ways) + "\n\n" + shown[end:])
    assert len(job.dimensions) == 5


def test_the_demo_asks_for_what_its_simulator_has() -> None:
    job = load(ROOT / "configs" / "demo.yaml", today=TODAY)
    assert job.source.simulator
    world = SimulatorConfig(
        seed=job.source.simulator.seed, articles=job.source.simulator.articles, today=TODAY
    )
    assert job.source.institution == world.institution
    truth = Truth(world)
    for kind, ids in entity_ids(job).items():
        assert set(ids) <= set(truth.ids(kind.value))
    assert {each.question.endpoint.value for each in wanted(job, TODAY)} == {
        "total", "count", "top", "timeline", "breakdown"
    }  # fmt: skip
