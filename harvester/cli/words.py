"""Numbers, times and moments as people read them."""

from __future__ import annotations

from datetime import datetime


def count(number: int, thing: str) -> str:
    """`1 request`, `12,345 requests`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def duration(seconds: float) -> str:
    """The two largest units: `8 d 16 h`, `3 h 25 min`, `40 s`."""
    whole = round(seconds)
    if whole < 1:
        return "less than a second"
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts = []
    for name, length in units:
        if whole >= length:
            parts.append(f"{whole // length} {name}")
            whole %= length
        elif parts:
            parts.append(f"0 {name}")
    return " ".join(part for part in parts[:2] if not part.startswith("0 "))


def local(moment: datetime) -> str:
    """A moment on the reader's clock, with its zone: `2026-11-23 14:05 CET`."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M %Z")


def pace(requests_per_second: float | None) -> str:
    """`1 a second`; without a limit: `as fast as they are answered`."""
    if requests_per_second is None:
        return "as fast as they are answered"
    return f"at {requests_per_second:g} a second"
