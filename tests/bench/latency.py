"""10,000 totals at 50 ms and concurrency 50: how much slower than the least that can be done?"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from .found import Found, at_most
from .pool import WORKERS
from .stage import Ended, Host, folder, host, start, write_job

REQUESTS = 10_000
LATENCY_SECONDS = 0.05
MOST = 1.15


def latency(rounds: int) -> Iterator[Found]:
    least = REQUESTS * LATENCY_SECONDS / WORKERS
    bare: list[Ended] = []
    command: list[Ended] = []
    bare_inside: list[float] = []
    inside: list[float] = []
    with host(LATENCY_SECONDS) as served:
        for _ in range(rounds):
            bare.append(_bare(served))
            bare_inside.append(float(bare[-1].stdout))
            command.append(_harvest(served, "harvester", "run"))
            inside.append(float(_harvest(served, "tests.bench.inside").stdout))
    yield Found("requests x latency / concurrency", f"{least:g} s")
    yield _seconds("bare pool, whole process", [each.seconds for each in bare])
    yield _seconds("bare pool, after imports", bare_inside)
    yield _seconds("`harvester run`, whole process", [each.seconds for each in command])
    yield _seconds("`run_async`, after imports", inside)
    yield _seconds("CPU of `harvester run`", [each.cpu_seconds for each in command])
    yield _seconds("CPU of the bare pool", [each.cpu_seconds for each in bare])
    whole = _ratio([each.seconds for each in command], [each.seconds for each in bare])
    yield at_most("whole process over whole process of the bare pool", whole, MOST)
    strict = _ratio([each.seconds for each in command], bare_inside)
    yield at_most("whole process over the bare pool after its imports", strict, MOST)
    yield at_most(
        "`run_async` over the bare pool, after imports", _ratio(inside, bare_inside), MOST
    )
    over_least = median(each.seconds for each in command) / least
    yield Found("whole process over requests x latency / concurrency", f"{over_least:.4g}")
    yield Found("`run_async` over the same", f"{median(inside) / least:.4g}")


def _bare(served: Host) -> Ended:
    with folder() as beside:
        return start(beside, "tests.bench.pool", served.url, str(REQUESTS)).ended()


def _harvest(served: Host, *words: str) -> Ended:
    with folder() as beside:
        totals = {"endpoint": "total", "counters": ["views"]}
        job = write_job(beside, served.url, range(1, REQUESTS + 1), [totals], concurrency=WORKERS)
        return start(beside, *words, str(job)).ended()


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """The median over the rounds, each against its neighbour."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def _seconds(what: str, seconds: list[float]) -> Found:
    spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
    return Found(what, f"{median(seconds):.2f} s (of {len(seconds)}: {spread})")
