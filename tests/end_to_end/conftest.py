"""One archive, harvested once for all tests that copy it and spoil the copy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harvester.simulator.config import SimulatorConfig
from tests.support.command_line import Figshare, Job, figshare
from tests.support.monthly_archive import MONTHS, Copy, archive_spec, harvest


@pytest.fixture(scope="session")
def archive_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figshare]:
    folder = tmp_path_factory.mktemp("archive-service")
    with figshare(folder, SimulatorConfig(seed=5, articles=25, late_days=3)) as running:
        yield running


@pytest.fixture(scope="session")
def two_months(tmp_path_factory: pytest.TempPathFactory, archive_service: Figshare) -> Job:
    job = Job(tmp_path_factory.mktemp("two-months"), archive_spec(archive_service))
    harvest(job, archive_service, MONTHS[:2])
    return job


@pytest.fixture(scope="session")
def three_months(
    tmp_path_factory: pytest.TempPathFactory, archive_service: Figshare, two_months: Job
) -> Job:
    """The same, gone on with; never damaged."""
    copy = Copy.of(two_months, tmp_path_factory.mktemp("three-months"))
    harvest(copy.job, archive_service, MONTHS[2:])
    return copy.job
