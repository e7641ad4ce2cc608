"""How a user's own words are shown in a sentence, and what a misspelt one probably means."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60


def quoted(value: object) -> str:
    """What the user wrote, in quotes, on one line and not too long."""
    text = str(value)
    return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def suggestion(wrong: str, right: Iterable[str]) -> str:
    """`: did you mean 'views'?`, or nothing when nothing is near."""
    near = nearest(wrong, right)
    return f": did you mean {near!r}?" if near else ""


def nearest(wrong: str, right: Iterable[str]) -> str | None:
    """The word that a misspelt one is nearest to; None: nothing is near."""
    names = [str(each) for each in right]
    return next(iter(get_close_matches(wrong[:_LONGEST].lower(), names, n=1)), None)
