"""Daily views of articles to Parquet: a dlt pipeline to files, fifty calls side by side."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import dlt
import pyarrow as pa
from dlt.sources.helpers import requests

url, articles, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
os.environ["EXTRACT__WORKERS"] = "50"
os.environ["EXTRACT__MAX_PARALLEL_ITEMS"] = "50"
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


@dlt.resource
def numbers() -> Iterator[list[int]]:
    yield list(range(1, articles + 1))


@dlt.transformer(data_from=numbers, write_disposition="append")
def views(asked: list[int]) -> Iterator[Any]:
    @dlt.defer
    def timeline(article: int) -> Any:
        answer = requests.get(
            f"{url}/timeline/day/views/article/{article}",
            params={"start_date": "2024-01-01", "end_date": "2024-12-31"},
        ).json()["timeline"]
        return pa.table(
            {
                "article": [article] * len(answer),
                "day": list(answer),
                "views": list(answer.values()),
            }
        )

    for article in asked:
        yield timeline(article)


pipeline = dlt.pipeline(
    "views",
    pipelines_dir=f"{folder}/state",
    destination=dlt.destinations.filesystem(f"file://{folder}/files"),
    dataset_name="statistics",
)
pipeline.run(views, loader_file_format="parquet")
