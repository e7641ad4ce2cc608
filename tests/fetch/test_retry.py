"""Waits: full jitter, and Retry-After in both its forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.fetch.retry import (
    CAP_SECONDS,
    LONGEST_ASKED_SECONDS,
    backoff_seconds,
    retry_after_seconds,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = format_datetime(NOW + timedelta(minutes=5), usegmt=True)
AT_NOON = format_datetime(NOW, usegmt=True)


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_full_jitter_lies_between_nothing_and_the_doubled_cap(failures: int, chance: float) -> None:
    wait = backoff_seconds(failures, chance)

    assert 0 <= wait <= min(CAP_SECONDS, 2.0 ** min(failures - 1, 10))
    assert wait == chance * min(CAP_SECONDS, 2.0 ** min(failures - 1, 10))


@given(failures=st.integers(1, 100), chance=st.floats(0, 1, exclude_max=True))
def test_short_of_budget_retries_become_slow(failures: int, chance: float) -> None:
    slow = backoff_seconds(failures, chance, is_short_of_budget=True)

    assert CAP_SECONDS / 2 <= slow <= CAP_SECONDS
    assert slow >= backoff_seconds(failures, chance)


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        pytest.param("120", None, 120.0, id="seconds"),
        pytest.param(" 0 ", None, 0.0, id="none at all"),
        pytest.param(LATER, AT_NOON, 300.0, id="a date against the reply's own"),
        pytest.param(
            LATER,
            format_datetime(NOW + timedelta(minutes=3), usegmt=True),
            120.0,
            id="a date against another clock than ours",
        ),
        pytest.param(LATER, None, 300.0, id="a date without a Date"),
        pytest.param(LATER, "garbage", 300.0, id="a date with a garbage Date"),
        pytest.param(AT_NOON, LATER, None, id="a date in the past"),
        pytest.param("-5", None, None, id="negative"),
        pytest.param("1.5", None, None, id="fraction"),
        pytest.param("soon", None, None, id="garbage"),
        pytest.param("", None, None, id="empty"),
        pytest.param(None, None, None, id="missing"),
        pytest.param("604800", None, 604_800.0, id="a week"),
        pytest.param("604801", None, 604_801.0, id="a week and a second"),
        pytest.param("1700000000", None, LONGEST_ASKED_SECONDS, id="a time stamp"),
        pytest.param("9" * 400, None, LONGEST_ASKED_SECONDS, id="a number nobody can wait"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", AT_NOON, LONGEST_ASKED_SECONDS, id="never"),
        pytest.param("\u0662", None, None, id="a digit of another script"),
        pytest.param("Mon, 99 Foo 2026 12:00:00 GMT", AT_NOON, None, id="no such date"),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    header: str | None, date: str | None, seconds: float | None
) -> None:
    assert retry_after_seconds(header, date, NOW) == seconds


@given(header=st.text(), date=st.none() | st.text())
def test_any_retry_after_header_is_read_or_ignored(header: str, date: str | None) -> None:
    asked = retry_after_seconds(header, date, NOW)

    assert asked is None or asked >= 0
