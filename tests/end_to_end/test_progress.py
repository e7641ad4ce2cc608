"""A run as it is watched: on terminals, without one, by log systems, and from beside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.support_terminal import Terminal, frames
from tests.support.command_line import Job, Spec, figshare
from tests.support.everything import world
from tests.support.totals_job import TODAY, totals_job

SMALL: Spec = {
    "name": "small",
    "source": {"institution": "demo", "simulator": {"seed": 3, "articles": 30}},
    "entities": {"article": {"discover": True}},
    "dimensions": [
        {"endpoint": "total", "counters": ["views"]},
        {
            "endpoint": "timeline",
            "counters": ["views"],
            "granularities": ["month"],
            "period": {"start": "2024-01-01", "end": "2025-12-31"},
        },
    ],
    "limits": {"requests_per_second": 30},
}


def in_terminal(job: Job, columns: int, *words: str, **environment: str) -> list[list[str]]:
    terminal = Terminal(job.command(*words), job.folder, environment, columns)
    code, told = terminal.to_the_end()
    assert code == 0, told
    if "NO_COLOR" in environment:
        assert not re.search(r"\x1b\[[0-9;]*m", told)
    return frames(told, columns)


@pytest.mark.parametrize(
    ("columns", "environment"),
    [
        pytest.param(40, {"NO_COLOR": "1"}, id="40 columns, no colour"),
        pytest.param(100, {}, id="100 columns", marks=pytest.mark.thorough),
    ],
)
def test_stages_count_up_in_place_on_a_terminal_in_lines_that_fit(
    tmp_path: Path, columns: int, environment: dict[str, str]
) -> None:
    """Stages count up in place, in lines that fit; only begin and summary stay."""
    job = Job(tmp_path, SMALL)

    *live, last = in_terminal(job, columns, "run", "job.yaml", "--today", TODAY, **environment)

    rows = [line for frame in live for line in frame if re.match(r"  (total|timeline) ", line)]
    assert rows
    assert all(len(row) <= columns for row in rows)
    assert any("━" in row for row in rows) is (columns == 100)
    counted = [int(found[1]) for row in rows if (found := re.search(r"total .*?(\d+) of 30", row))]
    assert counted == sorted(counted)
    assert len(set(counted)) > 2
    assert any("left, 30 a second" in line for frame in live for line in frame)
    assert any("not needed" in line for frame in live for line in frame) is (
        "not asked" in "".join(last)
    )
    assert not [line for line in last if re.match(r"  (total|timeline) ", line)]
    whole = "".join(last)
    assert re.search(r"run \S+ is complete", whole)
    assert "next      harvester report job.yaml" in whole


def test_without_a_terminal_that_can_go_back_there_are_plain_lines(tmp_path: Path) -> None:
    job = Job(tmp_path, {**SMALL, "limits": {"requests_per_second": "unlimited"}})
    code, told = Terminal(
        job.command("run", "job.yaml", "--today", TODAY), tmp_path, {"TERM": "dumb"}, 80
    ).to_the_end()
    assert code == 0
    assert "\x1b" not in told
    assert "is complete" in told

    watched = job.call("status", "job.yaml", "--watch").stdout
    assert watched.startswith("-- ")
    assert ": finished," in watched
    assert "\x1b" not in watched


def test_json_events_and_a_watcher_beside_tell_of_the_same_pause(tmp_path: Path) -> None:
    """One JSON object a line, pauses with their reason; `status --watch` sees the same pause."""
    with figshare(tmp_path, world()) as service:
        slow = {"name": "status", "status": 429, "retry_after": "3", "requests": [50]}
        service.change(faults=[slow])
        job = totals_job(tmp_path, service)
        job.write({**job.spec, "limits": {"requests_per_second": 90}})
        running = job.start("run", "job.yaml", "--today", TODAY, "--log-format", "json")
        while not service.history():
            assert running.poll() is None
        seen = in_terminal(job, 60, "status", "job.yaml", "--watch")
        out, err = running.communicate(timeout=60)

    assert running.returncode == 0
    assert out.strip() == "output/totals"
    events: list[dict[str, Any]] = [json.loads(line) for line in err.splitlines()]
    assert [each["event"] for each in events if each["event"] != "progress"] == [
        "began", "service", "service", "ended",
    ]  # fmt: skip
    assert all({"at", "level", "message"} <= set(each) for each in events)
    began, waits, slower, ended = (each for each in events if each["event"] != "progress")
    assert re.fullmatch(r"Figshare asks us to wait until \d\d:\d\d UTC", waits["state"])
    assert 0 < waits["wait_seconds"] <= 3
    assert waits["seconds_left"]["most"] >= waits["wait_seconds"]
    assert "slower" in slower["state"]
    assert began["most"] == 160
    assert (ended["exit_code"], ended["planned"], ended["pending"]) == (0, 160, 0)
    assert ended["receipts"][0]["pauses"] == 1

    told = ["\n".join(frame) for frame in seen]
    assert any("asks us to wait until" in frame for frame in told)
    assert any(re.search(r"  total      \d+ of 120", frame) for frame in told)
    assert any(" left" in frame for frame in told)
    assert ": finished," in told[-1]
    assert "Ctrl-C" not in told[-1]


def test_mistakes_reach_log_systems_too(
    tmp_path: Path, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    job = Job(tmp_path, {**SMALL, "dimensions": [{"endpoint": "totl"}]})
    assert command("run", job.path, "--log-format", "json") == 2
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["exit_code"]) == ("spec", "error", 2)
    assert told["mistakes"]
