"""What it costs that a later run asks a timeline over all of its days, and not its open ones alone.

The reference job of `savings` with fewer articles and without rankings: ten years by day, the next
run a month after the first. What asking only the open days would have brought is computed from the
answers: the same requests, each with a shorter window. In this world nothing is restated.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import anyio
import duckdb
import orjson

import harvester
from harvester.job.options import RunOptions
from harvester.model.dates import Window
from harvester.model.question import Question
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Granularity, Kind
from harvester.parse import parse
from harvester.simulator.config import SimulatorConfig
from harvester.simulator.server import serving

from .found import Found, at_most, row
from .savings import BEGIN, FIRST, NEXT, job_spec

ARTICLES = 300
# The last day that the first run found settled (settle_days: 3) is the fourth before it.
OPEN_FROM = FIRST - timedelta(days=3)
TABLE = "a month later, timelines"
# From then on a tenth of the articles is active in any month; or all of them always.
WORLDS = (("a tenth active", date(2026, 7, 1)), ("all active", None))
Asked = tuple[str, int, date, date, bytes]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to timelines, in bytes, and how long it takes to read them."""

    requests: int
    plain: int
    packed: int
    sent: int
    seconds: float

    def row(self, what: str) -> Found:
        cells = {
            "requests": self.requests,
            "kB plain": self.plain / 1e3,
            "kB gzip": self.packed / 1e3,
            "kB as sent": self.sent / 1e3,
            "B as sent a request": self.sent / self.requests,
            "s to read": self.seconds,
        }
        return row(TABLE, what, cells)


def whole_timelines() -> Iterator[Found]:
    for name, quiet_from in WORLDS:
        asked, again, sent, seconds = anyio.run(_later_run, quiet_from)
        whole, of_open_days = _answers(asked), _answers([_only_open(each) for each in asked])
        yield whole.row(f"{name}, asked whole")
        yield of_open_days.row(f"{name}, open days only")
        yield at_most(f"{name}: requests over open days only", sent / (sent - again), 1.0)
        as_sent, packed = whole.sent / of_open_days.sent, whole.packed / of_open_days.packed
        yield Found(f"{name}: bytes over open days only", f"{as_sent:.1f}, all gzip {packed:.1f}")
        yield Found(
            f"{name}: the run, all endpoints",
            f"{sent:,} requests, {sent / 60:.0f} min at 1 a second; {seconds:.1f} s at any rate",
        )


async def _later_run(quiet_from: date | None) -> tuple[list[Asked], int, int, float]:
    """A run a month after the first.

    Returns:
        (timelines with their bodies, breakdowns of settled months, all requests, seconds).
    """
    config = SimulatorConfig(
        articles=ARTICLES,
        today=FIRST,
        first_from=BEGIN,
        first_until=date(2026, 5, 31),
        quiet_from=quiet_from,
    )
    with tempfile.TemporaryDirectory(prefix="harvester-bench-") as beside:
        async with serving(config) as service:
            path = Path(beside) / "job.yaml"
            ids = service.truth.ids("article")
            path.write_text(json.dumps(job_spec(service.url, ids, {}, beside)), encoding="utf-8")
            for today in (FIRST, NEXT):
                service.reconfigure(replace(config, today=today))
                job = harvester.load_job(path, today=today)
                began = perf_counter()
                result = await harvester.run_async(job, RunOptions(today=today))
                seconds = perf_counter() - began
        output = Path(beside) / "output" / "reference"
        return _timelines(output), _asked_again(output), result.tally.sent, seconds


def _asked_of(output: Path) -> str:
    chosen = f"run_id = '{NEXT}.1' AND state IN ('done', 'empty')"
    return f"(SELECT * FROM '{output}/requests/*.parquet' WHERE {chosen})"


def _timelines(output: Path) -> list[Asked]:
    return duckdb.execute(
        "SELECT counter, entity_id, window_start, window_end, body"
        f" FROM {_asked_of(output)} JOIN '{output}/responses/*.parquet' USING (request_id)"
        " WHERE endpoint = 'timeline' AND granularity = 'day' ORDER BY ALL"
    ).fetchall()


def _asked_again(output: Path) -> int:
    """Breakdowns of months that the first run had settled."""
    (number,) = duckdb.execute(
        f"SELECT count(*) FROM {_asked_of(output)}"
        f" WHERE endpoint = 'breakdown' AND window_end < DATE '{OPEN_FROM}'"
    ).fetchall()[0]
    return int(number)


def _only_open(asked: Asked) -> Asked:
    counter, entity, _, last, body = asked
    days = orjson.loads(body)["timeline"] or {}
    kept = {day: count for day, count in days.items() if day >= OPEN_FROM.isoformat()}
    return counter, entity, OPEN_FROM, last, orjson.dumps({"timeline": kept or None})


def _answers(asked: Sequence[Asked]) -> Answers:
    bodies = [body for *_, body in asked]
    packed = [len(gzip.compress(body, 1, mtime=0)) for body in bodies]
    least = SimulatorConfig().gzip_from_bytes
    # The simulator sends long bodies packed, and short ones as they are.
    sent = [
        small if len(body) >= least else len(body)
        for body, small in zip(bodies, packed, strict=True)
    ]
    began = perf_counter()
    for counter, entity, first, last, body in asked:
        question = Question(Endpoint.TIMELINE, Kind.ARTICLE, Counter(counter), Granularity.DAY)
        parse(Request(question, entity, Window(first, last)), body)
    seconds = perf_counter() - began
    return Answers(len(bodies), sum(map(len, bodies)), sum(packed), sum(sent), seconds)
