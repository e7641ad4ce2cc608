"""The rate that is kept, by our send times and by the server's own log."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import ExitStack

from .found import Found, at_least, at_most
from .stage import Ended, folder, host, start, write_job

# Requests a second, and for how many seconds.
SLOW = ((1, 60), (20, 60))
MEDIUM = ((100, 60),)
FAST = ((1000, 30),)
LATENCY_SECONDS = 0.02
LEAST_SHARE = 0.98


def pace() -> Iterator[Found]:
    """The slow ones beside each other, each on a host of its own; then the others alone."""
    yield from _measured(SLOW)
    yield from _measured(MEDIUM)
    yield from _measured(FAST)


def _measured(paces: tuple[tuple[int, int], ...]) -> Iterator[Found]:
    with ExitStack() as stack:
        running = []
        for rate, seconds in paces:
            served = stack.enter_context(host(LATENCY_SECONDS))
            beside = stack.enter_context(folder())
            totals = {"endpoint": "total", "counters": ["views"]}
            # One more than R a second: the last one ends the last second.
            ids = range(1, rate * seconds + 2)
            job = write_job(
                beside, served.url, ids, [totals], requests_per_second=rate, concurrency=100
            )
            running.append((rate, served, start(beside, "harvester", "run", str(job))))
        for rate, served, started in running:
            ended = started.ended()
            yield from _judged(rate, ended, sorted(served.arrivals()))


def _judged(rate: int, ended: Ended, arrivals: list[float]) -> Iterator[Found]:
    lasted = arrivals[-1] - arrivals[0]
    name = f"{rate} a second for {lasted:.1f} s"
    yield at_most(f"{name}, most sent in a second", _busiest_by_sends(ended), rate)
    slack = max(1, rate // 100)
    most = most_in_a_second(arrivals)
    yield at_most(f"{name}, most in a second of the server's log", most, rate + slack)
    sustained = (len(arrivals) - 1) / lasted / rate
    yield at_least(f"{name}, share of the rate sustained", sustained, LEAST_SHARE)


def most_in_a_second(moments: list[float]) -> int:
    """The highest number in any half-open second; moments ascending."""
    return max(bisect_left(moments, moment + 1.0) - index for index, moment in enumerate(moments))


def _busiest_by_sends(ended: Ended) -> int:
    """The run's own tally of send times, as its summary prints it."""
    said = re.search(r"([0-9]+) in the busiest second", ended.stderr)
    assert said, ended.stderr
    return int(said[1])
