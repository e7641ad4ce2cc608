"""Daily views of articles to Parquet: fifty threads, each with `requests`."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import requests

url, articles, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
mine = threading.local()


def timeline(article: int) -> dict[str, int]:
    if not hasattr(mine, "session"):
        mine.session = requests.Session()
    response = mine.session.get(
        f"{url}/timeline/day/views/article/{article}",
        params={"start_date": "2024-01-01", "end_date": "2024-12-31"},
        timeout=60,
    )
    response.raise_for_status()
    found: dict[str, int] = response.json()["timeline"]
    return found


numbers = range(1, articles + 1)
columns: dict[str, list[object]] = {"article": [], "day": [], "views": []}
with ThreadPoolExecutor(50) as pool:
    for article, counts in zip(numbers, pool.map(timeline, numbers), strict=True):
        columns["article"] += [article] * len(counts)
        columns["day"] += counts
        columns["views"] += counts.values()
pq.write_table(pa.table(columns), f"{folder}/views.parquet")
