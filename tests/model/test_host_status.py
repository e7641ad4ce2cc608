"""How a host fares, in the contract's words; and receipts of several calls together."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from harvester.model.host_status import HoldReason, HostStatus, in_words
from harvester.model.receipt import Receipt, by_host

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=5)
TIME = r"\d\d:\d\d \S+"


@pytest.mark.parametrize(
    ("host_status", "before", "afterwards"),
    [
        (None, "running", "running"),
        (
            HostStatus(HoldReason.RETRY_AFTER, SOON),
            "Figshare asks us to wait until TIME",
            "running",
        ),
        (
            HostStatus(HoldReason.THROTTLED, SOON),
            "Figshare asks us to slow down, waiting until TIME",
            "running",
        ),
        (
            HostStatus(HoldReason.UNREACHABLE, SOON),
            "Figshare is not answering, next try TIME",
            "Figshare is not answering, trying now",
        ),
        (
            HostStatus(HoldReason.UNREACHABLE, SOON, "proxy.example.org:3128"),
            "Figshare is not answering through the proxy proxy.example.org:3128, next try TIME",
            "Figshare is not answering through the proxy proxy.example.org:3128, trying now",
        ),
        (
            HostStatus(HoldReason.BLOCKED, SOON),
            "Figshare answers with a block page, next try TIME",
            "Figshare answers with a block page, trying now",
        ),
        (
            HostStatus(HoldReason.SLOWED, SOON),
            "going slower, as Figshare asked us to; at full pace again TIME",
            "running",
        ),
        (
            HostStatus(HoldReason.RETRY_BUDGET),
            "repeating slowly, as many requests fail",
            "repeating slowly, as many requests fail",
        ),
    ],
)
def test_a_hosts_status_is_told_until_its_time_has_come(
    host_status: HostStatus | None, before: str, afterwards: str
) -> None:
    assert re.sub(TIME, "TIME", in_words(host_status, NOON)) == before
    assert in_words(host_status, SOON) == afterwards


def test_every_status_of_a_host_has_its_words() -> None:
    for why in HoldReason:
        for until in (None, NOON - timedelta(1), NOON + timedelta(1)):
            assert in_words(HostStatus(why, until), NOON)


def test_calls_are_added_up_by_host() -> None:
    """Between two calls nothing was sent, so the pause between them slows no mean."""
    first = Receipt("a", 11, 1, 2, 3, 4, 5, 6.0, seconds=10.0, busiest=2)
    second = Receipt("a", 21, 1, 1, 1, 1, 1, 1.0, seconds=5.0, busiest=7)
    other = Receipt("b", 1)

    both, alone = by_host([first, other, second])

    assert both == Receipt("a", 32, 2, 3, 4, 5, 6, 7.0, 15.0, busiest=7, calls=2)
    assert both.mean_per_second == 2.0
    assert alone == other
    assert alone.mean_per_second == 0.0
