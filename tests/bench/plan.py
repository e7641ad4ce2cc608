"""`harvester plan` of a million requests at most: 20,000 ids in YAML, 50 requests each."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from .found import Found, at_most
from .stage import folder, start

IDS = 20_000
REQUESTS = 1_000_000
MOST_SECONDS = 2.0
MOST_SECONDS_FOR_HELP = 0.3
ROUNDS = 5

# For each id 3 totals; 12 and 9 timelines; breakdowns in 9 windows by day, 6 by month, 3 by year,
# 8 by calendar year: 50 requests.
SPEC = """\
name: bench
dimensions:
  - endpoint: total
    counters: [views, downloads, shares]
  - endpoint: timeline
    counters: [views, downloads, shares]
    granularities: [day, month, year, total]
    period: {start: 2015-01-01, end: 2018-12-31}
  - endpoint: timeline
    counters: [views, downloads, shares]
    granularities: [day, month, year]
    period: {start: 2020-01-01, end: 2023-12-31}
  - endpoint: breakdown
    counters: [views, downloads, shares]
    granularities: [day]
    period: {start: 2020-01-01, end: 2022-12-31}
  - endpoint: breakdown
    counters: [views, downloads, shares]
    granularities: [month, year]
    period: {start: 2020-01-01, end: 2023-12-31}
  - endpoint: breakdown
    counters: [views, downloads]
    granularities: [total]
    period: {start: 2020-01-01, end: 2023-12-31}
"""


def plan() -> Iterator[Found]:
    ids = "".join(f"      - {10_000_000 + 37 * number}\n" for number in range(IDS))
    with folder() as beside:
        job = beside / "job.yaml"
        job.write_text(f"{SPEC}entities:\n  article:\n    ids:\n{ids}", encoding="utf-8")
        ends = [start(beside, "harvester", "plan", str(job)).ended() for _ in range(ROUNDS)]
    assert f" to {REQUESTS:,} requests" in ends[0].stdout, ends[0].stdout
    seconds = [each.seconds for each in ends]
    what = f"plan of {REQUESTS:,} requests from {IDS:,} ids in YAML, median of {ROUNDS}"
    yield at_most(what, median(seconds), MOST_SECONDS, " s")
    yield Found("fastest and slowest", f"{min(seconds):.2f} s, {max(seconds):.2f} s")
    yield Found("peak memory", f"{max(each.peak_bytes for each in ends) / 1e6:.0f} MB")
    with folder() as beside:
        helps = [start(beside, "harvester", "--help").ended().seconds for _ in range(ROUNDS)]
    yield at_most("`harvester --help`", median(helps), MOST_SECONDS_FOR_HELP, " s")
