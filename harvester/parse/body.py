"""What all bodies have in common: JSON objects, counts, no key twice."""

from __future__ import annotations

import json
import struct
import sys
from array import array
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

import orjson

# Counts are JSON numbers: from 2**53 on, a service that counts in doubles loses single events,
# and orjson turns integers beyond 64 bits into floats without a word.
TOO_MANY = 2**53

_JSON_WORDS = {None: "null", True: "true", False: "false"}


class ShapeError(Exception):
    """A body does not have the shape of an answer; the sentence says where it departs."""


def document(body: bytes) -> dict[str, Any]:
    """The body as a JSON object that is not an error.

    Raises:
        ShapeError: no JSON, no object, or Figshare's form of an error, which is an
            error whatever the status (figshare-api, errors: `code` and `message`).
    """
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # The exception holds the whole body: only its sentence travels on.
        raise ShapeError(f"the body is not JSON ({error})") from None
    if type(read) is not dict:
        raise ShapeError(f"the body is {shown(read)}, not an object")
    if "code" in read and "message" in read:
        raise ShapeError(f"the body is an error, {shown(read['code'])}: {shown(read['message'])}")
    return read


def answer(body: bytes, word: str) -> dict[str, Any]:
    """The object under the answer's one known key; null, which means nothing, becomes {}.

    Raises:
        ShapeError: another document, no such key, or neither an object nor null under it.
    """
    read = document(body)
    if word not in read:
        raise ShapeError(f"the body has no {word!r}, but {listed(read)}")
    found = {} if read[word] is None else read[word]
    if type(found) is not dict:
        raise ShapeError(f"{word!r} is {shown(found)}, not an object")
    return found


def refuse_other_than_counts(values: Collection[object], *names: Sequence[str]) -> None:
    """Every value must be an integer from 0 to 2**53 - 1, and no boolean.

    Args:
        values: what the body has where counts belong.
        names: columns as long as `values` that name each value in the complaint.

    Raises:
        ShapeError: naming the first value that is none.
    """
    # Three passes in C for thousands of values; `type`, because True is an int, too.
    if not values:
        return
    if set(map(type, values)) == {int}:
        numbers: Collection[Any] = values
        if min(numbers) >= 0 and max(numbers) < TOO_MANY:
            return
    for place, value in enumerate(values):
        if type(value) is not int or not 0 <= value < TOO_MANY:
            path = ", ".join(shown(column[place]) for column in names)
            raise ShapeError(f"value {shown(value)}{path and ' of '}{path} is not a count")


def surely_counts(values: Sequence[int], body: bytes) -> array[int] | None:
    """Values of a body as numbers, if every one is surely a count; None: look one by one.

    For the hundreds of a busy timeline: a third of the cost of `refuse_other_than_counts`.

    Args:
        body: holds no word beside the names of periods and those of JSON.
    """
    # A boolean would pass for a number: of `true` and `false` one letter each is looked for,
    # which stands nowhere else in such a body.
    if b"u" in body or b"s" in body:
        return None
    try:
        # Half of what `array` takes for a list.
        numbers = array("q", _packer(len(values)).pack(*values))
    except struct.error:
        return None
    # The bits that negative and too large numbers have, of all numbers at once.
    found = int.from_bytes(numbers.tobytes(), sys.byteorder)
    return None if found & _beyond_counts(len(numbers)) else numbers


@lru_cache(maxsize=256)
def _packer(length: int) -> struct.Struct:
    return struct.Struct(f"{length}q")


@lru_cache(maxsize=256)
def _beyond_counts(length: int) -> int:
    beyond = array("Q", (2**64 - TOO_MANY,)) * length
    return int.from_bytes(beyond.tobytes(), sys.byteorder)


def refuse_repeated_keys(body: bytes, keys_read: int) -> None:
    """No object may hold a key twice: JSON leaves open which value is meant, orjson takes the last.

    `{"timeline": {…}, "timeline": null}` would otherwise read as "nothing happened".

    Args:
        body: a body that `document` has read.
        keys_read: how many keys its answer has after reading, in all objects together.

    Raises:
        ShapeError: naming the key.
    """
    # Each member of an object has one colon outside its strings, so as many colons as keys read
    # means that none was dropped. More colons may also be text or keys that nobody read.
    if body.count(b":") == keys_read:
        return
    try:
        json.loads(body, object_pairs_hook=_once_each)
    except RecursionError:
        raise ShapeError("the body is nested too deeply") from None


def _once_each(members: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for key, _ in members:
        if key in seen:
            raise ShapeError(f"the key {shown(key)} stands twice in one object")
        seen.add(key)


def shown(value: object) -> str:
    """A JSON value for a sentence: short, and with no control characters for a terminal."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:57]}...")
    if value is None or isinstance(value, bool):
        return _JSON_WORDS[value]
    return repr(value)


def listed(keys: Collection[str]) -> str:
    """The first keys of an object for a sentence."""
    first = [shown(key) for key, _ in zip(keys, range(3), strict=False)]
    more = [] if len(keys) <= 3 else [f"{len(keys) - 3} more"]
    return ", ".join(first + more) or "no key at all"
