"""An endpoint stands in every table that has a row an endpoint (docs/adding-an-endpoint.md)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import pytest

from harvester.fetch.url import wire
from harvester.model.dates import Window
from harvester.model.limits import WINDOW_LIMITS
from harvester.model.meanings import ABOUT, MEANINGS
from harvester.model.question import Question, Wanted
from harvester.model.request import Request, read_request
from harvester.model.rows import KEYS, PARTITION_KEYS, SCHEMAS, Dataset
from harvester.model.run_plan import PlanInputs, Settlement
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State, SubItem
from harvester.parse import _PARSERS, parse, summarize
from harvester.planner.inputs import NoEvidence
from harvester.planner.size import first_size, next_month
from harvester.planner.steps import steps
from harvester.recovery.part_scan import _STATISTICS
from harvester.report.by_year import _reach, by_year
from harvester.report.completeness import _matrix
from harvester.report.export.choice import EXPORTED
from harvester.report.export.sheets import _JOINS, _LEFT_OUT, _ORDERS
from harvester.simulator.answers import _ANSWERS, answer, is_admitted
from harvester.simulator.call import Call
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.limits import ENDPOINTS
from harvester.simulator.question import read_question
from harvester.simulator.truth import Truth
from harvester.spec.dimension import Dimension
from harvester.spec.endpoint_keys import HINTS, RULES
from harvester.spec.template import STARTER
from harvester.store.dataset import Output
from harvester.store.layout import _DATASETS
from harvester.store.placement import _ORDER
from harvester.verify.scope import scopes

ROOT = Path(__file__).parent.parent
CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")

WORLD = Truth(SimulatorConfig(articles=30, username="u", password="p"))
GROUP = WORLD.ids("group")[0]
YEAR = Window(date(2025, 1, 1), date(2025, 12, 31))


def _series(endpoint: Endpoint) -> Request:
    return Request(Question(endpoint, Kind.GROUP, Counter.VIEWS, Granularity.MONTH), GROUP, YEAR)


# A request of each endpoint that has an answer with numbers in the simulated world.
EXAMPLES: dict[Endpoint, Request] = {
    Endpoint.TOTAL: Request(Question(Endpoint.TOTAL, Kind.GROUP, Counter.VIEWS), GROUP),
    Endpoint.COUNT: Request(Question(Endpoint.COUNT, Kind.GROUP), groups=(GROUP,)),
    Endpoint.TOP: Request(
        Question(Endpoint.TOP, Kind.GROUP, Counter.VIEWS, sub_item=SubItem.REFERRAL, ranks=5),
        GROUP,
        YEAR,
    ),
    Endpoint.TIMELINE: _series(Endpoint.TIMELINE),
    Endpoint.BREAKDOWN: _series(Endpoint.BREAKDOWN),
}

each_endpoint = pytest.mark.parametrize("endpoint", Endpoint)
each_series = pytest.mark.parametrize(
    "endpoint", [each for each in Endpoint if each.has_granularity]
)
each_dataset = pytest.mark.parametrize(
    "dataset", [dataset for each in Endpoint for dataset in _DATASETS.get(each, ())]
)


def call_of(request: Request, scope: str | None = None) -> Call:
    """The request as the simulator gets it."""
    sent = wire(request)
    path = f"/{scope}{sent.path}" if scope else sent.path
    target = f"{path}?{sent.query}" if sent.query else path
    return Call(sent.method, target, sent.body or b"")


def rows_of_the_contract() -> dict[str, tuple[list[str], ...]]:
    """Dataset -> its partition keys, columns and key, as docs/contract.md has them."""
    rows = re.findall(r"^\| `(\w+)/` \| (.+?) \| (.+?) \| (.+?) \|$", CONTRACT, flags=re.MULTILINE)
    return {name: tuple(re.findall(r"\w+", cell) for cell in cells) for name, *cells in rows}


def source_of(function: Callable[..., object]) -> str:
    """The text of a function whose table is no name of its own."""
    return inspect.getsource(function)


def test_each_endpoint_has_an_example_here() -> None:
    assert list(EXAMPLES) == list(Endpoint)


# model


@each_endpoint
def test_a_key_reads_back_as_its_request(endpoint: Endpoint) -> None:
    assert read_request(EXAMPLES[endpoint].key) == EXAMPLES[endpoint]


@each_series
def test_window_limits_name_every_granularity(endpoint: Endpoint) -> None:
    assert {each for each in Granularity if (endpoint, each) in WINDOW_LIMITS} == set(Granularity)


@each_dataset
def test_a_dataset_has_schema_partitions_and_key(dataset: Dataset) -> None:
    assert set(KEYS[dataset]) <= set(SCHEMAS[dataset].names)
    assert not set(PARTITION_KEYS[dataset]) & set(SCHEMAS[dataset].names)


# spec


@each_endpoint
def test_the_spec_has_a_rule_and_says_what_the_endpoint_is(endpoint: Endpoint) -> None:
    assert endpoint in RULES
    assert f"`{endpoint}`" in str(Dimension.model_fields["endpoint"].description)


@each_endpoint
def test_rules_and_hints_speak_of_keys_that_a_dimension_has(endpoint: Endpoint) -> None:
    rule, keys = RULES[endpoint], set(Dimension.model_fields)
    hinted = {key for named, key in HINTS if named is endpoint}
    assert {*rule.needs, *rule.takes} <= keys
    assert hinted <= keys - {*rule.needs, *rule.takes}


@each_endpoint
def test_the_template_and_the_demo_show_the_endpoint(endpoint: Endpoint) -> None:
    demo = (ROOT / "configs" / "demo.yaml").read_text(encoding="utf-8")
    for text in (STARTER, demo):
        assert re.search(rf"- endpoint: {endpoint}\b", text)


# planner


@each_endpoint
def test_the_plan_has_a_step_and_counts_it(endpoint: Endpoint) -> None:
    request = EXAMPLES[endpoint]
    inputs = PlanInputs(
        number=1,
        wanted=[Wanted(request.question, request.window)],
        entities={Kind.GROUP: [GROUP]},
        today=Settlement(YEAR.last + timedelta(days=1), settle_days=0),
    )
    planned = chain.from_iterable(step.items() for step in steps(inputs, NoEvidence()))
    assert [each.item for each in planned] == [request]
    stages, questions = first_size(inputs)
    assert [(each.stage, each.least, each.most) for each in stages] == [(endpoint, 1, 1)]
    assert [each.wanted.question for each in questions] == [request.question]
    assert next_month(inputs) == (1, 1)


# fetch, parse and the simulator


@each_endpoint
def test_the_simulator_knows_the_endpoint(endpoint: Endpoint) -> None:
    assert endpoint in ENDPOINTS
    assert endpoint in _ANSWERS
    assert read_question(call_of(EXAMPLES[endpoint])).endpoint == endpoint


@each_endpoint
def test_the_simulator_asks_for_credentials_where_we_send_them(endpoint: Endpoint) -> None:
    if endpoint is Endpoint.COUNT:
        return  # its path has no scope
    call = call_of(EXAMPLES[endpoint], scope="demo")
    admitted = is_admitted(WORLD.config, read_question(call), call)
    assert admitted is not endpoint.needs_credentials


@each_endpoint
def test_an_answer_is_parsed_into_the_datasets_of_its_endpoint(endpoint: Endpoint) -> None:
    request = EXAMPLES[endpoint]
    assert endpoint in _PARSERS
    columns = parse(request, answer(WORLD, call_of(request)).body)
    assert {each.dataset for each in columns} == set(_DATASETS[endpoint])
    assert all(set(each.values) <= set(SCHEMAS[each.dataset].names) for each in columns)
    summary = summarize(request, columns, keeps_points=False)
    assert summary.rows == sum(each.length for each in columns)
    assert (summary.value is None) is ("value" not in columns[0].values)
    assert summary.state(endpoint) is State.DONE


# store and recovery


@each_endpoint
def test_every_endpoint_fills_a_dataset(endpoint: Endpoint) -> None:
    assert _DATASETS[endpoint]


@each_series
def test_replaced_rows_have_an_order(endpoint: Endpoint) -> None:
    for dataset in _DATASETS[endpoint]:
        assert set(_ORDER[dataset]) <= set(SCHEMAS[dataset].names)


@each_dataset
def test_recovery_reads_the_dataset_back(dataset: Dataset) -> None:
    assert dataset in _STATISTICS


@each_dataset
def test_an_opened_output_has_the_dataset(dataset: Dataset) -> None:
    assert isinstance(inspect.getattr_static(Output, dataset), property)


# verify and report


@each_dataset
def test_verify_compares_what_has_counters(dataset: Dataset) -> None:
    if "counter" not in PARTITION_KEYS[dataset] or dataset is Dataset.CITIES:
        return  # cities are compared with their countries, whose kinds and counters they share
    assert f"Dataset.{dataset.name}" in source_of(scopes)


@each_endpoint
def test_completeness_puts_the_endpoint_in_its_place(endpoint: Endpoint) -> None:
    assert f'"{endpoint}": {list(Endpoint).index(endpoint)}' in source_of(_matrix)


@each_series
def test_completeness_by_year_has_the_endpoint(endpoint: Endpoint) -> None:
    for function in (by_year, _reach):
        assert f"'{endpoint}'" in source_of(function)


@each_dataset
def test_the_export_has_a_sheet_for_the_dataset(dataset: Dataset) -> None:
    assert dataset in EXPORTED
    assert dataset in ABOUT
    assert dataset in _JOINS
    columns = {*SCHEMAS[dataset].names, *PARTITION_KEYS[dataset]}
    assert {each.strip() for each in _ORDERS[dataset].split(",")} <= columns
    assert columns - _LEFT_OUT <= set(MEANINGS)


# documents


@pytest.mark.parametrize("dataset", Dataset)
def test_the_contract_names_partitions_columns_and_key(dataset: Dataset) -> None:
    partitions, columns, key = rows_of_the_contract()[dataset]
    assert partitions == (list(PARTITION_KEYS[dataset]) or ["none"])
    assert columns == SCHEMAS[dataset].names
    assert key == (["all", "columns"] if dataset is Dataset.REVISIONS else list(KEYS[dataset]))


@each_endpoint
def test_the_readme_names_the_endpoint_among_its_words(endpoint: Endpoint) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (words,) = re.findall(r"^- \*\*endpoint\*\*: (.*)$", readme, flags=re.MULTILINE)
    assert re.search(rf"\b{endpoint}\b", words)
