"""One simulator, and the same job on it twice: asking all, and asking only what is needed.

All in one process, so that a hundred small worlds are a matter of seconds.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import harvester
from harvester.harvest.result import RunResult
from harvester.job.options import RunOptions
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.server import Simulator, serving
from harvester.simulator.truth import Truth

Spec = dict[str, Any]
Row = tuple[Any, ...]

DATASETS = ("totals", "timeline", "countries", "cities", "top", "counts")
# What may differ between asking all and asking what is needed.
_ASKED_HOW = {"origin", "harvested_at", "request_id"}


@dataclass(slots=True)
class Side:
    """A job in a folder of its own."""

    folder: Path
    spec: Spec
    simulator: Simulator

    @property
    def output(self) -> Path:
        return self.folder / "output" / str(self.spec["name"])

    def write(self) -> Path:
        """The spec, written anew; JSON is YAML."""
        path = self.folder / "job.yaml"
        path.write_text(json.dumps(self.spec), encoding="utf-8")
        return path

    async def run(self, today: date, **options: Any) -> RunResult:
        job = harvester.load_job(self.write(), today=today)
        return await harvester.run_async(job, RunOptions(today=today, **options))

    async def sent(self, today: date, **options: Any) -> tuple[RunResult, list[str]]:
        """A run, and what statistics it asked: path and query of each request, in order."""
        before = len(self.simulator.history)
        result = await self.run(today, **options)
        asked = [entry.target for entry in list(self.simulator.history)[before:]]
        return result, [each for each in asked if not each.startswith("/v2/")]

    def plan(self, today: date) -> Any:
        return harvester.plan(harvester.load_job(self.write(), today=today), today=today)

    def table(self, dataset: str) -> pa.Table:
        """A dataset, whole, with its partition keys as columns."""
        parts = []
        for path in sorted((self.output / dataset).rglob("*.parquet")):
            part = pq.ParquetFile(path).read()
            for key in path.relative_to(self.output / dataset).parts[:-1]:
                name, _, value = key.partition("=")
                part = part.append_column(name, pa.array([value] * part.num_rows, pa.string()))
            parts.append(part)
        return pa.concat_tables(parts) if parts else pa.table({})

    def rows(self, dataset: str, *columns: str) -> list[Row]:
        """Some columns of a dataset, sorted."""
        table = self.table(dataset)
        if not table.num_columns:
            return []
        return sorted(zip(*(table.column(each).to_pylist() for each in columns), strict=True),
                      key=repr)  # fmt: skip

    def facts(self, dataset: str) -> list[Row]:
        """All of a dataset that does not depend on how it was asked for."""
        names = [n for n in self.table(dataset).column_names if n not in _ASKED_HOW]
        return self.rows(dataset, *sorted(names))


@dataclass(slots=True)
class Sides:
    """The same job twice, each on a simulator of its own."""

    all_asked: Side
    thrifty: Side

    @property
    def truth(self) -> Truth:
        return self.thrifty.simulator.truth

    def change(self, **settings: Any) -> None:
        """Go on with some settings of both simulators replaced."""
        for each in (self.all_asked.simulator, self.thrifty.simulator):
            each.reconfigure(replace(each.config, **settings))

    async def run(self, today: date, **settings: Any) -> tuple[list[str], list[str]]:
        """Both jobs on a day; what each asked: (all, what was needed)."""
        self.change(today=today, **settings)
        naive, asked = await self.all_asked.sent(today)
        thrifty, needed = await self.thrifty.sent(today)
        assert naive.exit_code == 0, naive
        assert thrifty.exit_code == 0, thrifty
        return asked, needed

    def assert_same(self, datasets: tuple[str, ...] = DATASETS) -> None:
        """Row for row the same data."""
        for dataset in datasets:
            wanted, found = self.all_asked.facts(dataset), self.thrifty.facts(dataset)
            twice = (
                {each for each in found if found.count(each) > 1}
                if len(found) > len(set(found))
                else set()
            )
            assert not twice, (dataset, _few(twice))
            much, little = set(found) - set(wanted), set(wanted) - set(found)
            assert (much, little) == (set(), set()), (dataset, _few(much), _few(little))


def _few(rows: set[Row]) -> list[Row]:
    return sorted(rows, key=repr)[:3]


@asynccontextmanager
async def sides(folder: Path, config: SimulatorConfig, spec: Spec) -> AsyncIterator[Sides]:
    """Serve the same world to two jobs. `spec` lacks name, hosts and output.

    Whoever asks all is answered whole: a service that cuts long timelines would leave him less.
    """
    whole = replace(config, quirks=replace(config.quirks, timeline_is_limited=False))
    async with serving(whole) as one, serving(config) as other:
        yield Sides(
            side(folder / "all", one, with_planner(spec, skip_unneeded=False)),
            side(folder / "needed", other, spec),
        )


def side(folder: Path, simulator: Simulator, spec: Spec) -> Side:
    """A job on a running simulator."""
    folder.mkdir(parents=True, exist_ok=True)
    source = {"stats_url": simulator.url, "api_url": simulator.api_url, **spec.get("source", {})}
    if "institution" in source:
        secret = folder / "credentials.txt"
        secret.write_text("stats:secret", encoding="utf-8")
        secret.chmod(0o600)
        source["credentials"] = {"file": str(secret)}
    whole = {
        "name": "job",
        **spec,
        "source": source,
        "limits": {"requests_per_second": "unlimited"},
        "output": {"path": str(folder / "output")},
    }
    return Side(folder, whole, simulator)


def with_planner(spec: Spec, **planner: Any) -> Spec:
    """The spec with some of its planner's settings replaced."""
    kept = {key: on for key, on in spec.get("planner", {}).items() if key == "settle_days"}
    return {**spec, "planner": {**kept, **planner}}


