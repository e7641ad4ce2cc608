"""Whatever body arrives is read as what it says, or refused: a bounded fuzz run of all readers."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.support_hostile_bodies import LISTINGS, REQUESTS, bodies, outcome

QUICK, ALL = 10_000, 1_000_000


def fuzzed(seed: int, number: int) -> Counter[tuple[int, str]]:
    found: Counter[tuple[int, str]] = Counter()
    for which, body in bodies(seed, number):
        found[which, outcome(which, body)] += 1
    return found


def check(found: Counter[tuple[int, str]], number: int) -> None:
    """Both happen to every reader, often enough that it means something."""
    assert found.total() == number
    for which in range(len(REQUESTS) + len(LISTINGS) + 1):
        for word in ("read", "refused"):
            assert found[which, word] > number / 1000, (which, word)


def test_hostile_bodies_are_read_or_refused() -> None:
    check(fuzzed(2026, QUICK), QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_million_hostile_bodies_are_read_or_refused(seed: int) -> None:
    """A tenth of the million each."""
    check(fuzzed(seed, ALL // 10), ALL // 10)
