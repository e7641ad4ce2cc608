"""`run_async` on a job, timed inside a process whose imports are done."""

from __future__ import annotations

import asyncio
import sys
import time

import harvester
import harvester.harvest.run  # `harvester` itself imports it at the first call


async def _timed(path: str) -> float:
    job = harvester.load_job(path)
    begun = time.perf_counter()
    result = await harvester.run_async(job)
    seconds = time.perf_counter() - begun
    assert result.exit_code == 0, result
    return seconds


if __name__ == "__main__":
    print(asyncio.run(_timed(sys.argv[1])))
