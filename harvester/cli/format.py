"""Numbers, times and moments as people read them."""

from __future__ import annotations

from datetime import datetime

_LONGEST = 300


def count(number: int, thing: str, things: str | None = None) -> str:
    """`1 request`, `12,345 requests`."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


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


def plain(text: str) -> str:
    """A line that may hold somebody else's words, fit for a terminal.

    What steers a terminal, turns the direction of reading or cannot be seen becomes a space.
    """
    return "".join(each if each.isprintable() else " " for each in text)


def short(text: str) -> str:
    """The same, cut where it is longer than anybody reads."""
    return plain(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def pace(requests_per_second: float | None) -> str:
    """`1 a second`; without a limit: `as fast as they are answered`."""
    if requests_per_second is None:
        return "as fast as they are answered"
    return f"at {requests_per_second:g} a second"