def ids(truth: Truth, **numbers: int) -> Iterator[tuple[str, Spec]]:
    """So many ids of each kind, and one that nobody knows."""
    for kind, number in numbers.items():
        yield kind, {"ids": [*truth.ids(kind)[:number], 999_999_937]}


def unaccounted(side: Side, run_id: str, sent: list[str]) -> list[str]:
    """What requests/ of a run says wrongly: an id or a day twice, a day left out, one too many.

    Args:
        sent: path and query of every request that the run sent.
    """
    wrong = []
    names = ("request_id", "run_id", "state", "reason", "proof", "url", "endpoint", "granularity",
             "counter", "entity", "entity_id", "sub_item", "sub_item_id", "window_start",
             "window_end", "rows")  # fmt: skip
    lines = [dict(zip(names, row, strict=True)) for row in side.rows("requests", *names)]
    lines = [line for line in lines if line["run_id"] == run_id]
    ids = [line["request_id"] for line in lines]
    wrong += [f"{each} twice" for each in sorted({i for i in ids if ids.count(i) > 1})]
    asked = [line for line in lines if line["state"] != "not_needed"]
    urls = sorted(line["url"] for line in asked)
    if urls != sorted(side.simulator.url + each for each in sent):
        wrong.append(f"{len(urls)} urls, {len(sent)} sent")
    for line in lines:
        needed = line["state"] != "not_needed"
        if needed is bool(line["reason"]) or needed is bool(line["proof"]):
            wrong.append(f"{line['request_id']}: {line['state']}, {line['reason']}")
    days: dict[Row, list[tuple[date, date, bool]]] = {}
    for line in lines:
        if line["endpoint"] in {"timeline", "breakdown"}:
            key = tuple(line[name] for name in names[6:13])
            stretch = (line["window_start"], line["window_end"], line["state"] == "not_needed")
            days.setdefault(key, []).append(stretch)
    for key, stretches in days.items():
        ordered = sorted(stretches)
        for (first, last, spared), (later, _, later_spared) in pairwise(ordered):
            if later <= last and (spared or later_spared):
                wrong.append(f"{key}: {first}..{last} and {later} overlap")
    return wrong
