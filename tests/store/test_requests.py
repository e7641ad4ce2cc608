"""The requests/ dataset says of every kind of request what it was and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from harvester.fetch.url import Writer
from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.rows import SCHEMAS, Dataset
from harvester.model.terms import Counter, Endpoint, Granularity, Kind, State, SubItem
from harvester.parse import parse
from harvester.store.context import RunStamp
from harvester.store.part_writer import Staging
from harvester.store.requests import RequestRow, write_requests

RUN = RunStamp(
    3, "2026-11-22.2", date(2026, 11, 22), parse, Writer("http://s").address, True, frozenset()
)
NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 21))
AT = datetime(2026, 11, 22, 7, 30, 0, 250_000, tzinfo=UTC)
TOTAL = Question(Endpoint.TOTAL, Kind.ARTICLE, Counter.VIEWS)
COUNT = Question(Endpoint.COUNT, Kind.GROUP)
RANKING = Question(Endpoint.TOP, Kind.AUTHOR, Counter.SHARES, ranks=10, institution="lboro")
BREAKDOWN = Question(
    Endpoint.BREAKDOWN, Kind.GROUP, Counter.DOWNLOADS, Granularity.MONTH, SubItem.ITEM_TYPE,
    "dataset", institution="lboro",
)  # fmt: skip

# What stands in a row beside run_id; what is not named is null.
LINES: list[tuple[RequestRow, dict[str, Any]]] = [
    (
        RequestRow(Request(TOTAL, 766364), State.DONE, None, None, 200, 2, 1, 14, AT),
        {
            "request_id": "2026-11-22.2/total/views/article/766364",
            "endpoint": "total",
            "counter": "views",
            "entity": "article",
            "entity_id": 766364,
            "snapshot": date(2026, 11, 22),
            "state": "done",
            "http_status": 200,
            "attempts": 2,
            "rows": 1,
            "bytes": 14,
            "finished_at": AT,
            "url": "http://s/total/views/article/766364",
        },
    ),
    (
        RequestRow(Request(COUNT, groups=(3, 17)), State.PENDING),
        {
            "request_id": "2026-11-22.2/count/articles/group/3-17",
            "endpoint": "count",
            "entity": "group",
            "snapshot": date(2026, 11, 22),
            "state": "pending",
            "url": "http://s/count/articles",
        },
    ),
    (
        RequestRow(Request(RANKING), State.FAILED, "forbidden", "no", 403, 1, 0, 0, AT),
        {
            "request_id": "2026-11-22.2/top/shares/author/10",
            "institution": "lboro",
            "endpoint": "top",
            "counter": "shares",
            "entity": "author",
            "snapshot": date(2026, 11, 22),
            "state": "failed",
            "reason": "forbidden",
            "proof": "no",
            "http_status": 403,
            "attempts": 1,
            "rows": 0,
            "bytes": 0,
            "finished_at": AT,
            "url": "http://s/lboro/top/shares/author?count=10",
        },
    ),
    (
        RequestRow(
            Request(BREAKDOWN, 17, NOVEMBER),
            State.NOT_NEEDED,
            "covered",
            "read before",
            shown=Window(NOVEMBER.first, date(2026, 11, 15)),
        ),
        {
            "request_id": "2026-11-22.2/not-needed/breakdown/month/downloads/group"
            "/item_type=dataset/17/2026-11-01..2026-11-21",
            "institution": "lboro",
            "endpoint": "breakdown",
            "granularity": "month",
            "counter": "downloads",
            "entity": "group",
            "entity_id": 17,
            "sub_item": "item_type",
            "sub_item_id": "dataset",
            "window_start": date(2026, 11, 1),
            "window_end": date(2026, 11, 21),
            "shown_start": date(2026, 11, 1),
            "shown_end": date(2026, 11, 15),
            "state": "not_needed",
            "reason": "covered",
            "proof": "read before",
            "url": "http://s/lboro/breakdown/month/downloads/group/17?start_date=2026-11-01"
            "&end_date=2026-11-21&sub_item=item_type&sub_item_id=dataset",
        },
    ),
]
NOTHING = dict.fromkeys(SCHEMAS[Dataset.REQUESTS].names)


def written(folder: Path, lines: list[RequestRow]) -> list[dict[str, Any]]:
    part = write_requests(Staging(folder, 1), RUN, lines)
    assert part.path == "requests/2026-11-22.2.parquet"
    table = pq.ParquetFile(folder / part.staged).read()
    assert table.schema.remove_metadata() == SCHEMAS[Dataset.REQUESTS]
    rows: list[dict[str, Any]] = table.to_pylist()
    assert part.rows == len(rows)
    return rows


def test_every_kind_of_line_is_written_with_its_columns(tmp_path: Path) -> None:
    rows = written(tmp_path, [line for line, _ in LINES])

    assert rows == [{**NOTHING, "run_id": RUN.run_id, **row} for _, row in LINES]


def test_a_run_without_requests_has_its_file(tmp_path: Path) -> None:
    assert written(tmp_path, []) == []


def test_a_long_run_keeps_its_order(tmp_path: Path) -> None:
    """Over the edges of what is turned into columns, and written, at once."""
    lines = [
        LINES[0][0]._replace(request=replace(LINES[0][0].request, entity_id=number))
        for number in range(1, 20_300)
    ]

    found = [row["entity_id"] for row in written(tmp_path, lines)]

    assert found == list(range(1, 20_300))
