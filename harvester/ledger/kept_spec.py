"""A run's spec as the ledger keeps it: long lists of ids stand beside it, once for all runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import orjson

_LONG = 1000  # ids; a shorter list costs less than its name
_MARK = "$ids"  # no key of a spec begins like this


def packed(spec: Any, keep: Callable[[str, str], None]) -> Any:
    """A spec with the name of each long list of ids in its place.

    Args:
        keep: takes the name and the text of such a list.
    """
    if isinstance(spec, dict):
        return {key: packed(value, keep) for key, value in spec.items()}
    if not isinstance(spec, list):
        return spec
    if len(spec) < _LONG or not all(type(each) is int for each in spec):
        return [packed(each, keep) for each in spec]
    name, text = named(spec)
    keep(name, text)
    return {_MARK: name}


def unpacked(spec: Any, ids_of: Callable[[str], Sequence[int]]) -> Any:
    """The spec as it was before; one from before lists were packed comes back as it is."""
    if isinstance(spec, list):
        return [unpacked(each, ids_of) for each in spec]
    if not isinstance(spec, dict):
        return spec
    if spec.keys() == {_MARK}:
        return list(ids_of(spec[_MARK]))
    return {key: unpacked(value, ids_of) for key, value in spec.items()}


def named(ids: Sequence[int]) -> tuple[str, str]:
    """A list of ids as text, and the name it is kept under: its SHA-256."""
    text = orjson.dumps(list(ids)).decode()
    return hashlib.sha256(text.encode()).hexdigest(), text
