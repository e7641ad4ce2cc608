"""Texts that strangers wrote, made harmless; numbers and dates as people read them."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote

# Steering characters: C0 and C1 (terminal escapes begin with one of them), bidirectional marks,
# overrides and isolates (they turn "gnp.exe" around), zero-width ones, and line separators.
STEERING = (
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    r"\ufffe\uffff]"
)
_STEERING = re.compile(STEERING)
_SPACES = re.compile(r"\s+")
_LONGEST = 160
_DOI = re.compile(r"10\.\d{4,9}/\S{1,200}")


def shown(text: str | None, longest: int = _LONGEST) -> str:
    """A stranger's text on one line: no steering characters, shortened; empty for None."""
    if not text:
        return ""
    # A title of megabytes must not cost more than what is shown of it.
    calm = _SPACES.sub(" ", _STEERING.sub(" ", text[: longest * 4])).strip()
    if len(calm) <= longest and len(text) <= longest * 4:
        return calm
    return f"{calm[: longest - 1].rstrip()}…"


def doi_link(doi: str | None) -> str | None:
    """Where a DOI leads; None: it is none."""
    bare = (doi or "").strip().removeprefix("https://doi.org/").removeprefix("doi:")
    if not _DOI.fullmatch(bare) or _STEERING.search(bare):
        return None
    return f"https://doi.org/{quote(bare, safe='/():;.-_')}"


def web_link(url: str | None) -> str | None:
    """An address that a page may link to; None: it is no plain https or http one."""
    text = url or ""
    if len(text) > 500 or not re.fullmatch(r"https?://[^\s<>\"'`\\]+", text):
        return None
    return None if _STEERING.search(text) else text


def count(number: int, thing: str, things: str | None = None) -> str:
    """`1 article`, `12,345 articles`."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def share(part: float, whole: float) -> str:
    """`12.3 %`; never `0.0 %` for something, never `100.0 %` for less than all."""
    if not whole:
        return "-"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if part < whole and percent > 99.9:
        return "> 99.9 %"
    return f"{percent:.1f} %"


def signed(part: float, whole: float) -> str:
    """`+5.0 %`; less than nothing with a real minus."""
    return f"{100 * part / whole:+.1f} %".replace("-", "\N{MINUS SIGN}")


def day(when: date | None) -> str:
    """`23 November 2026`; empty for None."""
    return f"{when.day} {when:%B %Y}" if when else ""


def month(when: date) -> str:
    """`November 2026`."""
    return f"{when:%B %Y}"


def between(first: date | None, last: date | None) -> str:
    """`1 January 2015 to 22 November 2026`; one day once; empty without dates."""
    if first is None or last is None:
        return day(first or last)
    return day(first) if first == last else f"{day(first)} to {day(last)}"
