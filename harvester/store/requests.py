"""The requests/ dataset: a row for each request of a run, and for each stretch without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.model.dates import Window, epoch_day, to_micros
from harvester.model.request import Request
from harvester.model.rows import DATE, SCHEMAS, Dataset
from harvester.model.spool import Part
from harvester.model.terms import State
from harvester.store.buffer import RowBuffer
from harvester.store.columns import filled
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
        shown: the days of its window that fill datasets; None: none do, or it has no window.
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
    shown: Window | None = None


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


def lacks_shown_days(path: Path) -> bool:
    """Whether an older version wrote this file, which did not say which days fill datasets.

    Raises:
        pyarrow.ArrowException, OSError: it is damaged.
    """
    return "shown_start" not in pq.read_schema(path).names


def with_shown_days(
    staging: Staging, file: Path, name: str, shown: Callable[[str], Window | None]
) -> Part:
    """Stage a file of an older version anew, row for row, with the days that it lacks.

    Args:
        name: where it lies below the job's folder.
        shown: the days that fill datasets, by request_id.

    Raises:
        pyarrow.ArrowException, OSError: it is damaged.
    """
    schema = SCHEMAS[Dataset.REQUESTS]
    with (
        staging.part(name, Dataset.REQUESTS) as writer,
        pq.ParquetFile(file, page_checksum_verification=True) as older,
    ):
        for batch in older.iter_batches(_ROWS_PER_WRITE):
            held = {field.name: batch.column(field.name) for field in batch.schema}
            days = [shown(each) for each in held["request_id"].to_pylist()]
            held |= {
                "shown_start": filled(
                    DATE, [epoch_day(each.first) if each else None for each in days]
                ),
                "shown_end": filled(
                    DATE, [epoch_day(each.last) if each else None for each in days]
                ),
            }
            columns = [held[field.name].cast(field.type) for field in schema]
            writer.write(pa.Table.from_arrays(columns, schema=schema))
        return writer.finish()


def _columns(run: RunStamp, lines: Sequence[RequestRow]) -> dict[str, Sequence[Any]]:
    """Many lines as columns; one by one, a line costs three times as much."""
    requests = [line.request for line in lines]
    questions = [request.question for request in requests]
    windows = [request.window for request in requests]
    shown = [line.shown for line in lines]
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
        "shown_start": [epoch_day(days.first) if days else None for days in shown],
        "shown_end": [epoch_day(days.last) if days else None for days in shown],
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
