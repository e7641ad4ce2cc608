"""Daily views of articles to Parquet: a Scrapy spider with a feed, which DuckDB reads."""

import sys
from collections.abc import Iterator
from typing import Any

import duckdb
import scrapy
from scrapy.crawler import CrawlerProcess

url, articles, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]


class Views(scrapy.Spider):
    name = "views"
    start_urls = [
        f"{url}/timeline/day/views/article/{article}?start_date=2024-01-01&end_date=2024-12-31"
        for article in range(1, articles + 1)
    ]

    def parse(self, response: Any) -> Iterator[dict[str, object]]:
        article = int(response.url.partition("?")[0].rpartition("/")[2])
        yield {"article": article, "timeline": response.json()["timeline"]}


feed = f"{folder}/views.jsonl"
crawler = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": 50,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 50,
        "DOWNLOAD_DELAY": 0,
        "LOG_LEVEL": "ERROR",
        "ROBOTSTXT_OBEY": False,
        "FEEDS": {feed: {"format": "jsonlines", "overwrite": True}},
    }
)
crawler.crawl(Views)
crawler.start()
duckdb.sql(f"""
    copy (select article, unnest(map_keys(timeline)) as day, unnest(map_values(timeline)) as views
          from read_json('{feed}', format = 'newline_delimited',
                         columns = {{article: 'bigint', timeline: 'map(varchar, bigint)'}}))
    to '{folder}/views.parquet' (compression zstd)""")
