"""The requests/ dataset: a row for each request of a run, and for each stretch without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from harvester.model.moment import micros
from harvester.model.request import Request
from harvester.model.rows import Columns, Dataset
from harvester.model.spooled import Part
from harvester.model.terms import State
from harvester.model.window import epoch_day
from harvester.store.buffer import RowBuffer
from harvester.store.context import RunStamp
from harvester.store.parts import PartWriter, Staging

# Rows are gathered one by one here; this bounds the memory of a million of them.
_ROWS_PER_WRITE = 10_000


@dataclass(frozen=True, slots=True)
class RequestLine:
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


def write_requests(staging: Staging, run: RunStamp, lines: Iterable[RequestLine]) -> Part:
    """Stage the file of a run, whole."""
    buffer = RowBuffer(Dataset.REQUESTS)
    with staging.part(requests_path(run.run_id), Dataset.REQUESTS) as writer:
        for line in lines:
            buffer.add(Columns(Dataset.REQUESTS, 1, {}), _row(run, line))
            if buffer.rows >= _ROWS_PER_WRITE:
                writer.write(buffer.table())
        return _finished(writer, buffer)


def _finished(writer: PartWriter, buffer: RowBuffer) -> Part:
    if buffer.rows:
        writer.write(buffer.table())
    return writer.finish()


def _row(run: RunStamp, line: RequestLine) -> dict[str, object]:
    request = line.request
    question, window = request.question, request.window
    stretch = f"not-needed/{request.key}" if line.state is State.NOT_NEEDED else request.key
    return {
        "request_id": f"{run.run_id}/{stretch}",
        "run_id": run.run_id,
        "institution": question.institution,
        "endpoint": question.endpoint.value,
        "granularity": question.granularity.value if question.granularity else None,
        "counter": question.counter.value if question.counter else None,
        "entity": question.kind.value,
        "entity_id": request.entity_id,
        "sub_item": question.sub_item.value if question.sub_item else None,
        "sub_item_id": question.sub_item_id,
        "window_start": epoch_day(window.first) if window else None,
        "window_end": epoch_day(window.last) if window else None,
        "snapshot": None if question.endpoint.has_granularity else epoch_day(run.snapshot),
        "state": line.state.value,
        "reason": line.reason,
        "proof": line.proof,
        "http_status": line.http_status,
        "attempts": line.attempts,
        "rows": line.rows,
        "bytes": line.bytes,
        "finished_at": micros(line.finished_at) if line.finished_at else None,
        "url": run.address(request),
    }
