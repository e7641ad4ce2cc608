"""The server on loopback: its history, its control interface, its life as a child."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from harvester.simulator import Fault, SimulatorConfig, Truth, read_history, serving

pytestmark = pytest.mark.anyio

CONFIG = SimulatorConfig(articles=20, username="who", password="canary")
TRUTH = Truth(CONFIG)
LOGIN = {"Authorization": aiohttp.encode_basic_auth("who", "canary")}
ARTICLE = TRUTH.top(None, "views", "article", 1)[0][0]
TOTAL = f"/total/views/article/{ARTICLE}"


async def test_every_request_is_written_down(tmp_path: Path) -> None:
    """With its time, its connection and its outcome; of credentials only that they were there."""
    path = tmp_path / "history.jsonl"
    before = time.time_ns() // 1000
    async with serving(CONFIG, history_path=path) as simulator:
        async with aiohttp.ClientSession(simulator.url) as session:
            for target, login in ((TOTAL, {}), ("/demo/top/views/article?count=3", LOGIN)):
                async with session.get(target, headers={"Cookie": "a=b", **login}) as response:
                    body = await response.read()
        first, second = simulator.history
    assert before <= first.arrived <= second.arrived <= time.time_ns() // 1000
    assert first.completed is not None
    assert first.monotonic <= first.completed <= second.monotonic
    assert (first.method, first.target, first.path) == ("GET", TOTAL, TOTAL)
    assert (second.number, second.path) == (2, "/demo/top/views/article")
    assert (second.status, second.sent_bytes) == (200, len(body))
    assert [first.has_authorization, second.has_authorization] == [False, True]
    assert first.has_cookie
    assert first.connection == second.connection == 1
    assert read_history(path) == [first, second]
    assert "canary" not in path.read_text(encoding="utf-8")


async def test_an_answer_that_never_came_is_not_complete(tmp_path: Path) -> None:
    """The file has the request all the same: it was written when it arrived."""
    path = tmp_path / "history.jsonl"
    config = replace(CONFIG, faults=(Fault("reset_before", rate=1.0),))
    async with (
        serving(config, history_path=path) as simulator,
        aiohttp.ClientSession(simulator.url) as session,
    ):
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(TOTAL)
    entries = read_history(path)
    assert {(entry.target, entry.fault) for entry in entries} == {(TOTAL, "reset_before")}
    assert {entry.status for entry in entries} == {None}


def test_a_torn_line_of_a_history_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"number": 1, "arri', encoding="utf-8")
    assert read_history(path) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])  # noqa: S104
async def test_the_simulator_serves_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        async with serving(CONFIG, host=host):
            pass


async def test_the_control_interface_is_not_counted() -> None:
    async with (
        serving(CONFIG) as simulator,
        aiohttp.ClientSession(simulator.url) as session,
    ):
        async with session.get(TOTAL) as response:
            assert await response.json() == {
                "totals": TRUTH.total(None, "views", "article", ARTICLE)
            }
        async with session.get("/_simulator/history") as response:
            seen = await response.json()
        assert [entry["target"] for entry in seen["entries"]] == [TOTAL]
        async with session.get("/_simulator/history?after=1") as response:
            assert (await response.json())["entries"] == []
        async with session.post("/_simulator/reset") as response:
            assert response.status == 200
        assert len(simulator.history) == 0
        async with session.get("/_simulator/nothing") as response:
            assert response.status == 404


async def test_the_simulator_changes_day_password_and_faults_while_it_runs() -> None:
    """A new day, a new password, faults: without a restart, and with the same world."""
    patch = {
        "today": "2024-06-30",
        "password": "changed",
        "faults": [{"name": "status", "status": 503, "requests": [1]}],
    }
    earlier = TRUTH.at(date(2024, 6, 30)).total(None, "views", "article", ARTICLE)
    async with (
        serving(CONFIG) as simulator,
        aiohttp.ClientSession(simulator.url, headers=LOGIN) as session,
    ):
        async with session.get("/demo/top/views/article") as response:
            assert response.status == 200
        async with session.patch("/_simulator/config", json=patch) as response:
            assert (await response.json())["today"] == "2024-06-30"
        statuses = []
        for target in (TOTAL, TOTAL, "/demo/top/views/article"):
            async with session.get(target) as response:
                statuses.append(response.status)
                plain = await response.json()
                if response.status == 200:
                    assert plain == {"totals": earlier}
        assert statuses == [503, 200, 403]
        assert simulator.config.articles == 20
        async with session.patch("/_simulator/config", json={"todya": 1}) as response:
            assert response.status == 400
            assert "todya" in (await response.json())["message"]
        async with session.get("/_simulator/config") as response:
            assert SimulatorConfig.from_json(await response.json()) == simulator.config


async def test_listings_are_on_the_same_server() -> None:
    async with (
        serving(CONFIG) as simulator,
        aiohttp.ClientSession() as session,
        session.get(f"{simulator.api_url}/articles", params={"page_size": 1000}) as response,
    ):
        assert {entry["id"] for entry in await response.json()} == set(TRUTH.ids("article"))
        assert "X-Cursor" in response.headers


@pytest.mark.parametrize("from_bytes", [10, 100_000])
async def test_long_bodies_are_compressed(from_bytes: int) -> None:
    async with (
        serving(replace(CONFIG, gzip_from_bytes=from_bytes)) as simulator,
        aiohttp.ClientSession(simulator.url, auto_decompress=False) as session,
        session.get(TOTAL) as response,
    ):
        body = await response.read()
        is_compressed = response.headers.get("Content-Encoding") == "gzip"
        assert is_compressed == body.startswith(b"\x1f\x8b") == (from_bytes == 10)


async def test_answers_take_the_latency_that_was_set() -> None:
    config = replace(CONFIG, latency_seconds=0.02, jitter_seconds=0.01)
    async with (
        serving(config) as simulator,
        aiohttp.ClientSession(simulator.url) as session,
        session.get(TOTAL) as response,
    ):
        await response.read()
        entry = simulator.history[0]
        assert entry.completed is not None
        assert entry.completed - entry.monotonic >= 0.02


@contextmanager
def running(tmp_path: Path, plain: dict[str, Any]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A simulator in a process of its own; its URL is the first line it prints."""
    config = tmp_path / "simulator.json"
    config.write_text(json.dumps(plain), encoding="utf-8")
    words = ["--config", str(config), "--history", str(tmp_path / "history.jsonl")]
    with subprocess.Popen(
        [sys.executable, "-m", "harvester.simulator", *words], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().strip(), child
        finally:
            child.kill()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_the_simulator_runs_as_a_process_of_its_own(
    tmp_path: Path, end: signal.Signals
) -> None:
    """It answers what the truth of the same config says; its history outlives it."""
    plain = replace(CONFIG, faults=(Fault("html_200", requests=(2,)),)).to_json()
    with running(tmp_path, plain) as (url, child):
        async with aiohttp.ClientSession(url) as session:
            async with session.get(TOTAL) as response:
                total = await response.json()
            async with session.get(TOTAL) as response:
                assert response.content_type == "text/html"
            # The next answer on a connection comes when the last one is written down.
            async with session.get("/_simulator/config") as response:
                assert response.status == 200
        child.send_signal(end)
        child.wait(10)
    assert child.returncode == (0 if end != signal.SIGKILL else -signal.SIGKILL)
    assert total == {"totals": TRUTH.total(None, "views", "article", ARTICLE)}
    history = read_history(tmp_path / "history.jsonl")
    assert [(entry.status, entry.fault) for entry in history] == [(200, None), (200, "html_200")]
