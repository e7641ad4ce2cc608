"""What keeps requests to a host back, and how that is said: the contract's plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RUNNING = "running"


class Why(StrEnum):
    """What keeps requests back."""

    ASKED = "asked"  # the host named a time
    LIMITED = "limited"  # it asked to slow down, and named none
    SILENCE = "silence"  # it is down; one request at a time probes
    WALL = "wall"  # block pages; likewise
    SLOWED = "slowed"  # all go, but slower than configured
    REPEATS = "repeats"  # all go, but repeats wait long


@dataclass(frozen=True, slots=True)
class Plight:
    """How a host fares that is not well.

    Attributes:
        until: when the gate opens, the next probe goes out, or the pace is what it was.
    """

    why: Why
    until: datetime | None = None


# What is said before the time has come, and from then on until something is heard.
_BEFORE = {
    Why.ASKED: "Figshare asks us to wait until {time}",
    Why.LIMITED: "Figshare asks us to slow down, waiting until {time}",
    Why.SILENCE: "Figshare is not answering, next try {time}",
    Why.WALL: "Figshare answers with a block page, next try {time}",
    Why.SLOWED: "going slower, as Figshare asked us to; at full pace again {time}",
    Why.REPEATS: "repeating slowly, as many requests fail",
}
_AFTERWARDS = {
    Why.SILENCE: "Figshare is not answering, trying now",
    Why.WALL: "Figshare answers with a block page, trying now",
}


def in_words(plight: Plight | None, now: datetime) -> str:
    """How a host fares at this moment: `running`, or why not, or why only slowly."""
    if plight is None:
        return RUNNING
    if plight.until is None:
        return _BEFORE[plight.why]
    if plight.until <= now:
        return _AFTERWARDS.get(plight.why, RUNNING)
    return _BEFORE[plight.why].format(time=clock_time(plight.until, now))


def clock_time(moment: datetime, now: datetime) -> str:
    """A moment on the local clock, with its zone; with its date when that is not today."""
    local, today = moment.astimezone(), now.astimezone().date()
    # Rounded up: who comes at the minute named must not come too early.
    if local.second or local.microsecond:
        local = (local.replace(second=0, microsecond=0) + timedelta(minutes=1)).astimezone()
    text = f"{local:%H:%M} {local.tzname()}"
    return text if local.date() == today else f"{local:%Y-%m-%d} {text}"
