"""Bytes on disk: of a row, and of a raw response."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.parse import parse
from harvester.store.part_writer import LEVEL

from .found import Found, at_most
from .scale import TIMELINES, bytes_in
from .server import timeline
from .stage import folder, host, start, write_job

_BODIES_OF_A_PAGE, _ROUNDS = 150, 21
ARTICLES = 5_000
MOST_DENSE, MOST_SPARSE, MOST_RAW, MOST_ROWS = 1.0, 4.0, 0.24, 100_000


def disk() -> Iterator[Found]:
    with host() as served, folder() as beside:
        job = write_job(beside, served.url, range(1, ARTICLES + 1), [TIMELINES])
        start(beside, "harvester", "run", str(job)).ended()
        output = beside / "output" / "bench"
        yield at_most("dense yearly timelines, bytes a row", _bytes_a_row(output), MOST_DENSE)
        asked = pq.read_table(output / "requests", columns=["bytes"])
        share = bytes_in(output / "responses") / sum(asked["bytes"].to_pylist())
        yield at_most("responses/ over the JSON received", share, MOST_RAW)
        yield at_most("CPU of packing them over reading them", _packing_over_parsing(), 1.0)
        groups = [
            file.metadata.row_group(number).num_rows
            for path in output.rglob("*.parquet")
            for file in (pq.ParquetFile(path),)
            for number in range(file.num_row_groups)
        ]
        yield at_most("rows of a row group", max(groups), MOST_ROWS)
    with folder() as beside:
        job = beside / "job.yaml"
        job.write_text(json.dumps(_sparse(beside)), encoding="utf-8")
        start(beside, "harvester", "run", str(job)).ended()
        sparse = _bytes_a_row(beside / "output" / "bench")
        yield at_most("sparse days of the simulator, bytes a row", sparse, MOST_SPARSE)


def _bytes_a_row(output: Path) -> float:
    paths = list((output / "timeline").rglob("*.parquet"))
    rows: int = sum(pq.ParquetFile(path).metadata.num_rows for path in paths)
    size: int = sum(path.stat().st_size for path in paths)
    return size / rows


def _sparse(beside: Path) -> dict[str, object]:
    return {
        "name": "bench",
        "source": {"simulator": {"seed": 7, "articles": 2_000}},
        "entities": {"article": {"discover": True}},
        "dimensions": [
            {
                "endpoint": "timeline",
                "counters": ["views", "downloads"],
                "granularities": ["day"],
                "period": {"start": "2016-01-01", "end": "2025-12-31"},
            }
        ],
        "limits": {"requests_per_second": "unlimited", "concurrency": 50},
        "output": {"path": str(beside / "output")},
    }


def _packing_over_parsing() -> float:
    """CPU of packing bodies as a part does, over that of reading them as a judge does."""
    year = Window(date(2024, 1, 1), date(2024, 12, 31))
    question = Question(Endpoint.TIMELINE, Kind.ARTICLE, Counter.VIEWS, Granularity.DAY)
    bodies = [
        timeline("2024-01-01", "2024-12-31", item).partition(b"\r\n\r\n")[2]
        for item in range(_BODIES_OF_A_PAGE)
    ]
    request, page = Request(question, 1, year), b"".join(bodies)
    codec = pa.Codec("zstd", LEVEL)

    def parsed() -> None:
        for body in bodies:
            parse(request, body)

    return _cpu(lambda: codec.compress(page)) / _cpu(parsed)


def _cpu(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_ROUNDS):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return median(seconds)
