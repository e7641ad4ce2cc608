"""A run's file of requests, read back into the ledger's numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.model.dates import epoch_day
from harvester.model.published import NumberedRow
from harvester.model.request import Request, read_request
from harvester.model.rows import DATE, INT, LONG, MOMENT, SCHEMAS, Dataset
from harvester.model.terms import State

_ROWS_PER_BATCH = 20_000
_NOT_NEEDED = "not-needed/"
_COLUMNS = (
    "request_id", "state", "http_status", "attempts", "rows", "bytes", "finished_at", "reason",
    "proof", "shown_end",
)  # fmt: skip


class RequestFileRow(NamedTuple):
    """A row of requests/ with its request.

    Attributes:
        request: None where its request_id is no key of ours.
        told: http_status, attempts, rows, bytes, finished_at, reason, proof; the last day shown.
    """

    request_id: str
    run_id: str
    request: Request | None
    state: State
    told: tuple[Any, ...]


def read_request_file(path: Path, institution: str | None) -> Iterator[RequestFileRow]:
    """The rows of a file of requests, in their order.

    Raises:
        pyarrow.ArrowException, OSError: it is damaged.
    """
    for request_id, state, *told in _rows(path):
        run_id, _, rest = str(request_id).partition("/")
        key = rest.removeprefix(_NOT_NEEDED) if state == State.NOT_NEEDED else rest
        try:
            request: Request | None = read_request(key, institution)
        except ValueError:
            request = None
        yield RequestFileRow(str(request_id), run_id, request, State(str(state)), tuple(told))


def numbered(line: RequestFileRow, run: int, number_of: Callable[[str], int]) -> NumberedRow | None:
    """A row in the ledger's numbers; None where its request_id is no key of ours."""
    request = line.request
    if request is None:
        return None
    question = number_of(request.question.key)
    return NumberedRow(run, question, *request.slot, last_of(request), line.state.value, *line.told)


def last_of(request: Request) -> int:
    """The last day of its window, the last group of a count, or 0: as the ledger keeps it."""
    if request.groups:
        return request.groups[-1]
    return epoch_day(request.window.last) if request.window else 0


def _rows(path: Path) -> Iterator[tuple[object, ...]]:
    """The columns of `_COLUMNS`, days and moments as numbers; what an older file lacks is null."""
    schema = SCHEMAS[Dataset.REQUESTS]
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        has = set(file.schema_arrow.names)
        for batch in file.iter_batches(
            _ROWS_PER_BATCH, columns=[each for each in _COLUMNS if each in has]
        ):
            columns = []
            for name in _COLUMNS:
                kind = schema.field(name).type
                column = batch.column(name) if name in has else pa.nulls(batch.num_rows, kind)
                number = {MOMENT: LONG, DATE: INT}.get(kind)
                columns.append((column.cast(number) if number else column).to_pylist())
            yield from zip(*columns, strict=True)
