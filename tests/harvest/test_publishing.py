"""What is written beside the requests must not keep a run from ending."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import overload

import anyio
import anyio.to_thread
import pyarrow.parquet as pq
import pytest

import harvester
from harvester.clock import SystemClock
from harvester.harvest.execution import stamp_of
from harvester.harvest.new_run import new_run
from harvester.harvest.publishing import Publishing
from harvester.job.settings import JobSettings
from harvester.job.workspace import Workspace, open_workspace
from harvester.model.question import Question
from harvester.model.reply import Failure, Reply, ReplySummary
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Kind, State

pytestmark = pytest.mark.anyio
VIEWS = Question(Endpoint.TOTAL, Kind.ARTICLE, Counter.VIEWS)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPEC = """\
name: long
entities: {article: {ids: [1]}}
dimensions: [{endpoint: total, counters: [views]}]
"""


@dataclass(slots=True)
class HeldIds(Sequence[int]):
    """So many ids; after the first half whoever takes them is held until `go_on`."""

    number: int
    half_way: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    last: int = 0

    def __len__(self) -> int:
        return self.number

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice) and index.start >= self.number // 2:
            self.half_way.set()
            assert self.go_on.wait(5)
        found = range(1, self.number + 1)[index]
        if isinstance(found, range):
            self.last = found[-1]
        return found


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.yaml").write_text(SPEC)
    with open_workspace(JobSettings.of(harvester.load_job("job.yaml")), NOW) as folder:
        yield folder


def publishing(out: Workspace, ids: Sequence[int]) -> Publishing:
    settings = JobSettings.of(harvester.load_job("job.yaml"))
    run = new_run(settings, 1, "2026-11-23.1", date(2026, 11, 23), NOW)
    out.ledger.runs.start(run, {})
    run = replace(run, entities={Kind.ARTICLE: ids})
    return Publishing(out, run, stamp_of(settings, run), SystemClock())


def states(out: Workspace) -> list[str]:
    file = out.folder.root / "requests" / "2026-11-23.1.parquet"
    return [str(state) for state in pq.ParquetFile(file).read()["state"].to_pylist()]


async def test_a_run_that_ends_does_not_wait_for_the_file_of_requests(out: Workspace) -> None:
    ids = HeldIds(40_000)
    begun = publishing(out, ids)
    # With an outcome still to come, the ledger is being read when it is cancelled.
    request = Request(VIEWS, 40_000)
    out.ledger.answers.keep(1, [Failure(request, "not_found", "gone", 404, 1, NOW)])
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(begun.begin_requests)
            await anyio.to_thread.run_sync(ids.half_way.wait)
            tasks.cancel_scope.cancel()
            ids.go_on.set()
    assert ids.last < 25_000
    assert not (out.folder.root / "requests").exists()
    # What it left half written is in nobody's way.
    await begun.write_requests(State.ABANDONED)
    assert states(out) == ["abandoned"] * 39_999 + ["failed"]


async def test_the_file_of_requests_is_begun_only_once(out: Workspace) -> None:
    ids = HeldIds(10)
    ids.go_on.set()
    begun = publishing(out, ids)
    await begun.begin_requests()
    assert states(out) == ["pending"] * 10
    before = (out.folder.root / "requests" / "2026-11-23.1.parquet").stat().st_ino
    await begun.begin_requests()
    after = (out.folder.root / "requests" / "2026-11-23.1.parquet").stat().st_ino
    assert before == after


@pytest.mark.parametrize("replies", [100_000, 100_001])
def test_an_interrupted_run_publishes_up_to_100_000_replies_and_leaves_more_to_the_next(
    out: Workspace, replies: int
) -> None:
    begun = publishing(out, [])
    body = b'{"totals": 1}'
    arrived = [
        Reply(Request(VIEWS, number), 200, "application/json", body, NOW, 1, ReplySummary(1, 1))
        for number in range(1, replies + 1)
    ]
    out.ledger.answers.keep(1, arrived)
    assert begun.is_soon_done is (replies == 100_000)
