"""What a plain word of YAML stands for, and which spellings are refused.

The YAML 1.2 core schema where it and YAML 1.1 agree. Where they do not (0123, 1_000,
12:30:45), two programs would read two values, so neither is taken. Booleans of YAML 1.1
(yes, no, on, off) are read as such: where a word belongs, they are refused as booleans.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OddScalar:
    """A value that no key takes.

    Attributes:
        why: the sentence for the user; empty where a mistake is already told.
        number: the whole number it may have been meant to be.
    """

    why: str
    number: int | None = None


TOLD = OddScalar("")

_BOOLEANS = {
    spelling: value
    for word, value in {
        "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False,
    }.items()
    for spelling in (word, word.capitalize(), word.upper())
}  # fmt: skip
_NOTHING = {"", "~", "null", "Null", "NULL"}

_PLAIN_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_UNDERSCORED = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*")
_BASED = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# What can begin a number at all; nearly every word is told apart here.
_NUMERIC = frozenset("+-.0123456789")
_LONGEST = 40
# Spelling, what is wrong with it, and the base in which it was probably meant.
_TRAPS = (
    (_LEADING_ZERO, "can be read as an octal number", 10),
    (_UNDERSCORED, "is not a plain number", 10),
    (_BASED, "is not a decimal number", 0),
)


def plain_value(text: str) -> object:
    """The value of a scalar written without quotes: int, float, bool, str or Odd."""
    if _PLAIN_NUMBER.fullmatch(text):  # nearly every id
        return int(text)
    if text in _NOTHING:
        return OddScalar("has no value: write one, or leave it out")
    if text[0] in _NUMERIC:
        return _numeric(text)
    return _BOOLEANS.get(text, text)


def _numeric(text: str) -> object:
    if odd := _odd_number(text):
        return odd
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _odd_number(text: str) -> OddScalar | None:
    """A number that is refused however it is meant, or None."""
    bare = text.replace("_", "")
    forms = (_INTEGER, _LEADING_ZERO, _UNDERSCORED, _BASED, _SEXAGESIMAL, _FLOAT)
    if len(text) > _LONGEST and any(form.fullmatch(text) for form in forms):
        return OddScalar(f"this number has {len(text)} characters: too long for any value here")
    if _NO_NUMBER.fullmatch(text):
        return OddScalar(f"{text} is not a number that can be used here")
    if _SEXAGESIMAL.fullmatch(text):
        return OddScalar(
            f"{text} can be read as a number to the base 60: put it in quotes, '{text}'"
        )
    for form, trap, base in _TRAPS:
        if form.fullmatch(text):
            number = int(bare, base)
            return OddScalar(f"{text} {trap}: write {number}, or '{text}' for a text", number)
    return None
