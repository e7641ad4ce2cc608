"""Any order of runs, crashes, pauses, damages and restatements ends in the truth."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.crash.support_crash import needs_held_calls, small_world
from tests.crash.support_state_machine import Machine
from tests.support.command_line import Figshare, figshare
from tests.support.thorough import examples

pytestmark = needs_held_calls()
# A step takes a second, and shrinking would take hours: what failed is printed as it was.
CALM = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    with figshare(tmp_path_factory.mktemp("service"), small_world()) as running:
        yield running


def of(service: Figshare) -> type[Machine]:
    """What Hypothesis calls to make a machine."""
    return cast("type[Machine]", partial(Machine, service))


def test_a_few_orders_of_runs_crashes_and_damages_end_in_the_truth(service: Figshare) -> None:
    some = settings(CALM, max_examples=examples(2), stateful_step_count=4)
    run_state_machine_as_test(of(service), settings=some)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_orders_of_runs_crashes_and_damages_end_in_the_truth(service: Figshare) -> None:
    some = settings(CALM, max_examples=15, stateful_step_count=10, derandomize=False)
    run_state_machine_as_test(of(service), settings=some)
