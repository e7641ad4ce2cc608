"""Datasets made row by row, and what reconciling them finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.model.rows import PARTITION_KEYS, SCHEMAS, Dataset
from harvester.verify.endpoints import reconciled
from harvester.verify.finding import Severity
from harvester.verify.scope import scopes
from harvester.verify.workbench import Workbench, workbench

D = date.fromisoformat
AT = datetime(2026, 7, 5, 12, tzinfo=UTC)
SNAPSHOT = D("2026-07-05")
# What is read and settled: everything to the end of June, of entity 1.
SETTLED = [
    (ask, 1, sub, D("2020-01-01"), D("2026-06-30"))
    for ask in ("timeline/day", "timeline/month", "timeline/year", "breakdown/month")
    for sub in ("", "item_type=dataset")
]
Row = dict[str, Any]


class Made:
    """Rows by hand, written as parts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[Dataset, list[Path]] = {}
        self.online: date | None = None

    def add(self, dataset: Dataset, partition: dict[str, str], rows: list[Row]) -> None:
        keys = [f"{key}={partition[key]}" for key in PARTITION_KEYS[dataset]]
        path = self.root.joinpath(
            dataset.value, *keys, f"{sum(map(len, self.files.values()))}.parquet"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        empty = dict.fromkeys(SCHEMAS[dataset].names)
        table = pa.Table.from_pylist([{**empty, **row} for row in rows], schema=SCHEMAS[dataset])
        pq.write_table(table, path)
        self.files.setdefault(dataset, []).append(path)

    def total(self, value: int, *, snapshot: date = SNAPSHOT, entity: int = 1) -> None:
        row = {"entity_id": entity, "snapshot": snapshot, "value": value, "harvested_at": AT}
        self.add(Dataset.TOTALS, {"entity": "article", "counter": "views"}, [row])

    def timeline(self, granularity: str, counts: dict[str, int], **more: Any) -> None:
        rows = [
            {
                "entity_id": 1,
                "period": period,
                **days(period),
                "value": value,
                "origin": "reported",
                "harvested_at": AT,
                "request_id": "2026-07-05.1/x",
                **more,
            }
            for period, value in counts.items()
        ]
        partition = {"entity": "article", "counter": "views", "granularity": granularity}
        self.add(Dataset.TIMELINE, partition, rows)

    def countries(self, counts: dict[str, tuple[int, int]]) -> None:
        rows = [
            {"entity_id": 1, "period": "2026-05", **days("2026-05"), "country": land,
             "value": value, "unlisted": unlisted}
            for land, (value, unlisted) in counts.items()
        ]  # fmt: skip
        self.add(Dataset.COUNTRIES, MONTHS, rows)

    def cities(self, counts: dict[tuple[str, str], int]) -> None:
        rows = [
            {"entity_id": 1, "period": "2026-05", **days("2026-05"), "country": land,
             "city": town, "value": value}
            for (land, town), value in counts.items()
        ]  # fmt: skip
        self.add(Dataset.CITIES, MONTHS, rows)

    def top(self, value: int, at: datetime) -> None:
        row = {"snapshot": SNAPSHOT, "rank": 1, "key": "1", "value": value, "harvested_at": at}
        self.add(Dataset.TOP, {"entity": "article", "counter": "views"}, [row])

    @contextmanager
    def bench(self) -> Iterator[Workbench]:
        with workbench(self.files) as bench:
            names = ["ask", "entity_id", "sub", "first", "last"]
            columns = [list(column) for column in zip(*SETTLED, strict=True)]
            bench.take("settled", pa.table(dict(zip(names, columns, strict=True))))
            dated = [{"entity_id": 1, "first_online": self.online}]
            schema = SCHEMAS[Dataset.ENTITIES]
            types = pa.schema([schema.field(each) for each in ("entity_id", "first_online")])
            bench.take("dated", pa.Table.from_pylist(dated, schema=types))
            yield bench

    def found(self) -> dict[str, Severity]:
        with self.bench() as bench:
            return {
                each.check: each.severity
                for scope in scopes(bench, 3)
                for each in reconciled(bench, scope)
            }


MONTHS = {"entity": "article", "counter": "views", "granularity": "month"}


def days(period: str) -> dict[str, date]:
    first = D((period + "-01-01")[:10])
    last = {4: first.replace(month=12, day=31), 10: first}.get(len(period))
    if last is None:
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return {"period_start": first, "period_end": last}
