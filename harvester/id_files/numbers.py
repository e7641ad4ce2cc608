"""Whole numbers as spreadsheets write them: exact, or refused."""

from __future__ import annotations

import re
from decimal import Decimal

from harvester.model.entity import ID_DIGITS
from harvester.model.suggestions import quoted

# A spreadsheet keeps 15 digits of a number, and a double is exact up to 2**53: a larger one
# may be another id's.
SPREADSHEET_DIGITS = 15
_MOST_BITS = 4096
_MOST_DIGITS = 100  # of a decimal that is written out to be judged

_PLAIN = re.compile(r"[0-9]+")
_SIGNED = re.compile(r"[-+\u2212][0-9][0-9.,]*")
# `1,234` is a thousand to some and a little more than one to others.
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,'\u2019 \u00a0\u2009\u202f][0-9]{3})+")
_DECIMAL = re.compile(r"([0-9]+)[.,]([0-9]*)")
_POWER = re.compile(r"([0-9]{1,40})(?:[.,]([0-9]{0,40}))?[eE]([-+]?[0-9]{1,3})")


def number(text: str) -> int | str | None:
    """The id that a number in a cell is; a sentence if it is none; None: it is no number."""
    if _PLAIN.fullmatch(text):
        return _plain(text)
    if found := _POWER.fullmatch(text):
        return _power(text, found[1], found[2] or "", int(found[3]))
    if _GROUPED.fullmatch(text):
        return f"{quoted(text)} is no id: write it without separators, {_digits(text)}"
    if found := _DECIMAL.fullmatch(text):
        return _not_whole(text) if found[2].strip("0") else _plain(found[1])
    is_signed = _SIGNED.fullmatch(text)
    return f"{quoted(text)} has a sign, and an id has none" if is_signed else None


def whole(value: int) -> int | str:
    """A number that was a number in its file already, as an id; or a sentence."""
    if 0 < value < 10**ID_DIGITS:
        return value
    if value.bit_length() > _MOST_BITS:  # Python refuses to write it out
        return f"this number is no id: an id has at most {ID_DIGITS} digits"
    return f"{quoted(value)} is no id: ids are 1 or more" if value < 1 else _too_long(str(value))


def fraction(value: float | Decimal) -> int | str:
    """A float or decimal of a file as an id, if it is a whole number that lost nothing."""
    exact = Decimal(value)
    if not exact.is_finite() or (abs(exact) < 10**ID_DIGITS and exact != int(exact)):
        return _not_whole(value)
    if isinstance(value, float) and value >= 10**SPREADSHEET_DIGITS:
        return (
            f"{quoted(value)} has more digits than a spreadsheet keeps ({SPREADSHEET_DIGITS}): "
            "write the id as a text"
        )
    return whole(int(exact)) if abs(exact) < 10**_MOST_DIGITS else whole(10**_MOST_DIGITS)


def _plain(digits: str) -> int | str:
    bare = digits.lstrip("0")
    if not bare:
        return f"{quoted(digits)} is no id: ids are 1 or more"
    if bare != digits:
        return f"{quoted(digits)} begins with 0, as no id does: write {quoted(bare)[1:-1]}"
    return int(digits) if len(digits) <= ID_DIGITS else _too_long(digits)


def _power(text: str, before: str, after: str, exponent: int) -> int | str:
    """`1.234E+03`: an id only if every one of its digits is shown.

    1.23457E+06 may stand for any number from 1234565 to 1234574: Excel shows as many digits
    as fit. So a digit that is not written is one that nobody knows, even where it was 0.
    """
    hidden = exponent - len(after)
    if hidden > 0:
        return (
            f"{quoted(text)} is rounded, {_lost(hidden)}: in Excel format the "
            "column as a number without decimals, and save the file again"
        )
    digits = (before + after).lstrip("0")
    kept, beyond = digits[:hidden] if hidden else digits, digits[hidden:] if hidden else ""
    if beyond.strip("0"):
        return _not_whole(text)
    return _plain(kept or "0")


def _not_whole(written: object) -> str:
    return f"{quoted(written)} is no whole number, and an id is one"


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdecimal())[:ID_DIGITS]


def _lost(hidden: int) -> str:
    return "its last digit is lost" if hidden == 1 else f"its last {hidden} digits are lost"


def _too_long(digits: str) -> str:
    return f"{quoted(digits)} has {len(digits)} digits: an id has at most {ID_DIGITS}"
