"""The least that can be done: workers that get and read, and keep nothing."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator

import aiohttp

WORKERS = 50


async def _work(session: aiohttp.ClientSession, urls: Iterator[str]) -> None:
    for url in urls:
        async with session.get(url) as response:
            await response.read()


async def pool(base_url: str, requests: int) -> float:
    """Seconds that so many totals take."""
    urls = (f"{base_url}/total/views/article/{number}" for number in range(1, requests + 1))
    begun = time.perf_counter()
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=WORKERS)) as session,
        asyncio.TaskGroup() as tasks,
    ):
        for _ in range(WORKERS):
            tasks.create_task(_work(session, urls))
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(asyncio.run(pool(sys.argv[1], int(sys.argv[2]))))
