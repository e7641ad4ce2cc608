"""What `make test` leaves to `make test-all`: rows of tables, and most examples of properties.

Which of the two is running says `-m`: pytest's default leaves tests marked `thorough` out. Whoever
takes them in, as `make test-all` and the soak do, gets all examples of all properties, too. That is
decided in `tests/conftest.py`, by the profile of Hypothesis that it loads, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

# Hypothesis's own number; the profile `few` has a smaller one.
WHOLE = 100
FEW = 20


def is_thorough() -> bool:
    """Whether everything is tried."""
    return settings().max_examples >= WHOLE


def examples(number: int) -> int:
    """So many examples of a property in `make test-all`, and the profile's share in `make test`."""
    return max(1, number * settings().max_examples // WHOLE)


def few_of(rows: Iterable[Any], *quick: Any) -> list[Any]:
    """The rows of a table, of which `make test` tries those alone whose first value is in `quick`.

    A row that is a `pytest.param` already says itself when it is tried.
    """
    return [row if _is_param(row) or _values(row)[0] in quick else _left_out(row) for row in rows]


def _is_param(row: Any) -> bool:
    return hasattr(row, "marks")


def _values(row: Any) -> tuple[Any, ...]:
    return row if isinstance(row, tuple) else (row,)


def _left_out(row: Any) -> Any:
    return pytest.param(*_values(row), marks=pytest.mark.thorough)
