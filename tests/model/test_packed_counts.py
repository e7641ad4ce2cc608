"""Counts by key, packed and read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.packed_counts import pack_counts, unpack_counts

numbers = st.integers(-(2**62), 2**62 - 1)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({7: 0}, {}, id="a zero is left out"),
        pytest.param({20_000: 3, 5: 1, 19_999: 2}, {5: 1, 19_999: 2, 20_000: 3}, id="by key"),
        pytest.param({-1: 4, 0: 2, 1: 1}, {-1: 4, 0: 2, 1: 1}, id="before 1970"),
        pytest.param({2**40: 2**40}, {2**40: 2**40}, id="an id and a count beyond 32 bits"),
        pytest.param({1: -2}, {1: -2}, id="a count below zero is kept for whoever judges it"),
    ],
)
def test_packed_counts_come_back_sorted(counts: dict[int, int], expected: dict[int, int]) -> None:
    found = unpack_counts(pack_counts(counts))

    assert found == expected
    assert list(found) == sorted(found)


@given(st.dictionaries(numbers, numbers, max_size=50))
def test_any_packed_counts_come_back_without_their_zeros(counts: dict[int, int]) -> None:
    found = unpack_counts(pack_counts(counts))

    assert found == {key: value for key, value in counts.items() if value}
    assert list(found) == sorted(found)


def test_a_thousand_days_take_little_space() -> None:
    """What an eight-byte key and count would take is sixteen bytes a day."""
    assert len(pack_counts({20_000 + day: day % 5 + 1 for day in range(1_000)})) < 2_000
