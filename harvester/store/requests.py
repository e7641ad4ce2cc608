"""The requests/ dataset: a row for each request of a run, and for each stretch without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from harvester.model.dates import epoch_day, to_micros
from harvester.model.request import Request
from harvester.model.rows import Dataset
from harvester.model.spool import Part
from harvester.model.terms import State
from harvester.store.buffer import RowBuffer
from harvester.store.context import RunStamp
from harvester.store.part_writer import Staging

# These bound the memory of a million lines: as Python objects, and as columns.
_LINES_AT_ONCE, _ROWS_PER_WRITE = 250, 10_000


class RequestRow(NamedTuple):
    """What requests/ says of one request or stretch.

    Attributes:
        reason: why it was not needed, or failed; else None.
        proof: the reason as a sentence; else None.
        finished_at: None unless it was asked.
    """

    request: Request
    state: State
    reason: str | None = None
    proof: str | None = None
    http_status: int | None = None
    attempts: int | None = None
    rows: int | None = None
    bytes: int | None = None
    finished_at: datetime | None = None


def requests_path(run_id: str) -> str:
    """Where the file of a run lies, below the job's folder."""
    return f"{Dataset.REQUESTS}/{run_id}.parquet"


def write_requests(staging: Staging, run: RunStamp, lines: Iterable[RequestRow]) -> Part:
    """Stage the file of a run, whole."""
    buffer = RowBuffer(Dataset.REQUESTS)
    left = iter(lines)
    with staging.part(requests_path(run.run_id), Dataset.REQUESTS) as writer:
        while some := list(islice(left, _LINES_AT_ONCE)):
            buffer.extend(_columns(run, some))
            if buffer.rows >= _ROWS_PER_WRITE:
                writer.write(buffer.packed())
        if buffer.rows:
            writer.write(buffer.packed())
        return writer.finish()


def _columns(run: RunStamp, lines: Sequence[RequestRow]) -> dict[str, Sequence[Any]]:
    """Many lines as columns; one by one, a line costs three times as much."""
    requests = [line.request for line in lines]
    questions = [request.question for request in requests]
    windows = [request.window for request in requests]
    snapshot = epoch_day(run.snapshot)
    return {
        "request_id": [_request_id(run, line) for line in lines],
        "run_id": [run.run_id] * len(lines),
        "institution": [each.institution for each in questions],
        "endpoint": [each.endpoint for each in questions],
        "granularity": [each.granularity for each in questions],
        "counter": [each.counter for each in questions],
        "entity": [each.kind for each in questions],
        "entity_id": [request.entity_id for request in requests],
        "sub_item": [each.sub_item for each in questions],
        "sub_item_id": [each.sub_item_id for each in questions],
        "window_start": [epoch_day(window.first) if window else None for window in windows],
        "window_end": [epoch_day(window.last) if window else None for window in windows],
        "snapshot": [snapshot if each.endpoint.is_snapshot else None for each in questions],
        "state": [line.state for line in lines],
        "reason": [line.reason for line in lines],
        "proof": [line.proof for line in lines],
        "http_status": [line.http_status for line in lines],
        "attempts": [line.attempts for line in lines],
        "rows": [line.rows for line in lines],
        "bytes": [line.bytes for line in lines],
        "finished_at": [to_micros(at) if (at := line.finished_at) else None for line in lines],
        "url": [run.address(request) for request in requests],
    }


def _request_id(run: RunStamp, line: RequestRow) -> str:
    key = line.request.key
    stretch = f"not-needed/{key}" if line.state is State.NOT_NEEDED else key
    return f"{run.run_id}/{stretch}"
