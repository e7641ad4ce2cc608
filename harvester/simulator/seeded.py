"""Numbers that look random and are always the same for the same question."""

from __future__ import annotations

from enum import IntEnum
from hashlib import blake2b
from typing import Final

_MASK: Final = (1 << 64) - 1


class Salt(IntEnum):
    """What a throw is for, so that two throws about one item do not agree by accident."""

    RATE = 1
    HAS_EVENTS = 2
    YEAR = 3
    FIRST_EVENT = 4
    ACTIVE_MONTH = 5
    SCOPE = 6
    LATE = 7
    PLACE = 8
    HOME = 9
    REFERRAL = 10
    IDS = 11
    ONLINE = 12
    GROUP = 13
    PARENT = 14
    ITEM_TYPE = 15
    CATEGORY = 16
    AUTHORS = 17
    VERSION = 18
    TITLE = 19
    WITHDRAWN = 20
    ORDER = 21
    FAULT = 22
    LATENCY = 23
    EDITED = 24


def mix(*numbers: int) -> int:
    """Turn whole numbers into 64 bits that share nothing visible with them (splitmix64)."""
    bits = 0x9E3779B97F4A7C15
    for number in numbers:
        bits = ((bits ^ number) * 0xBF58476D1CE4E5B9 + 0x632BE59BD9B4E019) & _MASK
        bits ^= bits >> 29
    bits = bits * 0x94D049BB133111EB & _MASK
    return bits ^ (bits >> 31)


def share(bits: int) -> float:
    """64 bits as a number in [0, 1)."""
    return (bits >> 11) / (1 << 53)


def quick(number: int, salt: int) -> int:
    """About 31 bits for `number` at a fifth of the cost of `mix`, for throws made once a day."""
    return ((number ^ salt) * 0x9E3779B97F4A7C15 & _MASK) >> 33


def text_bits(text: str) -> int:
    """64 bits for a text, the same in every process (unlike `hash`)."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
