"""Daily views of articles to Parquet: all requests at once behind a semaphore, all in memory."""

import asyncio
import sys
from datetime import UTC, datetime

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
    length = sum(map(len, answers))
    periods = pa.array([day for counts in answers for day in counts])
    ids = [article for article, counts in zip(numbers, answers, strict=True) for _ in counts]
    read_at = datetime.now(UTC)
    columns = {
        "institution": pa.nulls(length, pa.string()),
        "entity_id": ids,
        "sub_item": pa.nulls(length, pa.string()),
        "sub_item_id": pa.nulls(length, pa.string()),
        "period": periods,
        "period_start": periods.cast(pa.date32()),
        "period_end": periods.cast(pa.date32()),
        "value": [views for counts in answers for views in counts.values()],
        "origin": pa.repeat("reported", length),
        "harvested_at": pa.repeat(pa.scalar(read_at, pa.timestamp("us", tz="UTC")), length),
        "request_id": [f"timeline/day/views/article/{article}" for article in ids],
    }
    pq.write_table(pa.table(columns), f"{folder}/views.parquet", compression="zstd")


asyncio.run(main())
