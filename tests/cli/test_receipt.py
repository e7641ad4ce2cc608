"""The politeness receipt in words."""

from __future__ import annotations

import pytest

from harvester.cli.receipt import receipt_lines
from harvester.model.receipt import Receipt

HOST = "https://stats.figshare.com"
ONE = Receipt(HOST, sent=1, busiest=1)
MANY = Receipt(HOST, 61, repeats=2, limited=1, pauses=1, paused_seconds=60, seconds=120, busiest=2)


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        pytest.param(ONE, "1 request, never asked to slow down", id="no time between one send"),
        pytest.param(ONE + ONE, "2 requests, never asked to slow down", id="one in each call"),
        pytest.param(
            MANY,
            "61 requests in 2 min, 0.50 a second on average, 2 in the busiest second, 2 repeats,"
            " once asked to slow down, 1 pause kept (1 min)",
            id="many",
        ),
        pytest.param(
            MANY + ONE,
            "62 requests in 2 min, 0.50 a second on average, 2 in the busiest second, 2 repeats,"
            " once asked to slow down, 1 pause kept (1 min)",
            id="the mean is of what was sent one after the other",
        ),
    ],
)
def test_the_receipt_of_one_host_counts_sends_repeats_and_pauses(
    receipt: Receipt, line: str
) -> None:
    assert list(receipt_lines([receipt])) == [line]


def test_several_hosts_are_named() -> None:
    other = Receipt("https://api.figshare.com", sent=1, busiest=1)
    assert [line.partition(": ")[0] for line in receipt_lines([ONE, other])] == [
        f"to {HOST}",
        "to https://api.figshare.com",
    ]
