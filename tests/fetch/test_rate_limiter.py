"""The pace: never above the rate, cut once a burst, back slowly."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.clock import SystemClock
from harvester.fetch.fetch_settings import PolitenessPolicy
from harvester.fetch.rate_limiter import AdaptiveRate, RateLimiter, bucket
from harvester.fetch.retry import is_short_of_budget
from harvester.fetch.tally import Tally
from tests.fetch.support_fetch import FINE, FakeClock, Harvest, serving, totals


class VirtualLoopTime:
    """aiolimiter's own arithmetic, run on a time that jumps from one grant to the next."""

    def __init__(self, per_second: float) -> None:
        limiter = bucket(per_second)
        self.size = limiter.max_rate
        self.leak = limiter.max_rate / limiter.time_period

    def grants(self, count: int) -> list[float]:
        now = level = 0.0
        times = []
        for _ in range(count):
            if level + 1 > self.size:
                now += (level + 1 - self.size) / self.leak
                level = self.size - 1
            level += 1
            times.append(now)
        return times


@pytest.mark.parametrize("rate", [0.1, 0.5, 1, 2, 7, 20, 21, 50, 100, 999, 1000, 5000])
def test_no_second_ever_holds_more_than_the_rate(rate: float) -> None:
    """Also where all are in a hurry and no wake-up is late: the worst case of a bucket."""
    times = VirtualLoopTime(rate).grants(int(3 * rate) + 5)
    most = max(1, int(rate))

    assert all(later - first > 1 for first, later in zip(times, times[most:], strict=False))
    sustained = (len(times) - 1) / times[-1]
    assert 0.99 * rate <= sustained <= 1.002 * rate or rate < 1


async def test_a_changed_pace_begins_with_a_full_wait() -> None:
    ceiling = AdaptiveRate(50.0, PolitenessPolicy())
    pace, loop = RateLimiter(ceiling), asyncio.get_running_loop()
    times = []
    for number in range(4):
        if number == 2:
            pace.cut(0.0)
        await pace.take(0.0)
        times.append(loop.time())

    gaps = [later - first for first, later in pairwise(times)]
    assert gaps[1] >= 0.9 / (50 * 0.7)


def test_a_cut_comes_back_slowly_and_never_above_the_rate() -> None:
    ceiling = AdaptiveRate(10.0, PolitenessPolicy())
    ceiling.cut(1000.0)

    assert ceiling.rate(1000.0) == pytest.approx(7.0)
    assert ceiling.rate(1059.9) == pytest.approx(7.0)
    assert ceiling.rate(1060.0) == pytest.approx(7.5)
    assert ceiling.rate(1e9) == 10.0


@given(
    moments=st.lists(st.tuples(st.floats(0, 200), st.booleans()), max_size=50),
    per_second=st.floats(0.01, 5000),
)
def test_a_ceiling_stays_between_a_tenth_and_the_whole_of_its_rate(
    moments: list[tuple[float, bool]], per_second: float
) -> None:
    ceiling, now = AdaptiveRate(per_second, PolitenessPolicy()), 0.0
    for passing, is_cut in moments:
        now += passing
        if is_cut:
            ceiling.cut(now)
        assert 0.0999 * per_second <= ceiling.rate(now) <= per_second
    if (whole_at := ceiling.whole_at(now)) is not None:
        assert whole_at > now
        assert ceiling.rate(whole_at - 0.001) < per_second
        assert ceiling.rate(whole_at + 0.001) == pytest.approx(per_second)


def test_retries_beyond_their_share_of_first_attempts_are_short_of_budget() -> None:
    politeness = PolitenessPolicy(free_retries=10, retry_share=0.1)

    assert not is_short_of_budget(Tally(first_attempts=100, retries=20), politeness)
    assert is_short_of_budget(Tally(first_attempts=100, retries=21), politeness)


def test_the_tally_counts_the_fullest_second() -> None:
    tally = Tally()
    for moment in (0.0, 0.5, 0.9, 1.0, 1.4, 5.0):
        tally.send(moment)

    assert tally.most_in_a_second == 4
    assert tally.mean_per_second == 1.0


async def test_sends_are_paced_and_in_order() -> None:
    """Real time, for once: a fifth of a second at 50 a second."""

    class MixedClock(FakeClock):
        def monotonic(self) -> float:
            return SystemClock().monotonic()

    async with serving(FINE) as service:
        harvest = Harvest(MixedClock())
        await harvest.run(service.url, totals(1, 11), requests_per_second=50, concurrency=11)

    assert service.paths == [f"/total/views/article/{number}" for number in range(1, 12)]
    assert harvest.host is not None
    # The bucket's catch-up of 5 ms shows in so short a time.
    assert 40 <= harvest.host.tally.mean_per_second <= 51.3
