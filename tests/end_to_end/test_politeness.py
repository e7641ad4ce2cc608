"""The politeness receipt and the state of things, against what the simulator saw."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Figshare, figshare
from tests.support.everything import world
from tests.support.totals_job import TODAY, complete, totals_job


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Figshare]:
    with figshare(tmp_path, world()) as running:
        yield running


def facts(text: str, begins: str) -> list[str]:
    (line,) = re.findall(rf"^ *{begins}:? +(.*)$", text, flags=re.MULTILINE)
    return str(line).split(", ")


def test_the_receipt_is_what_the_service_saw(tmp_path: Path, service: Figshare) -> None:
    """Of this call and of all calls together, in the summary and in `status`."""
    slow = {"name": "status", "status": 429, "retry_after": "1", "requests": [7]}
    cut = {"name": "cut_body", "requests": [20, 30]}
    service.change(faults=[slow, cut])
    job = totals_job(tmp_path, service)
    job.spec["limits"]["requests_per_second"] = 50
    job.write(job.spec)

    first = job.run("--today", TODAY, "--max-requests", "60", expect=5)
    told = facts(first.stderr, "sent")
    assert told[0].startswith("60 requests in ")
    # Sends are counted where they leave, and arrive a little closer or farther apart.
    assert abs(int(told[2].partition(" ")[0]) - busiest(service.history())) <= 3
    targets = [entry["target"] for entry in service.history()]
    # A repeat may be put off beyond the 60.
    repeats = len(targets) - len(set(targets))
    assert repeats >= 1
    assert told[3:] == [
        f"{repeats} repeat{'s' * (repeats > 1)}",
        "once asked to slow down",
        "1 pause kept (1 s)",
    ]
    assert "in all" not in first.stderr

    second = job.run("--today", TODAY)
    complete(job, service)
    history = service.history()
    assert facts(second.stderr, "sent")[0].startswith(f"{len(history) - 60} requests in ")
    assert facts(second.stderr, "sent")[-1] == "never asked to slow down"
    in_all = facts(second.stderr, "in all")
    assert in_all[0].startswith(f"{len(history)} requests in ")
    assert in_all[-2:] == ["once asked to slow down", "1 pause kept (1 s)"]
    (mean,) = re.findall(r"([0-9.]+) a second on average", ", ".join(in_all))
    assert 0 < float(mean) <= 50
    assert facts(job.call("status", "job.yaml").stdout, "sent") == in_all


def busiest(history: list[dict[str, Any]]) -> int:
    """Most arrivals in any second."""
    times = [entry["monotonic"] for entry in history]
    most: int = max(sum(0 <= other - first < 1 for other in times) for first in times)
    return most


def test_status_beside_a_run_says_how_the_service_fares(tmp_path: Path, service: Figshare) -> None:
    """The words are those of the run; and of a run that was killed nothing is going on."""
    service.change(faults=[{"name": "status", "status": 503, "rate": 1, "after": 12}])
    job = totals_job(tmp_path, service)
    running = job.start("run", "job.yaml", "--today", TODAY)
    try:
        said = until(lambda: job.call("status", "job.yaml").stdout, "is not answering")
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()

    assert re.search(rf"^{service.url}: Figshare is not answering, ", said, flags=re.MULTILINE)
    assert f"being written by process {running.pid}" in said
    assert re.search(r"^  sent: [0-9]+ requests in ", said, flags=re.MULTILINE)

    afterwards = job.call("status", "job.yaml").stdout
    assert "not answering" not in afterwards
    assert "being written" not in afterwards
    assert "not running: `harvester run` goes on" in afterwards


def until(look: Any, words: str) -> str:
    """What is seen once these words are in it."""
    deadline = time.monotonic() + 60
    while words not in (seen := str(look())):
        assert time.monotonic() < deadline, seen
    return seen
