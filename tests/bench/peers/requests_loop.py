"""Daily views of articles to Parquet: one request after the other, as workshops teach it."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq
import requests

url, articles, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
session = requests.Session()
rows: list[dict[str, object]] = []
for article in range(1, articles + 1):
    response = session.get(
        f"{url}/timeline/day/views/article/{article}",
        params={"start_date": "2024-01-01", "end_date": "2024-12-31"},
        timeout=60,
    )
    response.raise_for_status()
    for day, views in response.json()["timeline"].items():
        rows.append({"article": article, "day": day, "views": views})
pq.write_table(pa.Table.from_pylist(rows), f"{folder}/views.parquet")
