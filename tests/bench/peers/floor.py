"""Daily views of articles to Parquet: a bare pool of workers, which keeps no ledger and no bodies.

The least that can be done for the same rows: called as `floor.py URL ARTICLES FOLDER`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import aiohttp
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

WORKERS = 50
ROWS_AT_ONCE = 100_000
YEAR = "start_date=2024-01-01&end_date=2024-12-31"
TEXT, LONG, DATE = pa.string(), pa.int64(), pa.date32()
SCHEMA = pa.schema(
    [
        ("institution", TEXT),
        ("entity_id", LONG),
        ("sub_item", TEXT),
        ("sub_item_id", TEXT),
        ("period", TEXT),
        ("period_start", DATE),
        ("period_end", DATE),
        ("value", LONG),
        ("origin", TEXT),
        ("harvested_at", pa.timestamp("us", tz="UTC")),
        ("request_id", TEXT),
    ]
)


class Rows:
    """Rows that wait to be written."""

    def __init__(self, path: str) -> None:
        self._writer = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        self._begin()

    def _begin(self) -> None:
        self._periods: list[str] = []
        self._values: list[int] = []
        self._ids: list[int] = []
        self._moments: list[int] = []
        self._requests: list[str] = []

    def add(self, article: int, counts: dict[str, int]) -> None:
        length = len(counts)
        self._periods += counts
        self._values += counts.values()
        self._ids += [article] * length
        self._moments += [int(datetime.now(UTC).timestamp() * 1e6)] * length
        self._requests += [f"timeline/day/views/article/{article}"] * length
        if len(self._periods) >= ROWS_AT_ONCE:
            self.write()

    def write(self) -> None:
        length = len(self._periods)
        periods = pa.array(self._periods, TEXT)
        days = periods.cast(DATE)
        absent = pa.nulls(length, TEXT)
        table = pa.Table.from_arrays(
            [
                absent,
                pa.array(self._ids, LONG),
                absent,
                absent,
                periods,
                days,
                days,
                pa.array(self._values, LONG),
                pa.repeat(pa.scalar("reported", TEXT), length),
                pa.array(self._moments, LONG).cast(SCHEMA.field("harvested_at").type),
                pa.array(self._requests, TEXT),
            ],
            schema=SCHEMA,
        )
        self._writer.write_table(table)
        self._begin()

    def close(self) -> None:
        if self._periods:
            self.write()
        self._writer.close()


async def work(session: aiohttp.ClientSession, articles: Iterator[int], rows: Rows) -> None:
    for article in articles:
        async with session.get(f"/timeline/day/views/article/{article}?{YEAR}") as response:
            rows.add(article, orjson.loads(await response.read())["timeline"])


async def main(url: str, articles: int, path: str) -> None:
    rows = Rows(path)
    numbers = iter(range(1, articles + 1))
    async with (
        aiohttp.ClientSession(url) as session,
        asyncio.TaskGroup() as tasks,
    ):
        for _ in range(WORKERS):
            tasks.create_task(work(session, numbers, rows))
    rows.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), f"{sys.argv[3]}/views.parquet"))
