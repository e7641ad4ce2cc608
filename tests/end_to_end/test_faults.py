"""A service that stumbles, throttles, blocks and lies: what heals is healed, the rest is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import expected
from tests.support.command_line import Figshare, figshare
from tests.support.everything import FIRST, world
from tests.support.totals_job import TODAY, complete, totals_job

HEALING = (
    "reset_before",
    "reset_inside",
    "cut_body",
    "half_body",
    "cut_gzip",
    "empty_200",
    "error_body_200",
    "wrong_shape",
    "negative",
    "fraction",
    "string_number",
    "boolean",
    "big_integer",
    "not_an_object",
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Figshare]:
    with figshare(tmp_path, world()) as running:
        yield running


@pytest.mark.thorough
def test_with_a_fifth_of_all_replies_spoilt_the_data_are_the_truth(
    tmp_path: Path, service: Figshare
) -> None:
    """Every fault that another try mends, mixed: the datasets are the truth all the same."""
    slow = {"name": "status", "status": 429, "retry_after": "1", "requests": [40, 90]}
    faults: list[dict[str, Any]] = [slow, *({"name": name, "rate": 0.014} for name in HEALING)]
    faults += [{"name": "status", "status": code, "rate": 0.01} for code in (500, 502, 503)]
    service.change(faults=faults)
    job = totals_job(tmp_path, service)
    # Six tries at a fifth each would fail one of 160 requests in a hundred runs.
    job.spec["limits"]["attempts"] = 12
    job.write(job.spec)

    job.run("--today", TODAY)

    complete(job, service)
    hit = [entry for entry in service.history() if entry["fault"]]
    assert len({entry["fault"] for entry in hit}) >= 8
    attempts = job.rows("requests", "sum(attempts), max(attempts)")[0]
    assert attempts[0] == len(service.history())
    assert attempts[1] > 1
    assert sum(entry["status"] == 429 for entry in service.history()) == 2


def test_a_long_pause_stops_the_run_and_is_remembered(tmp_path: Path, service: Figshare) -> None:
    hour = {"name": "status", "status": 429, "retry_after": "3600", "requests": [20]}
    service.change(faults=[hour])
    job = totals_job(tmp_path, service)

    first = job.run("--today", TODAY, expect=3)
    sent = len(service.history())
    again = job.run("--today", TODAY, expect=3)

    for ended in (first, again):
        assert "asks us to wait until" in ended.stderr
    assert len(service.history()) == sent, "asked again before the time"
    assert "asks us to wait until" in job.call("status", "job.yaml").stdout
    assert len(job.rows("totals", "value")) >= 19


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param({"name": "redirect"}, "redirect", id="redirect"),
        pytest.param(
            {"name": "status", "status": 400}, "bad_request", id="400", marks=pytest.mark.thorough
        ),
        pytest.param(
            {"name": "status", "status": 404},
            "unknown_endpoint",
            id="404",
            marks=pytest.mark.thorough,
        ),
        pytest.param(
            {"name": "json_403"},
            "forbidden",
            id="403 for one request only",
            marks=pytest.mark.thorough,
        ),
        pytest.param({"name": "wrong_period_spelling"}, "shape", id="another spelling"),
        pytest.param(
            {"name": "out_of_window"}, "shape", id="a date outside", marks=pytest.mark.thorough
        ),
    ],
)
def test_a_fault_that_does_not_heal_fails_its_series_alone(
    tmp_path: Path, service: Figshare, fault: dict[str, Any], reason: str
) -> None:
    """One series fails with its reason; everything else is there, and nothing wrong is."""
    victim = next(
        one
        for one in service.truth.ids("article")
        if service.truth.total(None, "views", "article", one)
    )
    path = f"/timeline/month/views/article/{victim}[?]"
    service.change(faults=[{**fault, "rate": 1, "path": path}])
    job = totals_job(tmp_path, service)
    job.spec["limits"]["attempts"] = 2
    job.write(job.spec)

    job.run("--today", TODAY, expect=1)

    failed = job.rows("requests", "entity_id, state, reason")
    assert [row for row in failed if row[1] == "failed"] == [(victim, "failed", reason)]
    wanted = expected.timeline(job.spec, service.truth, FIRST)
    found = set(job.rows("timeline", expected.TIMELINE))
    assert found == {row for row in wanted if row[4] != victim}
    assert wanted != found


def test_a_block_page_stops_the_run(tmp_path: Path, service: Figshare) -> None:
    """With no patience allowed, the first block page is the end; nothing of it is stored."""
    service.change(faults=[{"name": "html_200", "rate": 1, "after": 12}])
    job = totals_job(tmp_path, service)
    job.spec["limits"]["max_pause_minutes"] = 0
    job.write(job.spec)

    ended = job.run("--today", TODAY, expect=3)

    assert "answers with a web page" in ended.stderr
    assert len(job.rows("totals", "value")) == 12

    service.change(faults=[])
    job.run("--today", TODAY)
    complete(job, service)
