"""Anybody's reader understands the datasets by a plain glob, with rows and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

import harvester
from harvester.errors import OutputError
from tests.support.command_line import Figshare, Job, figshare
from tests.support.everything import FIRST, world

# The words of docs/contract.md §3, said a second time on purpose.
TYPES = {
    "totals": "institution string, entity_id int64, snapshot date32[day], value int64,"
    " harvested_at timestamp[us, tz=UTC], request_id string, entity string, counter string",
    "timeline": "institution string, entity_id int64, sub_item string, sub_item_id string,"
    " period string, period_start date32[day], period_end date32[day], value int64,"
    " origin string, harvested_at timestamp[us, tz=UTC], request_id string, entity string,"
    " counter string, granularity string",
    "countries": "institution string, entity_id int64, sub_item string, sub_item_id string,"
    " period string, period_start date32[day], period_end date32[day], country string,"
    " value int64, unlisted int64, harvested_at timestamp[us, tz=UTC], request_id string,"
    " entity string, counter string, granularity string",
    "cities": "institution string, entity_id int64, sub_item string, sub_item_id string,"
    " period string, period_start date32[day], period_end date32[day], country string,"
    " city string, value int64, harvested_at timestamp[us, tz=UTC], request_id string,"
    " entity string, counter string, granularity string",
    "top": "institution string, entity_id int64, sub_item string, window_start date32[day],"
    " window_end date32[day], snapshot date32[day], rank int32, key string, value int64,"
    " harvested_at timestamp[us, tz=UTC], request_id string, entity string, counter string",
    "counts": "institution string, group_id int64, articles int64, snapshot date32[day],"
    " harvested_at timestamp[us, tz=UTC], request_id string",
    "entities": "entity_id int64, title string, doi string, defined_type_name string,"
    " group_id int64, parent_id int64, published_date date32[day], first_online date32[day],"
    " url string, source string, last_listed date32[day], is_listed bool,"
    " harvested_at timestamp[us, tz=UTC], entity string",
    "responses": "request_id string, url string, http_status int32, content_type string,"
    " fetched_at timestamp[us, tz=UTC], sha256 string, body binary",
}


def job_of(tmp_path: Path, service: Figshare, *, ids: list[int]) -> Job:
    period = {"start": "2015-01-01", "end": "yesterday"}
    return Job(
        tmp_path,
        {
            "name": "read",
            "source": {"stats_url": service.url, "api_url": f"{service.url}/v2"},
            "entities": {"article": {"ids": ids}, "group": {"ids": [999_999_937]}},
            "dimensions": [
                {"endpoint": "total", "entities": ["article"], "counters": ["views"]},
                {"endpoint": "count"},
                {
                    "endpoint": "top",
                    "entities": ["group"],
                    "counters": ["shares"],
                    "sub_item": "referral",
                    "period": period,
                },
                {
                    "endpoint": "timeline",
                    "entities": ["article"],
                    "counters": ["views"],
                    "granularities": ["day"],
                    "period": period,
                },
                {
                    "endpoint": "breakdown",
                    "entities": ["article"],
                    "counters": ["views"],
                    "granularities": ["year"],
                    "period": period,
                },
            ],
            "limits": {"requests_per_second": "unlimited"},
        },
    )


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Job]]:
    """One job with rows, one whose every answer is empty."""
    folder = tmp_path_factory.mktemp("full")
    with figshare(folder, world()) as service:
        full = job_of(folder, service, ids=service.truth.ids("article")[:10])
        empty = job_of(tmp_path_factory.mktemp("empty"), service, ids=[999_999_937])
        full.run("--today", FIRST.isoformat())
        empty.run("--today", FIRST.isoformat())
        yield {"full": full, "empty": empty}


def rows_by_duckdb(folder: Path) -> int:
    found = duckdb.sql(f"from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    assert found is not None
    return len(found.fetchall())


def rows_by_pyarrow(folder: Path) -> int:
    table: pa.Table = ds.dataset(folder, partitioning="hive").to_table()
    return len(table)


def rows_by_pandas(folder: Path) -> int:
    return len(pd.read_parquet(folder))


def rows_by_polars(folder: Path) -> int:
    return pl.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=True).collect().height


@pytest.mark.parametrize("dataset", TYPES)
@pytest.mark.parametrize("which", ["full", "empty"])
def test_four_readers_see_the_same_rows_in_every_dataset(
    outputs: dict[str, Job], which: str, dataset: str
) -> None:
    folder = outputs[which].output / dataset

    found = {
        rows_by_duckdb(folder),
        rows_by_pyarrow(folder),
        rows_by_pandas(folder),
        rows_by_polars(folder),
    }

    assert len(found) == 1
    # An unknown item counts 0, an unknown group 0 articles: answers, and so rows.
    without = {"top"} if which == "full" else {"top", "timeline", "countries", "cities"}
    assert (found == {0}) == (dataset in without)


def test_four_readers_agree_on_a_listing_of_nothing(tmp_path: Path) -> None:
    with figshare(tmp_path, world()) as service:
        nothing = {"article": {"discover": {"group": 999_999_937}}}
        job = job_of(tmp_path, service, ids=[1])
        spec = {**job.spec, "entities": nothing, "dimensions": job.spec["dimensions"][:1]}
        spec["source"]["institution_id"] = 2
        job.write(spec)
        job.run("--today", FIRST.isoformat())
    folder = job.output / "entities"
    readers = (rows_by_duckdb, rows_by_pyarrow, rows_by_pandas, rows_by_polars)
    assert [rows(folder) for rows in readers] == [0, 0, 0, 0]
    assert [str(each.relative_to(folder)) for each in folder.rglob("*.parquet")] == [
        "entity=article/entities.parquet"
    ]


@pytest.mark.parametrize("which", ["full", "empty"])
def test_python_reads_declared_types(outputs: dict[str, Job], which: str) -> None:
    output = harvester.open(outputs[which].output)

    for dataset, types in TYPES.items():
        schema: pa.Schema = getattr(output, dataset).schema
        assert ", ".join(f"{field.name} {field.type}" for field in schema) == types
        table = getattr(output, dataset).to_table()
        assert table.schema.remove_metadata() == schema.remove_metadata()


def test_files_hold_declared_types_without_the_partition_keys(outputs: dict[str, Job]) -> None:
    for dataset, types in TYPES.items():
        for path in (outputs["full"].output / dataset).rglob("*.parquet"):
            schema = ds.dataset(path).schema
            text = ", ".join(f"{field.name} {field.type}" for field in schema)
            assert types.startswith(text)
            assert "entity string" not in text


def test_sql_joins_datasets(outputs: dict[str, Job]) -> None:
    output = harvester.open(outputs["full"].output)

    rows = output.sql(
        "select entity_id, t.value, sum(d.value) from totals t join timeline d using"
        " (entity, entity_id, counter) group by all order by 1"
    ).fetchall()

    assert len(rows) == 10
    assert all(total >= days for _, total, days in rows)


def test_a_dataset_that_was_not_asked_for_says_so(outputs: dict[str, Job], tmp_path: Path) -> None:
    (tmp_path / "job" / "_harvest").mkdir(parents=True)
    with pytest.raises(OutputError, match="this job has no timeline"):
        _ = harvester.open(tmp_path / "job").timeline
    with pytest.raises(OutputError, match="not the output of a job"):
        harvester.open(tmp_path)
    assert outputs


def test_nothing_but_the_owner_reads_the_folder(outputs: dict[str, Job]) -> None:
    root = outputs["full"].output
    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / "_harvest" / "ledger.sqlite").stat().st_mode & 0o777 == 0o600
    above = [
        path for path in root.glob("*/*.parquet") if path.parent.name in {"totals", "timeline"}
    ]
    assert above == []
