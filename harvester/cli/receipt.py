"""The politeness receipt: what a host can be shown when it asks what was done to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harvester.cli.format import count, duration
from harvester.model.receipt import Receipt


def receipt_lines(receipts: Sequence[Receipt]) -> Iterator[str]:
    """A line for each host; its name only where there are several."""
    for each in receipts:
        to = f"to {each.host}: " if len(receipts) > 1 else ""
        yield f"{to}{', '.join(_facts(each))}"


def _facts(receipt: Receipt) -> Iterator[str]:
    sent = count(receipt.sent, "request")
    if receipt.mean_per_second:
        yield f"{sent} in {duration(receipt.seconds)}"
        yield f"{receipt.mean_per_second:.2f} a second on average"
        yield f"{receipt.busiest} in the busiest second"
    else:
        # One send, or one in each call: no time lies between its sends.
        yield sent
    if receipt.repeats:
        yield count(receipt.repeats, "repeat")
    if receipt.probes:
        yield count(receipt.probes, "probe")
    if receipt.blocked:
        yield count(receipt.blocked, "block page")
    if not receipt.limited:
        yield "never asked to slow down"
        return
    times = "once" if receipt.limited == 1 else f"{receipt.limited:,} times"
    pauses = count(receipt.pauses, "pause")
    yield f"{times} asked to slow down, {pauses} kept ({duration(receipt.paused_seconds)})"
