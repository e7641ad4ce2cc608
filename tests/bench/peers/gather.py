"""Daily views of articles to Parquet: all requests at once behind a semaphore, all in memory."""

import asyncio
import sys

import aiohttp
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

url, articles, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
YEAR = "start_date=2024-01-01&end_date=2024-12-31"


async def timeline(
    session: aiohttp.ClientSession, places: asyncio.Semaphore, article: int
) -> dict[str, int]:
    path = f"/timeline/day/views/article/{article}?{YEAR}"
    async with places, session.get(path, raise_for_status=True) as response:
        found: dict[str, int] = orjson.loads(await response.read())["timeline"]
        return found


async def main() -> None:
    numbers, places = range(1, articles + 1), asyncio.Semaphore(50)
    async with aiohttp.ClientSession(url) as session:
        answers = await asyncio.gather(*[timeline(session, places, each) for each in numbers])
    columns: dict[str, list[object]] = {"article": [], "day": [], "views": []}
    for article, counts in zip(numbers, answers, strict=True):
        columns["article"] += [article] * len(counts)
        columns["day"] += counts
        columns["views"] += counts.values()
    pq.write_table(pa.table(columns), f"{folder}/views.parquet")


asyncio.run(main())
