"""How a host fares, why requests are held back, and how that is said in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RUNNING = "running"


class HoldReason(StrEnum):
    """Why requests to a host are held back."""

    RETRY_AFTER = "asked"  # the host named a time
    THROTTLED = "limited"  # it asked to slow down, and named none
    UNREACHABLE = "silence"  # it is down; one request at a time probes
    BLOCKED = "wall"  # block pages; likewise
    SLOWED = "slowed"  # all go, but slower than configured
    RETRY_BUDGET = "repeats"  # all go, but repeats wait long


@dataclass(frozen=True, slots=True)
class HostStatus:
    """How a host fares that is not well: why requests are held back, and until when.

    Attributes:
        until: when the gate opens, the next probe goes out, or the pace is what it was.
        through: the proxy that requests go through, if it may be to blame; empty: none.
    """

    why: HoldReason
    until: datetime | None = None
    through: str = ""


# What is said before the time has come, and from then on until something is heard.
_BEFORE = {
    HoldReason.RETRY_AFTER: "Figshare asks us to wait until {time}",
    HoldReason.THROTTLED: "Figshare asks us to slow down, waiting until {time}",
    HoldReason.UNREACHABLE: "Figshare is not answering{through}, next try {time}",
    HoldReason.BLOCKED: "Figshare answers with a block page, next try {time}",
    HoldReason.SLOWED: "going slower, as Figshare asked us to; at full pace again {time}",
    HoldReason.RETRY_BUDGET: "repeating slowly, as many requests fail",
}
_AFTERWARDS = {
    HoldReason.UNREACHABLE: "Figshare is not answering{through}, trying now",
    HoldReason.BLOCKED: "Figshare answers with a block page, trying now",
}


def in_words(host_status: HostStatus | None, now: datetime) -> str:
    """How a host fares at this moment: `running`, or why not, or why only slowly."""
    if host_status is None:
        return RUNNING
    through = f" through the proxy {host_status.through}" if host_status.through else ""
    time = ""
    said = _BEFORE[host_status.why]
    if host_status.until and host_status.until <= now:
        said = _AFTERWARDS.get(host_status.why, RUNNING)
    elif host_status.until:
        time = clock_time(host_status.until, now)
    return said.format(through=through, time=time)


def clock_time(moment: datetime, now: datetime) -> str:
    """A moment on the local clock, with its zone; with its date when that is not today."""
    local, today = moment.astimezone(), now.astimezone().date()
    # Rounded up: who comes at the minute named must not come too early.
    if local.second or local.microsecond:
        local = (local.replace(second=0, microsecond=0) + timedelta(minutes=1)).astimezone()
    text = f"{local:%H:%M} {local.tzname()}"
    return text if local.date() == today else f"{local:%Y-%m-%d} {text}"
