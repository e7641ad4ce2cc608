"""Titles and names, among them some that hurt: formulas, markup, other directions, great length."""

from __future__ import annotations

from typing import Final

from harvester.simulator.seeded import Salt, mix

_WHAT: Final = (
    "Data for",
    "Supplement to",
    "A survey of",
    "Images of",
    "Code behind",
    "Études sur",
)
_WHICH: Final = ("rural", "micro-scale", "nineteenth-century", "β-sheet", "urban", "early")
_WHOSE: Final = ("water quality", "fatigue cracks", "letters", "protein folding", "bus travel")
_HOSTILE: Final = (
    '=HYPERLINK("http://elsewhere.invalid","click")',
    "<script>alert(1)</script>",
    "+1-2 @SUM(A1) \t-3",
    "right \u202eto left\u202c and back \u2066again\u2069",
    "A very long title " * 120,
    "quotes \" and ' and ; and , and\nnew lines\r\n",
    "terminal \x1b[31mred\x1b[0m and \x07",
    "",
    "emoji 👩🏽‍🔬, 中文, עברית, العربية",
)
_NAMES: Final = ("Ana", "Björn", "Chidi", "Đỗ", "Eve", "Fatima", "Óscar", "=1+1", "<b>Gil</b>")


def title_of(seed: int, kind: str, number: int) -> str:
    """The title of an item; about one in fifteen is hostile."""
    bits = mix(seed, Salt.TITLE, *kind.encode(), number)
    if bits % 15 == 0:
        return _HOSTILE[bits // 15 % len(_HOSTILE)]
    what = _WHAT[bits // 16 % len(_WHAT)]
    which = _WHICH[bits // 128 % len(_WHICH)]
    return f"{what} {which} {_WHOSE[bits // 1024 % len(_WHOSE)]} ({number})"


def name_of(seed: int, number: int) -> tuple[str, str]:
    """An author's first and last name."""
    bits = mix(seed, Salt.AUTHORS, number, 1)
    return _NAMES[bits % len(_NAMES)], f"Author-{number}"
