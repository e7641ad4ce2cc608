"""A job harvested three months running, to be copied and damaged; and what `verify` says of it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from harvester.model.rows import Dataset
from harvester.store.dataset import Output
from harvester.store.folder import JobFolder
from harvester.verify.finding import Severity
from harvester.verify.verifier import verified
from tests.support.command_line import Figshare, Job, Spec

MONTHS = [date(2026, 5, 5), date(2026, 6, 5), date(2026, 7, 5)]
STATISTICS = [
    Dataset.TOTALS,
    Dataset.TIMELINE,
    Dataset.COUNTRIES,
    Dataset.CITIES,
    Dataset.TOP,
    Dataset.COUNTS,
]


def archive_spec(service: Figshare) -> Spec:
    """Every endpoint, few entities, periods that are open at each run."""
    period = {"start": "2024-02-11", "end": "yesterday"}
    return {
        "name": "archive",
        "source": {
            "stats_url": service.url,
            "api_url": f"{service.url}/v2",
            "institution": "demo",
            "credentials": {"env": "STATS"},
        },
        "entities": {
            "article": {"ids": service.truth.ids("article")[:8]},
            "group": {"ids": service.truth.ids("group")[:2]},
        },
        "dimensions": [
            {"endpoint": "total", "counters": ["views", "downloads"]},
            {"endpoint": "count"},
            {"endpoint": "top", "entities": ["article"], "counters": ["views"], "count": 30},
            {
                "endpoint": "top",
                "entities": ["group"],
                "counters": ["views"],
                "sub_item": "referral",
                "period": {"start": "2026-01-01", "end": "last-month"},
            },
            {
                "endpoint": "timeline",
                "counters": ["views"],
                "granularities": ["day", "month", "year", "total"],
                "period": period,
            },
            {
                "endpoint": "timeline",
                "entities": ["group"],
                "counters": ["views"],
                "granularities": ["month"],
                "period": period,
                "filter": {"sub_item": "item_type", "sub_item_ids": ["dataset", "figure"]},
            },
            {
                "endpoint": "breakdown",
                "entities": ["group"],
                "counters": ["views"],
                "granularities": ["month", "total"],
                "period": period,
            },
        ],
        "limits": {"requests_per_second": "unlimited"},
    }


def harvest(job: Job, service: Figshare, days: list[date]) -> None:
    """Run the job on each of these days."""
    job.environment["STATS"] = "stats:secret"
    for day in days:
        service.change(today=day.isoformat())
        job.run("--today", day.isoformat())


@dataclass
class Copy:
    """A copy of a harvested job's folder, for one test to spoil."""

    job: Job

    @classmethod
    def of(cls, job: Job, folder: Path) -> Copy:
        shutil.copytree(job.output, folder / "output" / "archive")
        copied = Job(folder, job.spec)
        copied.environment = job.environment
        return cls(copied)

    @property
    def root(self) -> Path:
        return Path(self.job.output)

    @property
    def ledger(self) -> Path:
        return self.root / "_harvest" / "ledger.sqlite"

    def part(self, dataset: str, *, number: int = -1) -> Path:
        """A part of a dataset that holds rows; the last written one unless told otherwise."""
        found = [
            path
            for path in sorted((self.root / dataset).rglob("*.parquet"))
            if pq.read_metadata(path).num_rows
        ]
        chosen: Path = found[number]
        return chosen

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def sql(self, statement: str) -> None:
        """Change the ledger by hand."""
        with closing(sqlite3.connect(self.ledger)) as db:
            assert db.execute(statement).rowcount > 0
            db.commit()

    def verify(self, *words: str, expect: int = 1) -> dict[str, Any]:
        """`harvester verify --json`, which must end with this exit code."""
        ended = self.job.call("verify", "output/archive", "--json", *words)
        assert ended.returncode == expect, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        said: dict[str, Any] = json.loads(ended.stdout)
        return said

    def found(self) -> set[tuple[str, str, str]]:
        """(severity, check, where) of every finding that is no mere information.

        Asked of Python: a process of its own costs a second.
        """
        return {
            (each.severity.value, each.check, each.where)
            for each in verified(JobFolder(self.root)).findings
            if each.severity is not Severity.INFORMATION
        }


def rows_of(root: Path) -> dict[str, list[dict[str, Any]]]:
    """Every statistics dataset, whole, in an order of its own."""
    output = Output(root)
    found = {}
    for dataset in STATISTICS:
        if dataset in output.names:
            table = output.dataset(dataset).to_table()
            order = [(name, "ascending") for name in table.column_names]
            found[dataset.value] = table.sort_by(order).to_pylist()
    return found


def bytes_of(root: Path) -> dict[str, bytes]:
    """Every data file, whole."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*.parquet"))
    }


def rewrite(path: Path, table: pa.Table) -> None:
    """Put other rows into a file, as somebody's script would."""
    pq.write_table(table, path)
