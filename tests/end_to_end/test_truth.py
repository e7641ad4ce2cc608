"""The datasets equal the simulator's truth: every endpoint, counter, granularity, kind, scope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import Figshare, Job, figshare
from tests.support.everything import FIRST, LATER, PASSWORD, check, spec, world
from tests.support.thorough import few_of


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Figshare]:
    with figshare(tmp_path, world()) as running:
        yield running


@pytest.mark.parametrize("skips", few_of([False, True], True), ids=["all asked", "what is needed"])
@pytest.mark.parametrize(
    "institution", few_of([None, "demo"], "demo"), ids=["public", "institution"]
)
def test_every_dataset_is_the_truth_and_again_after_a_later_run(
    tmp_path: Path, service: Figshare, institution: str | None, *, skips: bool
) -> None:
    """Open periods and days that were not complete yet are right after the second run."""
    job = Job(tmp_path, spec(service.url, service.truth, institution=institution))
    job.write({**job.spec, "planner": {"skip_unneeded": skips}})
    job.environment["STATS"] = f"stats:{PASSWORD}\n"

    job.run("--today", FIRST.isoformat())
    check(job, service.truth, FIRST, [FIRST])

    sent = len(service.history())
    before = job.files()
    job.run("--today", FIRST.isoformat())
    assert len(service.history()) == sent, "a finished job was asked again"
    assert job.files() == before, "a finished job changed a byte"

    service.change(today=LATER.isoformat())
    job.run("--today", LATER.isoformat())
    check(job, service.truth, LATER, [FIRST, LATER])
    assert len(service.history()) - sent < sent, "what was settled was asked again"


def test_requests_hold_one_row_for_each_request_that_was_sent(
    tmp_path: Path, service: Figshare
) -> None:
    """One row a request, with its state, its rows and its URL as it was sent."""
    job = Job(tmp_path, spec(service.url, service.truth, institution=None))
    job.write({**job.spec, "planner": {"skip_unneeded": False}})

    job.run("--today", FIRST.isoformat())

    rows = job.rows("requests", "request_id, state, rows, attempts, http_status, url")
    sent = [service.url + entry["target"] for entry in service.history()]
    assert sorted(row[5] for row in rows) == sorted(sent)
    assert len({row[0] for row in rows}) == len(rows)
    assert {row[1] for row in rows} == {"done", "empty"}
    assert all((row[1] == "done") == (row[2] > 0) for row in rows)
    assert {row[3:5] for row in rows} == {(1, 200)}
    made: dict[str, int] = {}
    for dataset in ("totals", "timeline", "countries", "cities", "top", "counts"):
        for (request_id,) in job.rows(dataset, "request_id"):
            made[request_id] = made.get(request_id, 0) + 1
    assert made == {row[0]: row[2] for row in rows if row[2]}
    bodies = job.rows("responses", "request_id, octet_length(body)")
    assert {row[0] for row in rows} == {row[0] for row in bodies}
